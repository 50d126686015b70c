"""Giving a membership and accepting it: as browsers do it."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from membership.access.service import decide_for
from membership.clock import utc_now
from membership.config import Consequence
from membership.db import transaction
from membership.gifts.invariants import INVARIANTS
from membership.gifts.models import Gift
from membership.gifts.service import void
from membership.mail.models import Letter
from membership.money import Money
from membership.patrons.models import Patron
from membership.payments.models import Dispute, DisputeStatus, FraudWarning, Payment
from membership.payments.policy import Policy, carry
from membership.subscriptions.models import Subscription, SubscriptionIntent
from membership.terms.models import Term
from membership.tiers.models import Tier
from tests.browsing import post
from tests.factories import make_patron, make_price, make_subscription, make_tier
from tests.gifts.giving import GIVER, RECIPIENT
from tests.subscriptions.making import rows, sign_in

pytestmark = pytest.mark.usefixtures("sound_books")


def state(giving, gift):
    page = giving.app.test_client().get(f"/gifts/{gift.public_id}")
    assert page.status_code == 200
    return page.text


def test_a_giver_is_sent_to_the_checkout_and_nothing_of_the_recipient_goes_there(giving, gateway, client):
    answer = giving.order(client)
    (gift,) = rows(giving.session, Gift)
    wish = gateway.world.wishes[gift.donation.stripe_session_id]

    assert answer.location == gift.donation.checkout_url
    assert (wish.amount.minor, wish.email, wish.name) == (
        1500,
        GIVER,
        "A membership of The Open Daily for somebody else",
    )
    assert not any(word in str(wish) for word in ("Olena", RECIPIENT, "For you", "Taras"))
    assert "has not been paid" in state(giving, gift)
    assert "Nothing was charged: you left the checkout page" in client.get(wish.cancel_url).text


def test_a_membership_is_given_in_every_currency_that_it_is_sold_in(giving, gateway, client):
    make_price(giving.session, tier=giving.session.scalars(select(Tier)).one(), amount=Money(1_500, "jpy"))
    giving.session.commit()
    page = client.get("/gifts?currency=jpy").text
    assert ("¥4,500" in page, 'href="/gifts?currency=eur"' in page) == (True, True)

    assert giving.order(client, currency="jpy").status_code == 303
    (gift,) = rows(giving.session, Gift)
    assert gift.donation.amount == Money(4_500, "jpy")
    assert "¥4,500" in client.get(gateway.world.wishes[gift.donation.stripe_session_id].cancel_url).text
    giving.pay()
    assert "¥4,500" in state(giving, gift)
    assert giving.order(client, currency="zzz").status_code == 400


def test_when_it_is_paid_the_giver_hears_of_it_and_the_code_goes_out_once(giving):
    gift = giving.give()
    giving.turn()
    (bought,), (sent,) = giving.letters("gift_bought"), giving.letters("gift_code")

    assert (bought.recipient, sent.recipient, sent.locale, sent.is_secret) == (GIVER, RECIPIENT, "uk", True)
    assert bought.values["gift_url"] == f"/gifts/{gift.public_id}"
    assert giving.code().replace("-", "") not in str([gift.code_hash, gift.public_id])
    assert "was sent on" in state(giving, gift)


def test_a_code_waits_for_its_day(giving):
    day = utc_now() + timedelta(days=30)
    gift = giving.give(send_on=day.date().isoformat())
    assert giving.letters("gift_code") == []
    assert "goes out on" in state(giving, gift)

    with time_machine.travel(day + timedelta(days=1), tick=False):
        giving.turn()
    assert len(giving.letters("gift_code")) == 1


def test_without_an_address_the_code_comes_to_the_giver_to_print(giving):
    giving.give(delivery="print", recipient_email="nonsense")
    (sent,) = giving.letters("gift_code")

    assert (sent.recipient, sent.locale, sent.values["is_for_print"]) == (GIVER, "en", True)


BAD = {
    "recipient_locale": "xx",
    "delivery": "fax",
    "words": "w" * 9000,
    "recipient_name": "n" * 3000,
    "giver_name": " ",
}


def test_what_makes_no_sense_is_refused_at_its_field_and_nothing_is_lost(giving):
    answer = giving.order(**BAD)

    assert (answer.status_code, answer.text.count('class="error"')) == (400, len(BAD))
    assert BAD["words"] in answer.text
    assert BAD["recipient_name"] in answer.text
    assert rows(giving.session, Gift) == []


def test_the_thanks_for_a_gift_to_print_say_so(giving, client):
    giving.order(client, delivery="print")
    gift = giving.pay()

    assert "to print" in client.get(f"/thanks?session_id={gift.donation.stripe_session_id}").text


def test_the_thanks_lead_to_the_page_of_the_gift(giving, client):
    giving.order(client)
    gift = giving.pay()
    page = client.get(f"/thanks?session_id={gift.donation.stripe_session_id}").text

    assert "You gave a membership, paid once: €15." in page
    assert f"/gifts/{gift.public_id}" in page


def test_an_unpaid_gift_writes_to_nobody(giving):
    giving.order()
    giving.turn()

    assert rows(giving.session, Letter) == []


def test_who_accepts_it_holds_the_tier_and_is_told_until_when(giving):
    gift = giving.give()
    answer = giving.redeem(giving.code(), email=RECIPIENT)
    (patron,), (term,) = rows(giving.session, Patron), rows(giving.session, Term)

    assert answer.status_code == 200
    assert patron.email == RECIPIENT
    assert giving.letters("gift_begun")[0].recipient == RECIPIENT
    decision = decide_for(giving.session, patron.id, utc_now())
    assert (decision.sources, decision.tier) == (("gift",), "friend")
    assert 89 <= (term.ends_at - term.starts_at).days <= 92
    assert "was accepted" in state(giving, gift)
    assert not any(find(giving.session) for find in INVARIANTS.values())
    giving.session.commit()


def test_a_gift_begins_after_her_own_paid_time_and_after_other_gifts(giving, client):
    subscription = make_subscription(giving.session)
    sign_in(client, giving.session, subscription.patron)
    for _ in range(2):
        giving.give()
        assert giving.redeem(giving.code(), client).status_code == 200
    first, second = rows(giving.session, Term)

    assert first.starts_at == subscription.period_ends_at
    assert second.starts_at == first.ends_at


def test_a_code_works_once_but_its_owner_may_press_twice(giving, client):
    giving.give()
    sign_in(client, giving.session, make_patron(giving.session))
    answers = [giving.redeem(giving.code(), client) for _ in range(2)]
    stranger = giving.redeem(giving.code())

    assert [answer.status_code for answer in answers] == [200, 200]
    assert stranger.status_code == 409
    assert "has been used already" in stranger.text
    assert len(rows(giving.session, Term)) == 1


@pytest.mark.parametrize("code", ["", "AAAA-AAAA-AAAA-AAAA", "<script>", "x" * 500])
def test_a_wrong_code_is_said_at_its_field(giving, code):
    answer = giving.redeem(code)

    assert answer.status_code == 400
    assert "We do not know this code" in answer.text
    assert "<script>" not in answer.text
    assert rows(giving.session, Patron) == []


def test_an_unreadable_address_is_said_at_its_field(giving):
    assert giving.redeem("x", email="nobody").status_code == 400


def test_an_unused_gift_goes_back_to_its_giver_and_its_code_dies(giving):
    gift = giving.give()
    code = giving.code()
    page = f"/gifts/{gift.public_id}"
    back = post(giving.app.test_client(), f"{page}/return", page=page)
    answer = giving.redeem(code)

    assert (back.status_code, back.location) == (303, page)
    assert answer.status_code == 409
    assert "was given back" in state(giving, gift)
    assert rows(giving.session, Term) == []


def test_a_doubled_click_on_the_return_of_a_gift_lands_where_the_first_one_did(giving):
    gift = giving.give()
    page = f"/gifts/{gift.public_id}"
    answers = [post(giving.app.test_client(), f"{page}/return", page="/redeem") for _ in range(2)]

    assert [(answer.status_code, answer.location) for answer in answers] == [(303, page)] * 2
    assert len(giving.gateway.world.refunds) == 1


def test_a_gift_that_counts_no_more_is_not_said_to_go_back(giving):
    gift = giving.give()
    with giving.app.app_context(), transaction() as current:
        void(current, gift.public_id, utc_now())

    refused = post(giving.app.test_client(), f"/gifts/{gift.public_id}/return", page="/redeem")

    assert refused.status_code == 409


def test_a_used_gift_does_not_go_back(giving):
    gift = giving.give()
    giving.redeem(giving.code())
    refused = post(giving.app.test_client(), f"/gifts/{gift.public_id}/return", page="/redeem")

    assert refused.status_code == 409
    assert giving.gateway.world.refunds == {}


def test_when_the_provider_is_away_the_gift_stays_dead_until_its_money_is_back(giving):
    gift = giving.give()
    giving.gateway.unreachable = True
    page = f"/gifts/{gift.public_id}"
    answer = post(giving.app.test_client(), f"{page}/return", page=page)

    assert answer.status_code == 502
    assert giving.redeem(giving.code()).status_code == 409


def test_a_refused_refund_leaves_the_code_alive(giving):
    gift = giving.give()
    giving.gateway.refuses.add("refund")
    page = f"/gifts/{gift.public_id}"
    assert post(giving.app.test_client(), f"{page}/return", page=page).status_code == 502

    assert giving.redeem(giving.code()).status_code == 200


def test_a_new_code_to_another_address_kills_the_old_one(giving):
    gift = giving.give()
    old, page = giving.code(), f"/gifts/{gift.public_id}"
    wrong = post(giving.app.test_client(), f"{page}/send", {"recipient_email": "nobody"}, page=page)
    right = post(giving.app.test_client(), f"{page}/send", {"recipient_email": "new@example.org"}, page=page)
    sent = giving.letters("gift_code")[-1]

    assert (wrong.status_code, right.status_code, sent.recipient) == (400, 303, "new@example.org")
    assert giving.redeem(old).status_code == 400
    assert giving.redeem(sent.values["code"]).status_code == 200


def test_nobody_sends_or_takes_back_what_was_never_paid(giving):
    giving.order()
    (gift,) = rows(giving.session, Gift)

    for act in ("send", "return"):
        assert post(giving.app.test_client(), f"/gifts/{gift.public_id}/{act}", page="/redeem").status_code == 409


def test_a_gift_of_others_is_unknown(client, giving):
    assert client.get("/gifts/nonsense").status_code == 404


def test_who_has_signed_in_gives_in_her_own_name(giving, client):
    patron = make_patron(giving.session)
    sign_in(client, giving.session, patron)
    giving.order(client, email="somebody@else.org")
    (gift,) = rows(giving.session, Gift)

    assert (gift.donation.patron_id, gift.donation.email) == (patron.id, patron.email)
    assert 'name="email"' not in client.get("/gifts").text
    giving.pay()
    assert f"/gifts/{gift.public_id}" in client.get("/account").text


def test_an_order_that_got_no_answer_is_the_same_order_with_the_words_of_the_last(giving):
    giving.gateway.answers_lost = True
    assert giving.order().status_code == 502
    giving.gateway.answers_lost = False
    assert giving.order(recipient_name="Ivan").status_code == 303

    assert [gift.recipient_name for gift in rows(giving.session, Gift)] == ["Ivan"]
    assert len(giving.gateway.world.checkouts) == 1


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"offer": "friend:7"}, "choose one of these memberships"),
        ({"offer": ""}, "choose one of these memberships"),
        ({"email": "nobody"}, 'id="email-error"'),
        ({"recipient_email": "nobody"}, 'id="recipient_email-error"'),
        ({"send_on": "yesterday"}, 'id="send_on-error"'),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_the_rest_is_kept(giving, wrong, said):
    answer = giving.order(**wrong)

    assert answer.status_code == 400
    assert said in answer.text
    assert 'value="Olena"' in answer.text
    assert rows(giving.session, Gift) == []


def test_without_tiers_there_is_nothing_to_give(client):
    assert "no membership to give at the moment" in client.get("/gifts").text


def test_a_gift_that_went_back_before_its_day_is_never_sent(giving):
    gift = giving.give(send_on=(utc_now() + timedelta(days=30)).date().isoformat())
    page = f"/gifts/{gift.public_id}"
    post(giving.app.test_client(), f"{page}/return", page=page)
    with time_machine.travel(utc_now() + timedelta(days=31), tick=False):
        giving.turn()

    assert giving.letters("gift_code") == []


def test_who_has_no_address_any_more_gets_no_letter(giving):
    giving.order()
    gift = giving.pay()
    gift.donation.email = None
    giving.session.merge(gift.donation)
    giving.session.commit()
    giving.turn()

    assert giving.letters("gift_bought") == []
    assert len(giving.letters("gift_code")) == 1
    patron = make_patron(giving.session, email=None)
    sign_in(client := giving.app.test_client(), giving.session, patron)
    assert giving.redeem(giving.code(), client).status_code == 200
    assert giving.letters("gift_begun") == []


def test_the_account_says_what_was_given_and_until_when(giving, client):
    sign_in(client, giving.session, make_patron(giving.session))
    giving.give()
    giving.redeem(giving.code(), client)

    assert "You hold a membership until" in client.get("/account").text


def test_a_code_whose_payment_is_disputed_does_not_work_until_that_is_won(giving):
    gift = giving.give()
    payment = giving.session.scalars(select(Payment).filter_by(donation_id=gift.donation_id)).one()
    dispute = Dispute(
        stripe_dispute_id="dp_1",
        payment_id=payment.id,
        amount=payment.gross,
        status=DisputeStatus.OPEN,
        reason="fraudulent",
        opened_at=utc_now(),
    )
    giving.session.add(dispute)
    giving.session.commit()
    assert giving.redeem(giving.code()).status_code == 409

    dispute.status = DisputeStatus.WON
    giving.session.commit()
    assert giving.redeem(giving.code()).status_code == 200


@pytest.mark.parametrize(("policy", "status"), [({Consequence.ACCESS}, 409), (set(), 200)])
def test_a_code_whose_payment_is_said_to_be_fraud_works_unless_that_ends_access(giving, policy, status):
    carried = carry(Policy(on_fraud_warning=frozenset(policy)))
    giving.app.extensions["sessions"].configure(info=carried)
    gift = giving.give()
    payment = giving.session.scalars(select(Payment).filter_by(donation_id=gift.donation_id)).one()
    warning = FraudWarning(stripe_warning_id="issfr_1", payment_id=payment.id, kind="misc", is_actionable=True)
    warning.warned_at = utc_now()
    giving.session.add(warning)
    giving.session.commit()

    assert giving.redeem(giving.code()).status_code == status


def test_who_subscribes_during_a_gift_is_charged_when_it_is_over_and_holds_no_more_until_then(giving, client):
    make_price(giving.session, tier=make_tier(giving.session, slug="circle", flags=["secret_room"]))
    sign_in(client, giving.session, patron := make_patron(giving.session))
    giving.give()
    giving.redeem(giving.code(), client)
    (term,) = rows(giving.session, Term)
    wish = {"tier": "circle", "interval": "month"}
    assert "Charged for the first time on" in client.get("/subscribe?tier=circle&interval=month").text
    post(client, "/subscribe", wish, page="/subscribe?tier=circle&interval=month")
    (intent,) = rows(giving.session, SubscriptionIntent)
    giving.gateway.pay_checkout(intent.stripe_session_id)
    client.get(f"/thanks?session_id={intent.stripe_session_id}")
    (order,) = rows(giving.session, Subscription)
    decision = decide_for(giving.session, patron.id, utc_now())

    assert intent.trial_ends_at == order.period_ends_at == term.ends_at.replace(microsecond=0)
    assert (decision.sources, decision.tier, "secret_room" in decision.flags) == (("gift",), "friend", False)
    assert len(giving.gateway.world.payments) == 1
    giving.session.commit()
