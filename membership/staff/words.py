"""What the newsroom's pages call things that the rows name by a key."""

from collections.abc import Mapping

from membership.i18n import N_

LETTERS = {
    "sign_in": N_("A way to sign in"),
    "welcome": N_("Welcome"),
    "receipt": N_("Receipt for a gift"),
    "receipt_renewal": N_("Receipt for a renewal"),
    "payment_late": N_("A payment is late"),
    "payment_late_again": N_("A payment is still late"),
    "ended": N_("The support has ended"),
    "change_planned": N_("A change is planned"),
    "change_unpaid": N_("A change was not paid"),
    "changed": N_("The support was changed"),
    "paused": N_("The support rests"),
    "pause_ending": N_("A pause is ending"),
    "resumed": N_("The support goes on after a pause"),
    "made_once": N_("A gift was made a one-off"),
    "price_rise": N_("A price will rise"),
    "stopping": N_("The support is ending"),
    "continuing": N_("The support goes on"),
    "already_member": N_("Already a patron"),
    "not_welcome": N_("Regular support was not taken"),
    "erasure_under_way": N_("An erasure is under way"),
    "checkout_waiting": N_("A checkout waits"),
    "vote_receipt": N_("Receipt for a ballot"),
    "vote_withdrawn": N_("A ballot taken back"),
    "vote_struck": N_("A vote taken away"),
    "round_result": N_("The result of a vote"),
    "round_invitation": N_("An invitation to vote"),
    "round_reminder": N_("A reminder to vote"),
    "topic_news": N_("What became of a topic"),
    "debit_returned": N_("A debit was sent back"),
    "debit_refused": N_("The first debit was refused"),
    "gift_refused": N_("The debit of a gift was refused"),
    "disputed": N_("A payment is disputed"),
    "refunded": N_("Money given back"),
    "refund_failed": N_("Money given back did not arrive"),
    "bank_details": N_("How to send money by bank"),
    "gift_bought": N_("A membership was given"),
    "gift_code": N_("The code of a gift"),
    "gift_begun": N_("A gift was accepted"),
    "group_managed": N_("A group to look after"),
    "group_ending": N_("A group ends soon: to its manager"),
    "group_ending_soon": N_("A group ends soon: to the newsroom"),
    "seat_invitation": N_("An invitation to a seat"),
    "seat_lost": N_("A seat was lost"),
    "staff_invited": N_("Invitation to the newsroom's pages"),
    "round_not_opened": N_("A vote could not open"),
    "site_not_told": N_("A site is not told any more"),
}
JOBS = {
    "mail.send": N_("Sending a letter"),
    "events.process": N_("Working on news from Stripe"),
    "checkout.fulfil": N_("Recording a checkout"),
    "debits.end_refused": N_("Ending what a bank refused"),
    "intents.sweep": N_("Finishing what was begun"),
    "refunds.sweep": N_("Finishing refunds"),
    "sign_in.write": N_("Writing a way to sign in"),
    "rounds.turn": N_("Opening and closing votes"),
    "topics.tell": N_("Telling what became of a topic"),
    "erasures.turn": N_("Erasing who asked for it"),
    "events.forget": N_("Emptying what the provider told"),
    "versions.mark": N_("Noting how far each subscription has come"),
    "rounds.confirm": N_("Writing receipts to voters"),
    "rounds.invite": N_("Inviting voters"),
    "rounds.remind": N_("Reminding who has not voted"),
    "rounds.tell": N_("Telling voters the result"),
    "rounds.scrub": N_("Wiping the traces of a closed vote"),
    "gifts.turn": N_("Writing about gifts"),
    "groups.turn": N_("Writing about groups and seats"),
    "groups.forget": N_("Forgetting invitations that are over"),
    "renewals.write": N_("Writing about renewals"),
    "renewals.act": N_("Doing what late payments and pauses ask for"),
    "card.retry": N_("Trying a new card"),
    "once.finish": N_("Making a gift a one-off"),
    "bans.end_support": N_("Ending the support of somebody shut out"),
    "bans.close_page": N_("Closing the checkout of somebody shut out"),
    "payments.respond": N_("Answering a refund, a dispute or a warning"),
    "reconcile": N_("Comparing with Stripe"),
    "jobs.forget": N_("Forgetting work that is done"),
    "check": N_("Checking the books"),
    "notifications.tell": N_("Comparing what a site was told"),
    "notifications.sweep": N_("Finding what time alone has changed"),
    "notifications.send": N_("Telling a site"),
    "notifications.forget": N_("Forgetting what sites were told"),
    "connection.check": N_("Testing the connection of a site"),
    "idempotency.sweep": N_("Forgetting requests that were answered"),
}
PURPOSES = {
    "subscription": N_("Subscriptions"),
    "donation": N_("One-off gifts"),
    "gift": N_("Memberships for somebody else"),
    "grant": N_("Grants"),
    "other": N_("Of no payment"),
}
MOVED = {
    "refund": N_("Refund"),
    "return": N_("Debit sent back"),
    "dispute": N_("Dispute"),
    "write_off": N_("Given up"),
    "reversal": N_("Booking mended"),
}
STANDINGS = {
    "starting": N_("waits for its first payment"),
    "active": N_("runs"),
    "late": N_("late"),
    "ending": N_("ending"),
    "paused": N_("paused"),
    "ended": N_("ended"),
}
STATES = {
    "active": N_("Has access"),
    "grace": N_("Has access for the days of grace"),
    "paused": N_("Paused"),
    "ended": N_("Access has ended"),
    "none": N_("Never had access"),
}
REFUNDS = {
    "started": N_("written down"),
    "pending": N_("on its way"),
    "succeeded": N_("given back"),
    "failed": N_("failed"),
}
ROUNDS = {"draft": N_("draft"), "open": N_("open"), "closed": N_("closed"), "published": N_("result published")}
TOPICS = {
    "suggested": N_("suggested"),
    "merged": N_("merged"),
    "declined": N_("declined"),
    "shortlisted": N_("shortlisted"),
    "on_ballot": N_("on a ballot"),
    "chosen": N_("chosen"),
    "not_chosen": N_("not chosen"),
    "assigned": N_("being reported"),
    "published": N_("published"),
    "dropped": N_("dropped"),
}
BALLOTS = {
    "approval": N_("mark all that you want"),
    "single": N_("mark one"),
    "ranked": N_("put them in order"),
    "score": N_("give each a score"),
    "dots": N_("share out dots"),
}
INTERVALS = {"month": N_("every month"), "quarter": N_("every three months"), "year": N_("every year")}

METHODS = {
    "bank": N_("bank transfer"),
    "cheque": N_("cheque"),
    "cash": N_("cash"),
    "paypal": N_("PayPal"),
    "crypto": N_("cryptocurrency"),
    "in_kind": N_("in kind"),
    "grant": N_("grant"),
}
MATCHES = {
    "reference": N_("by her reference"),
    "suggested": N_("suggested"),
    "unknown": N_("not known whose"),
}

FLAGS = {
    "paywall_free": N_("reads everything"),
    "no_ads": N_("sees no advertisements"),
    "no_appeals": N_("is not asked for support"),
    "vote": N_("votes"),
}

SEATS = {
    "invited": N_("invited"),
    "expired": N_("the invitation is over"),
    "taken": N_("taken"),
    "ended": N_("ended"),
}

SCOPES = {
    "email": N_("ask about a reader by her e-mail"),
    "link": N_("tie its own number of a reader to ours"),
}

NOTIFICATIONS = {
    "decision.changed": N_("what a reader may see has changed"),
    "connection.test": N_("a test of the connection"),
}

WORDS: Mapping[str, Mapping[str, str]] = {
    "letter": LETTERS,
    "job": JOBS,
    "purpose": PURPOSES,
    "moved": MOVED,
    "standing": STANDINGS,
    "state": STATES,
    "refund": REFUNDS,
    "round": ROUNDS,
    "topic": TOPICS,
    "interval": INTERVALS,
    "method": METHODS,
    "ballot": BALLOTS,
    "match": MATCHES,
    "flag": FLAGS,
    "seat": SEATS,
    "scope": SCOPES,
    "notification": NOTIFICATIONS,
}


def word(key: str, kind: str) -> str:
    """Return the English word for a key, to be translated; a key without one stands for itself."""
    return WORDS[kind].get(key, key)
