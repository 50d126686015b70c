"""Money that came in is recorded once, whoever looks first and how often."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from membership.access.service import decide_for
from membership.clock import utc_now
from membership.db import session as reading
from membership.db import transaction
from membership.donations.models import Donation, DonationStatus, Purpose
from membership.ledger.models import Account, JournalTransaction
from membership.ledger.service import balances
from membership.mail.models import Letter
from membership.mail.rendering import compose
from membership.money import Money
from membership.patrons.models import Patron
from membership.payments import fulfilment
from membership.payments.fulfilment import Facts, bookings
from membership.payments.models import Payment, Refund, RefundStatus
from membership.payments.policy import Policy, carry
from membership.subscriptions.models import (
    IntentStatus,
    Invoice,
    InvoiceStatus,
    Subscription,
    SubscriptionIntent,
    SubscriptionStatus,
)
from membership.terms import service as terms
from tests.conftest import make_settings
from tests.factories import make_tier
from tests.payments.story import FIVE

pytestmark = pytest.mark.usefixtures("sound_books")


def the(model):
    reading().expire_all()
    return reading().scalars(select(model)).one()


def count(model):
    return reading().scalar(select(func.count()).select_from(model))


def letters():
    return list(reading().scalars(select(Letter.kind).order_by(Letter.id)))


def euros():
    return {account.value: minor for (account, _), minor in balances(reading()).items()}


def renew(story, subscription_id):
    """Let a subscription renew and record it; return the invoice's id."""
    story.gateway.renew(subscription_id)
    invoice = next(story.gateway.list_invoices_of(subscription_id))
    story.record(fulfilment.look_up_invoice(story.gateway, invoice.id))
    return invoice.id


@pytest.fixture
def subscribed(story):
    """Give a subscription that was paid and recorded; return its id at Stripe."""
    checkout = story.gateway.pay_checkout(story.open_subscription().id)
    story.fulfil(checkout.id)
    return checkout.subscription_id


@pytest.fixture
def gift(story):
    """Give a donation of 20 euros that was paid and recorded; return its payment at Stripe."""
    session_id = story.give()
    story.fulfil(session_id)
    return story.gateway.get_checkout(session_id).payment_intent_id


def test_a_gift_is_recorded_booked_and_receipted(story, gift):
    payment = the(Payment)

    assert (payment.gross, payment.source, payment.fee_minor) == (Money(2000, "eur"), "/south", None)
    assert payment.donation.status is DonationStatus.PAID
    assert payment.receipt_number == f"R-{utc_now().year}-000001"
    assert euros() == {"clearing": 2000, "donation_income": -2000}
    assert letters() == ["receipt"]


def test_a_new_subscription_is_recorded_booked_and_welcomed(story, subscribed):
    payment = the(Payment)

    assert payment.invoice.subscription.stripe_subscription_id == subscribed
    assert (payment.patron_id, payment.tier_id) == (the(Patron).id, the(Subscription).price.tier_id)
    assert (payment.source, the(SubscriptionIntent).status) == ("/north", IntentStatus.COMPLETED)
    assert euros() == {"clearing": 500, "subscription_income": -500}
    assert letters() == ["welcome"]


def test_the_welcome_carries_the_receipt(story, subscribed):
    payment, values = the(Payment), the(Letter).values

    assert values["receipt_number"] == payment.receipt_number
    assert values["receipt_url"] == f"/account/receipts/{payment.receipt_number}"
    assert (values["paid"], values["paid_at"]) == ({"minor": 500, "currency": "eur"}, payment.paid_at.isoformat())


def test_the_welcome_waits_for_the_payment_that_it_is_the_receipt_of(story):
    checkout = story.gateway.pay_checkout(story.open_subscription().id)
    facts = fulfilment.look_up_checkout(story.gateway, checkout.id)
    story.record(replace(facts, payments=()))
    before = letters()
    story.record(facts)

    assert (before, letters()) == ([], ["welcome"])
    assert "receipt_number" in the(Letter).values


def test_recording_twice_changes_nothing(story):
    session_id = story.give()
    first, second = story.fulfil(session_id), story.fulfil(session_id)

    assert first == second
    assert (count(Payment), count(JournalTransaction), count(Letter)) == (1, 1, 1)


def test_a_fee_that_is_known_late_is_booked_when_it_is(story, gift):
    story.gateway.settle()
    charge_id = the(Payment).stripe_charge_id
    for _ in range(2):
        story.record(fulfilment.look_up_charge(story.gateway, charge_id))

    assert the(Payment).fee_minor == 55
    assert euros() == {"clearing": 0, "donation_income": -2000, "fees": 55, "stripe": 1945}


def test_a_renewal_is_thanked_for_once(story, subscribed):
    for _ in range(2):
        renew(story, subscribed)

    assert euros()["subscription_income"] == -1500
    assert letters() == ["welcome", "receipt_renewal", "receipt_renewal"]


def test_a_renewal_that_fails_is_called_late_once(story, subscribed):
    for _ in range(3):
        story.gateway.fail_renewal(subscribed)
        invoice = next(story.gateway.list_invoices_of(subscribed))
        story.record(fulfilment.look_up_invoice(story.gateway, invoice.id))

    assert letters() == ["welcome", "payment_late"]
    assert euros()["subscription_income"] == -500


def test_grace_that_is_over_is_not_announced(story, subscribed):
    story.gateway.fail_renewal(subscribed)
    invoice = next(story.gateway.list_invoices_of(subscribed))
    long_ago = utc_now() - timedelta(days=20)
    facts = fulfilment.look_up_invoice(story.gateway, invoice.id)
    story.record(replace(facts, invoices=(replace(invoice, created_at=long_ago),)))

    assert letters() == ["welcome"]


def test_an_end_is_told_once(story, subscribed):
    story.gateway.end(subscribed)
    for _ in range(2):
        story.record(fulfilment.look_up_subscription(story.gateway, subscribed))

    assert the(Subscription).status is SubscriptionStatus.ENDED
    assert letters() == ["welcome", "ended"]


def test_old_news_is_recorded_without_a_letter(story):
    subscription_id, gift = story.subscribe(), story.give()
    story.gateway.end(subscription_id)
    long_ago = utc_now() - timedelta(days=30)
    for checkout in story.gateway.list_checkouts(long_ago):
        facts = fulfilment.look_up_checkout(story.gateway, checkout.id)
        story.record(
            replace(
                facts,
                subscriptions=tuple(
                    replace(one, started_at=long_ago, ended_at=long_ago) for one in facts.subscriptions
                ),
                invoices=tuple(replace(one, period_starts_at=long_ago) for one in facts.invoices),
                payments=tuple(replace(one, paid_at=long_ago) for one in facts.payments),
            )
        )

    assert (count(Payment), letters(), gift) == (2, [], gift)


def test_a_renewal_of_long_ago_is_not_thanked_for(story, subscribed):
    story.gateway.renew(subscribed)
    facts = fulfilment.look_up_invoice(story.gateway, next(story.gateway.list_invoices_of(subscribed)).id)
    story.record(replace(facts, payments=(replace(facts.payments[0], paid_at=utc_now() - timedelta(days=30)),)))

    assert (count(Payment), letters()) == (2, ["welcome"])


def test_a_late_invoice_that_was_paid_outside_of_stripe_is_not_called_late(story, subscribed):
    story.gateway.fail_renewal(subscribed)
    facts = fulfilment.look_up_invoice(story.gateway, next(story.gateway.list_invoices_of(subscribed)).id)
    story.record(facts, quiet=True)
    story.record(replace(facts, invoices=(replace(facts.invoices[0], status="paid", paid_at=utc_now()),), payments=()))

    assert letters() == ["welcome"]


def test_a_payment_that_somebody_else_took_meanwhile_is_not_taken_again(story, gift):
    with transaction() as session:
        donation = session.scalars(select(Donation)).one()
        again = bookings.take(session, [bookings.Charge(story.gateway.get_payment(gift), donation)])

    assert again[gift].receipt_number.endswith("000001")
    assert (count(Payment), count(JournalTransaction)) == (1, 1)


def test_quiet_recording_writes_no_letter(story):
    story.record(fulfilment.look_up_checkout(story.gateway, story.give()), quiet=True)

    assert (count(Payment), letters()) == (1, [])


def test_who_has_no_address_any_more_gets_no_letter(story, subscribed, gift):
    with transaction() as session:
        session.scalars(select(Patron)).one().email = None
        session.scalars(select(Donation)).one().email = None
    for payment_id in list(story.gateway.world.payments):
        story.gateway.refund(payment_id, Money(100, "eur"), reference="", key=payment_id)
        story.record(fulfilment.look_up_payment(story.gateway, payment_id))
    renew(story, subscribed)

    assert letters() == ["welcome", "receipt"]


@pytest.mark.parametrize("wish", ["open_subscription", "open_donation"])
def test_a_payment_that_is_still_on_its_way_gives_nothing(story, wish):
    checkout = story.gateway.pay_checkout(getattr(story, wish)().id, delayed=True)
    outcome = story.fulfil(checkout.id)

    assert outcome.pending > 0
    assert (count(Subscription), count(Payment), letters(), euros()) == (0, 0, [], {})


@pytest.mark.parametrize(("wish", "letter"), [("open_subscription", "welcome"), ("open_donation", "receipt")])
def test_a_payment_that_arrives_late_counts_then(story, wish, letter):
    checkout = story.gateway.pay_checkout(getattr(story, wish)().id, delayed=True)
    story.fulfil(checkout.id)
    story.gateway.pay_checkout(checkout.id)
    story.fulfil(checkout.id)

    assert (count(Payment), letters()) == (1, [letter])


def test_a_bank_that_says_no_ends_the_wish(story):
    checkout = story.gateway.pay_checkout(story.open_donation().id, delayed=True)
    story.gateway.pay_checkout(checkout.id, fails=True)
    story.fulfil(checkout.id)

    assert the(Donation).status is DonationStatus.FAILED


def test_a_subscription_that_was_never_paid_is_given_up_when_it_ends(story):
    checkout = story.gateway.pay_checkout(story.open_subscription().id, delayed=True)
    story.fulfil(checkout.id)
    assert the(SubscriptionIntent).status is IntentStatus.OPEN

    story.gateway.end(checkout.subscription_id)
    story.fulfil(checkout.id)
    assert (the(SubscriptionIntent).status, count(Subscription)) == (IntentStatus.EXPIRED, 0)


def test_an_invoice_paid_elsewhere_completes_a_checkout_that_stays_unpaid(story):
    checkout = story.gateway.pay_checkout(story.open_subscription().id, delayed=True)
    story.gateway.pay_checkout(checkout.id, fails=True)
    story.gateway.renew(checkout.subscription_id)
    story.fulfil(checkout.id)

    assert the(SubscriptionIntent).status is IntentStatus.COMPLETED
    assert letters() == ["welcome"]


@pytest.mark.parametrize(("wish", "row"), [("open_subscription", SubscriptionIntent), ("open_donation", Donation)])
def test_a_checkout_that_is_left_waits_and_then_expires(story, wish, row):
    checkout = getattr(story, wish)()
    story.fulfil(checkout.id)
    assert the(row).status == "open"

    story.gateway.expire_checkout(checkout.id)
    story.fulfil(checkout.id)
    assert the(row).status == "expired"


@pytest.mark.parametrize("wish", ["open_subscription", "open_donation"])
def test_a_checkout_whose_answer_was_lost_is_found_by_its_reference(story, wish):
    checkout = story.gateway.pay_checkout(getattr(story, wish)(remembered=False).id)
    story.fulfil(checkout.id)

    assert count(Payment) == 1


def test_a_copied_reference_brings_nothing(story):
    mine = story.open_donation()
    copy = replace(story.gateway.get_checkout(story.give()), reference=mine.reference, id="cs_copy")
    payment = story.gateway.get_payment(copy.payment_intent_id)
    outcome = story.record(Facts(checkouts=(copy,), payments=(replace(payment, reference=mine.reference),)))

    assert (outcome.recorded, count(Payment)) == (0, 0)


def test_a_payment_that_copies_a_gifts_reference_is_not_the_gift(story):
    session_id = story.give()
    facts = fulfilment.look_up_checkout(story.gateway, session_id)
    copy = replace(facts.payments[0], id="pi_copy", charge_id="ch_copy")
    outcome = story.record(replace(facts, payments=(*facts.payments, copy)))

    assert (outcome.ignored, count(Payment)) == (1, 1)


def test_a_subscription_that_copies_a_reference_is_not_ours(story, subscribed):
    snapshot = replace(story.gateway.get_subscription(subscribed), id="sub_copy")
    facts = Facts(subscriptions=(snapshot,))
    (behind,) = fulfilment.sessions_behind(reading(), [facts])
    facts = facts.joined(fulfilment.look_up_checkout(story.gateway, behind[0]))
    outcome = story.record(facts)

    assert (outcome.ignored, count(Subscription)) == (1, 1)


def test_objects_of_others_are_ignored_and_counted(story, subscribed):
    stranger = replace(story.gateway.get_subscription(subscribed), id="sub_other", reference="")
    invoice = replace(next(story.gateway.list_invoices_of(subscribed)), id="in_other", subscription_id="sub_other")
    payment = replace(story.gateway.get_payment(invoice.payment_intent_ids[0]), id="pi_other", reference="")
    checkout = replace(next(story.gateway.list_checkouts(utc_now() - timedelta(days=1))), id="cs_other", mode="setup")
    settled = Facts(
        checkouts=(replace(checkout, reference=""),),
        subscriptions=(stranger,),
        invoices=(invoice,),
        payments=(payment,),
        refunds=(refund_of(payment),),
        settlements=(settlement_of("ch_other"),),
    )
    outcome = story.record(settled)

    assert (outcome.recorded, outcome.ignored) == (0, 6)


def test_what_names_a_wish_unknown_to_us_is_awaited(story, subscribed):
    snapshot = replace(story.gateway.get_subscription(subscribed), id="sub_new", reference="sub_unknown")
    checkout = replace(next(story.gateway.list_checkouts(utc_now() - timedelta(days=1))), id="cs_new", reference="new")

    assert story.record(Facts(subscriptions=(snapshot,))).awaited == 1
    assert story.record(Facts(checkouts=(checkout,))).awaited == 1


def test_a_subscription_is_found_by_the_checkout_behind_it(story):
    subscription_id = story.subscribe()
    facts = fulfilment.look_up_subscription(story.gateway, subscription_id)

    assert story.record(facts).awaited == 1
    assert [len(behind) for behind in fulfilment.sessions_behind(reading(), [facts])] == [1]


def refund_of(payment, minor=500, status="succeeded", **fields):
    """Make a refund as Stripe's own pages would."""
    defaults = {
        "id": "re_1",
        "payment_intent_id": payment.id,
        "amount": Money(minor, payment.amount.currency),
        "status": status,
        "reference": "",
        "settlement": None,
        "created_at": utc_now().replace(microsecond=0),
    }
    return fulfilment.facts.RefundSnapshot(**defaults | fields)


def settlement_of(source_id, minor=500, fee=0, txn="txn_1", currency="eur", category="refund"):
    return fulfilment.facts.SettlementSnapshot(
        id=txn,
        source_id=source_id,
        category=category,
        gross=Money(minor, currency),
        fee=Money(fee, currency),
        net=Money(minor - fee, currency),
        created_at=utc_now(),
    )


def refunded(story, payment_id, **fields):
    payment = story.gateway.get_payment(payment_id)
    story.record(Facts(payments=(payment,), refunds=(refund_of(payment, **fields),)))


def test_a_full_refund_of_an_invoice_takes_its_period_back(story, subscribed):
    payment_id = the(Payment).stripe_payment_intent_id
    refunded(story, payment_id, minor=500)

    assert the(Invoice).revoked_at is not None
    assert the(Payment).refunded_minor == 500
    assert letters() == ["welcome", "refunded"]


def test_parts_that_make_a_whole_take_the_period_back(story, subscribed):
    payment_id = the(Payment).stripe_payment_intent_id
    refunded(story, payment_id, minor=300)
    assert the(Invoice).revoked_at is None

    refunded(story, payment_id, id="re_2", minor=200)
    assert the(Invoice).revoked_at is not None


def test_a_refund_that_fails_later_restores_everything(story, subscribed):
    payment_id = the(Payment).stripe_payment_intent_id
    sent = settlement_of("re_1", -500)
    refunded(story, payment_id, settlement=sent)
    refunded(story, payment_id, settlement=sent, status="failed")
    story.record(Facts(settlements=(settlement_of("re_1", 500, txn="txn_2", category="refund_failure"),)))

    assert (the(Payment).refunded_minor, the(Invoice).revoked_at) == (0, None)
    assert (euros()["refunds"], euros()["stripe"], euros()["clearing"]) == (0, 0, 500)
    assert the(Refund).status is RefundStatus.FAILED


def test_a_refund_that_failed_does_not_come_back(story, gift):
    refunded(story, gift, status="failed")
    refunded(story, gift, status="succeeded")

    assert (the(Refund).status, the(Payment).refunded_minor, euros()["refunds"]) == (RefundStatus.FAILED, 0, 0)


def test_a_refund_on_its_way_is_booked_and_not_yet_announced(story, gift):
    refunded(story, gift, minor=700, status="pending")

    assert (euros()["refunds"], euros()["clearing"], letters()) == (700, 1300, ["receipt"])


def test_a_gift_given_back_is_told_to_its_donor(story, gift):
    refunded(story, gift, minor=2000, settlement=settlement_of("re_1", -2000))

    assert letters() == ["receipt", "refunded"]
    assert (euros()["stripe"], euros()["clearing"], euros()["refunds"]) == (-2000, 2000, 2000)


def test_a_refund_of_long_ago_is_not_told(story, gift):
    refunded(story, gift, created_at=utc_now() - timedelta(days=30))

    assert letters() == ["receipt"]


def test_a_settlement_that_comes_alone_finds_its_charge(story, gift):
    loose = settlement_of(the(Payment).stripe_charge_id, 2000, fee=55, category="charge")
    outcome = story.record(Facts(settlements=(loose,)))

    assert (outcome.recorded, the(Payment).fee_minor, euros()["stripe"]) == (1, 55, 1945)


def test_a_fee_in_another_currency_stays_in_the_books_only(story, gift):
    loose = settlement_of(the(Payment).stripe_charge_id, 2200, fee=60, currency="usd", category="charge")
    story.record(Facts(settlements=(loose,)))

    assert the(Payment).fee_minor is None
    assert balances(reading())[Account.STRIPE, "usd"] == 2140


def test_an_invoice_that_asks_for_nothing_welcomes_without_a_payment(story):
    checkout = story.gateway.pay_checkout(story.open_subscription().id)
    facts = fulfilment.look_up_checkout(story.gateway, checkout.id)
    free = replace(facts.invoices[0], total=Money(0, "eur"), payment_intent_ids=())
    story.record(replace(facts, invoices=(free,), payments=()))

    assert (count(Payment), letters()) == (0, ["welcome"])


def test_a_renewal_that_asks_for_nothing_is_not_receipted(story, subscribed):
    invoice = replace(next(story.gateway.list_invoices_of(subscribed)), id="in_free", total=Money(0, "eur"))
    later = replace(invoice, period_starts_at=invoice.period_ends_at, payment_intent_ids=())
    later = replace(later, period_ends_at=invoice.period_ends_at + timedelta(days=30))
    story.record(Facts(subscriptions=(story.gateway.get_subscription(subscribed),), invoices=(later,)))

    assert letters() == ["welcome"]


def test_an_invoice_outside_of_any_subscription_is_not_ours(story, subscribed):
    invoice = replace(next(story.gateway.list_invoices_of(subscribed)), id="in_loose", subscription_id=None)
    story.gateway.world.invoices["in_loose"] = invoice

    assert story.record(fulfilment.look_up_invoice(story.gateway, "in_loose")).ignored == 1


def test_a_refund_without_a_payment_is_not_ours(story, gift):
    payment = story.gateway.get_payment(gift)
    story.gateway.world.refunds["re_loose"] = refund_of(payment, id="re_loose", payment_intent_id="")

    assert story.record(fulfilment.look_up_refund(story.gateway, "re_loose")).ignored == 1


def test_a_charge_without_a_payment_tells_nothing(gateway, story):
    gateway.world.payments["x"] = replace(gateway.get_payment(story_payment(story)), id=None, charge_id="ch_loose")

    assert fulfilment.look_up_charge(gateway, "ch_loose") == Facts()


def story_payment(story):
    return story.gateway.get_checkout(story.give()).payment_intent_id


def test_receipts_are_numbered_by_year_without_a_gap(story):
    for _ in range(3):
        story.fulfil(story.give())
    facts = fulfilment.look_up_checkout(story.gateway, story.give())
    earlier = utc_now().replace(year=utc_now().year - 1)
    story.record(replace(facts, payments=(replace(facts.payments[0], paid_at=earlier),)))

    year = utc_now().year
    numbers = list(reading().scalars(select(Payment.receipt_number).order_by(Payment.id)))
    assert numbers == [f"R-{year}-000001", f"R-{year}-000002", f"R-{year}-000003", f"R-{year - 1}-000001"]


def test_invoice_status_is_mirrored(story, subscribed):
    renew(story, subscribed)

    assert set(reading().scalars(select(Invoice.status))) == {InvoiceStatus.PAID}


def test_what_leaves_for_the_bank_is_booked_once(story):
    paid_out = Facts(settlements=(settlement_of("po_1", -5000, txn="txn_payout", category="payout"),))
    story.record(paid_out)
    story.record(paid_out)

    assert (euros()["stripe"], euros()["transit"]) == (-5000, 5000)


def test_what_covers_the_fees_is_booked_apart_and_is_no_gift(story):
    story.fulfil(story.give(cover_minor=56))

    booked = balances(reading())
    assert booked[Account.CLEARING, "eur"] == 2056
    assert booked[Account.DONATION_INCOME, "eur"] == -2000
    assert booked[Account.COVERED_FEES, "eur"] == -56


def test_a_membership_for_somebody_else_is_an_income_of_its_own(story):
    story.fulfil(story.give(purpose=Purpose.MEMBERSHIP))

    assert balances(reading())[Account.GIFT_INCOME, "eur"] == -2000


@pytest.fixture
def timely(story):
    """Let Olena give what comes to four months; return her, the checkout and the payment at Stripe."""
    patron = story.patron()
    with transaction() as session:
        make_tier(session, slug="friend")
        terms.set_policy(session, FIVE, "friend", most_months=12, patience_days=0, counts_cards=True)
    session_id = story.give(patron=patron)
    story.fulfil(session_id)
    assert decide_for(reading(), patron.id, utc_now()).sources == ("donation",)
    return patron, session_id, story.gateway.get_checkout(session_id).payment_intent_id


def test_a_gift_by_card_gives_the_time_of_the_policy_until_it_goes_back(story, timely):
    patron, session_id, paid = timely
    story.gateway.refund(paid, Money(2000, "eur"), reference="", key="all")
    story.fulfil(session_id)
    assert decide_for(reading(), patron.id, utc_now()).sources == ()


def test_a_dispute_about_a_gift_takes_its_time_and_a_win_gives_it_again(story, timely):
    patron, _, paid = timely
    dispute_id = story.gateway.dispute(paid)
    story.record(fulfilment.look_up_dispute(story.gateway, dispute_id))
    assert decide_for(reading(), patron.id, utc_now()).sources == ()

    story.gateway.close_dispute(dispute_id, won=True)
    story.record(fulfilment.look_up_dispute(story.gateway, dispute_id))
    assert decide_for(reading(), patron.id, utc_now()).sources == ("donation",)


def test_where_the_policy_says_so_a_dispute_about_a_gift_leaves_its_time(story, timely):
    patron, _, paid = timely
    reading().info.update(carry(Policy(on_dispute=frozenset())))
    story.record(fulfilment.look_up_dispute(story.gateway, story.gateway.dispute(paid)))

    assert decide_for(reading(), patron.id, utc_now()).sources == ("donation",)


def test_the_receipt_of_a_gift_tells_the_covered_fees_apart(story):
    story.fulfil(story.give(cover_minor=56))

    (letter,) = reading().scalars(select(Letter).filter_by(kind="receipt"))
    assert [letter.values[name]["minor"] for name in ("amount", "gift", "cover")] == [2056, 2000, 56]
    text = compose("receipt", "en", letter.values, make_settings()).text
    assert "€20 of it is your gift, €0.56 covers the fees of the payment." in text
