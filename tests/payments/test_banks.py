"""What banks do to payments, recorded and booked: disputes, warnings, failed refunds, payouts, other currencies."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import event, select

from membership.access.rules import State
from membership.access.service import decide_for, list_members
from membership.clock import utc_now
from membership.config import ON_DISPUTE, ON_REFUND, Consequence
from membership.db import session as reading
from membership.db import transaction
from membership.donations.models import Donation
from membership.gateway.values import SettlementSnapshot
from membership.ledger.models import Account
from membership.ledger.service import balances
from membership.money import Money
from membership.payments import fulfilment, service
from membership.payments.fulfilment import Facts, bookings, settlements
from membership.payments.handlers import respond
from membership.payments.models import BalanceTransaction, Dispute, DisputeStatus, Payment, Payout, PayoutStatus
from membership.payments.policy import Policy, carry
from membership.subscriptions.models import Invoice, RevokedBy, Subscription

EUR5, EUR20 = Money(500, "eur"), Money(2000, "eur")


def the(model):
    reading().rollback()
    reading().expire_all()
    return reading().scalars(select(model)).one()


def held(currency="eur"):
    reading().rollback()
    return {
        account.value: minor for (account, code), minor in balances(reading()).items() if minor and code == currency
    }


@pytest.fixture
def gift(story):
    """Give 20 euros, recorded and settled; return its payment at Stripe."""
    checkout = story.gateway.get_checkout(story.give())
    story.gateway.settle()
    story.fulfil(checkout.id)
    return checkout.payment_intent_id


@pytest.fixture
def fee_paid(story):
    """Subscribe, recorded; return the payment at Stripe."""
    checkout = story.gateway.pay_checkout(story.open_subscription().id)
    story.fulfil(checkout.id)
    return the(Payment).stripe_payment_intent_id


@pytest.fixture(autouse=True)
def _sound(story, sound_books):
    """Ask every invariant after each test."""


def tell_dispute(story, dispute_id):
    story.record(fulfilment.look_up_dispute(story.gateway, dispute_id))


def tell_payout(story, payout_id):
    story.record(fulfilment.look_up_payout(story.gateway, payout_id))


def follow(app, **policy):
    app.extensions["sessions"].configure(info=carry(Policy(**policy)))
    reading().info.update(carry(Policy(**policy)))


def test_a_dispute_is_booked_with_its_fee(story, gift):
    dispute_id = story.gateway.dispute(gift)
    for _ in range(2):
        tell_dispute(story, dispute_id)

    assert held() == {
        "stripe": 1945 - 4000,
        "fees": 55,
        "donation_income": -2000,
        "disputes": 2000,
        "dispute_fees": 2000,
    }
    assert the(Dispute).status is DisputeStatus.OPEN


def test_a_dispute_that_is_won_gives_all_back_but_the_fee(story, gift):
    dispute_id = story.gateway.dispute(gift)
    tell_dispute(story, dispute_id)
    story.gateway.close_dispute(dispute_id, won=True)
    for _ in range(2):
        tell_dispute(story, dispute_id)

    assert held() == {"stripe": 1945 - 2000, "fees": 55, "donation_income": -2000, "dispute_fees": 2000}


def test_a_part_that_is_disputed_moves_that_part(story, gift):
    tell_dispute(story, story.gateway.dispute(gift, EUR5))

    assert held()["disputes"] == 500


def test_an_inquiry_moves_no_money_and_takes_no_access(story, fee_paid):
    tell_dispute(story, story.gateway.dispute(fee_paid, inquiry=True))

    assert (the(Dispute).status, the(Invoice).revoked_at) == (DisputeStatus.INQUIRY, None)
    assert "disputes" not in held()


def test_a_dispute_takes_access_back_and_a_win_restores_it(story, fee_paid):
    dispute_id = story.gateway.dispute(fee_paid)
    tell_dispute(story, dispute_id)
    assert the(Invoice).revoked_by is RevokedBy.DISPUTE

    story.gateway.close_dispute(dispute_id, won=True)
    tell_dispute(story, dispute_id)
    assert (the(Invoice).revoked_by, the(Invoice).revoked_at) == (None, None)


def test_a_dispute_ends_the_subscription(story, fee_paid, drain):
    tell_dispute(story, story.gateway.dispute(fee_paid))
    drain()

    assert the(Subscription).status == "ended"


@pytest.mark.parametrize(("won", "state"), [(True, State.ACTIVE), (False, State.ENDED)])
def test_what_a_dispute_ended_counts_to_its_end_once_that_is_won(story, fee_paid, drain, won, state):
    dispute_id = story.gateway.dispute(fee_paid)
    tell_dispute(story, dispute_id)
    drain()
    assert decide_for(reading(), the(Subscription).patron_id, utc_now()).state is State.ENDED

    story.gateway.close_dispute(dispute_id, won=won)
    tell_dispute(story, dispute_id)
    patron_id, until = the(Subscription).patron_id, the(Invoice).period_ends_at
    decision = decide_for(reading(), patron_id, utc_now())
    assert (decision.state, [one.patron_id for one in list_members(reading(), "paywall_free", utc_now())]) == (
        state,
        [patron_id] * won,
    )
    assert decision.valid_until == (until if won else None)
    assert decide_for(reading(), patron_id, until).state is State.ENDED


def test_a_dispute_that_ends_the_support_alone_leaves_what_was_paid(app, story, fee_paid, drain):
    follow(app, on_dispute=frozenset({Consequence.SUBSCRIPTION}))
    tell_dispute(story, story.gateway.dispute(fee_paid))
    drain()

    assert the(Subscription).status == "ended"
    assert decide_for(reading(), the(Subscription).patron_id, utc_now()).state is State.ACTIVE


def test_whoever_had_stopped_before_a_dispute_gets_nothing_back_by_it(story, fee_paid):
    stripe_id = the(Subscription).stripe_subscription_id
    story.gateway.end(stripe_id)
    story.record(fulfilment.look_up_subscription(story.gateway, stripe_id))
    dispute_id = story.gateway.dispute(fee_paid)
    story.gateway.world.disputes[dispute_id] = replace(
        story.gateway.get_dispute(dispute_id), created_at=the(Subscription).ended_at + timedelta(days=1)
    )
    story.gateway.close_dispute(dispute_id, won=True)
    tell_dispute(story, dispute_id)

    assert not the(Subscription).is_cut_off


def test_what_has_ended_is_not_ended_again(story, fee_paid, drain):
    story.gateway.end(the(Subscription).stripe_subscription_id)
    story.record(fulfilment.look_up_subscription(story.gateway, the(Subscription).stripe_subscription_id))
    tell_dispute(story, story.gateway.dispute(fee_paid))
    drain()

    assert "cancel_now" not in {name for name, _ in story.gateway.calls}


def test_by_policy_neither_refund_nor_dispute_changes_anything(app, story, fee_paid, drain):
    follow(app, on_refund=frozenset(), on_dispute=frozenset())
    story.gateway.refund(fee_paid, EUR5, reference="", key="1")
    story.record(fulfilment.look_up_payment(story.gateway, fee_paid))
    tell_dispute(story, story.gateway.dispute(fee_paid))
    drain()

    assert (the(Invoice).revoked_by, the(Subscription).status) == (None, "active")


def test_by_policy_a_full_refund_ends_the_subscription(app, story, fee_paid, drain):
    follow(app, on_refund=ON_REFUND | {Consequence.SUBSCRIPTION})
    story.gateway.refund(fee_paid, EUR5, reference="", key="1")
    story.record(fulfilment.look_up_payment(story.gateway, fee_paid))
    drain()

    assert (the(Invoice).revoked_by, the(Subscription).status) == (RevokedBy.REFUND, "ended")


def test_a_warning_alone_changes_nothing(story, fee_paid, drain):
    story.record(fulfilment.look_up_fraud_warning(story.gateway, story.gateway.warn_of_fraud(fee_paid)))
    drain()

    assert (the(Invoice).revoked_by, the(Payment).refunded_minor, the(Subscription).status) == (None, 0, "active")


def test_by_policy_a_warning_sends_the_money_back_and_ends_the_subscription(app, story, fee_paid, drain):
    follow(app, on_fraud_warning=frozenset(Consequence), fraud_refund_limit=500)
    story.record(fulfilment.look_up_fraud_warning(story.gateway, story.gateway.warn_of_fraud(fee_paid)))
    drain()
    respond({"receipt_number": the(Payment).receipt_number, "why": "fraud_warning"})

    assert (the(Invoice).revoked_by, the(Subscription).status) == (RevokedBy.FRAUD_WARNING, "ended")
    assert (the(Payment).refunded_minor, len(story.gateway.world.refunds)) == (500, 1)


def test_a_payment_above_the_limit_is_left_to_people(app, story, gift, drain):
    follow(app, on_fraud_warning=frozenset({Consequence.REFUND}), fraud_refund_limit=500)
    story.record(fulfilment.look_up_fraud_warning(story.gateway, story.gateway.warn_of_fraud(gift)))
    drain()

    assert the(Payment).refunded_minor == 0


def test_votes_whose_money_went_back_are_named(app, story, gift):
    long_ago = utc_now() - timedelta(days=1)
    with transaction() as session:
        payment = session.scalars(select(Payment)).one()
        payment.patron_id = patron_id = story.patron().id
    assert service.list_taken_back(reading(), long_ago) == set()

    story.gateway.refund(gift, EUR5, reference="", key="1")
    story.record(fulfilment.look_up_payment(story.gateway, gift))
    follow(app, on_dispute=ON_DISPUTE, on_fraud_warning=frozenset({Consequence.VOTES}))
    assert service.list_taken_back(reading(), long_ago) == {patron_id}
    assert service.list_taken_back(reading(), utc_now() + timedelta(days=1)) == set()
    follow(app, on_refund=frozenset(), on_dispute=frozenset())
    assert service.list_taken_back(reading(), long_ago) == set()


def test_what_is_not_ours_is_left_alone(story):
    stranger = story.gateway.get_checkout(story.give()).payment_intent_id
    warned = fulfilment.look_up_fraud_warning(story.gateway, story.gateway.warn_of_fraud(stranger))
    disputed = fulfilment.look_up_dispute(story.gateway, story.gateway.dispute(stranger))
    nobody = Facts(
        fraud_warnings=tuple(replace(one, payment_intent_id="") for one in warned.fraud_warnings),
        disputes=tuple(replace(one, payment_intent_id="") for one in disputed.disputes),
    )

    assert story.record(nobody).ignored == 2


def test_a_refund_that_fails_late_restores_everything(story, gift):
    refund = story.gateway.refund(gift, EUR20, reference="", key="1")
    story.gateway.settle()
    story.record(fulfilment.look_up_refund(story.gateway, refund.id))
    assert the(Payment).refunded_minor == 2000

    story.gateway.fail_refund(refund.id)
    for _ in range(2):
        story.record(fulfilment.look_up_refund(story.gateway, refund.id))
    assert the(Payment).refunded_minor == 0
    assert held() == {"stripe": 1945, "fees": 55, "donation_income": -2000}


def test_a_payout_is_on_its_way_then_at_the_bank(story, gift):
    (payout_id,) = story.gateway.pay_out()
    tell_payout(story, payout_id)
    assert (held()["transit"], "stripe" in held()) == (1945, False)

    story.gateway.arrive(payout_id)
    for _ in range(2):
        tell_payout(story, payout_id)
    assert (held()["bank"], "transit" in held()) == (1945, False)
    assert (the(Payout).status, the(Payout).is_complete) == (PayoutStatus.PAID, True)
    lines = reading().scalars(select(BalanceTransaction.category).where(BalanceTransaction.payout_id.is_not(None)))
    assert list(lines) == ["charge"]


@pytest.mark.parametrize("arrives", [True, False])
def test_a_payout_that_fails_comes_back_the_way_it_went(story, gift, arrives):
    (payout_id,) = story.gateway.pay_out()
    if arrives:
        story.gateway.arrive(payout_id)
        tell_payout(story, payout_id)
    story.gateway.fail_payout(payout_id)
    for _ in range(2):
        tell_payout(story, payout_id)

    assert held() == {"stripe": 1945, "fees": 55, "donation_income": -2000}
    assert the(Payout).status is PayoutStatus.FAILED


def test_a_payout_that_was_called_off_leaves_nothing_at_the_bank(story, gift):
    (payout_id,) = story.gateway.pay_out()
    facts = fulfilment.look_up_payout(story.gateway, payout_id)
    story.record(replace(facts, payouts=(replace(facts.payouts[0], status="canceled"),)))

    assert "bank" not in held()


def test_money_that_stripe_changes_keeps_each_currency_at_zero(story):
    checkout = story.gateway.pay_checkout(story.open_donation(Money(2000, "usd")).id)
    payment = story.gateway.get_payment(checkout.payment_intent_id)
    settled = settlement("txn_1", payment.charge_id, "charge", 1800, 60)
    facts = fulfilment.look_up_checkout(story.gateway, checkout.id)
    story.record(replace(facts, payments=(replace(payment, settlement=settled),)))

    assert held("usd") == {"donation_income": -2000, "exchange": 2000}
    assert held() == {"stripe": 1740, "fees": 60, "exchange": -1800}
    assert the(Payment).fee_minor is None

    back = story.gateway.refund(payment.id, Money(2000, "usd"), reference="", key="1")
    story.record(Facts(refunds=(replace(back, settlement=settlement("txn_2", back.id, "refund", -1900, 0)),)))
    assert held("usd") == {"donation_income": -2000, "refunds": 2000}
    assert held() == {"stripe": 1740 - 1900, "fees": 60, "exchange": 100}


def settlement(txn, source, category, gross, fee):
    eur = [Money(minor, "eur") for minor in (gross, fee, gross - fee)]
    return SettlementSnapshot(txn, source, category, *eur, created_at=utc_now())


@pytest.mark.parametrize(
    ("category", "booked"),
    [("fee", {"stripe": -300, "fees": 300}), ("topup", {"stripe": -300, "bank": 300})],
)
def test_what_stripe_books_for_the_account_as_a_whole_is_booked(story, category, booked):
    story.record(Facts(settlements=(settlement("txn_1", None, category, -300, 0),)))

    assert held() == booked


def test_what_was_taken_for_anothers_is_put_right_when_it_turns_out_to_be_ours(story):
    checkout = story.gateway.get_checkout(story.give())
    story.gateway.settle()
    (settled,) = story.gateway.world.settlements.values()
    with transaction() as session:
        settlements.settle_for_others(session, settled)
    assert held() == {"stripe": 1945, "others": -1945}

    story.fulfil(checkout.id)
    assert held() == {"stripe": 1945, "fees": 55, "donation_income": -2000}


def test_a_line_of_a_payout_that_nobody_booked_waits_for_its_payment(story):
    checkout = story.gateway.get_checkout(story.give())
    story.gateway.settle()
    (payout_id,) = story.gateway.pay_out()
    story.gateway.arrive(payout_id)
    tell_payout(story, payout_id)
    assert held() == {"stripe": -1945, "bank": 1945}

    story.fulfil(checkout.id)
    assert held() == {"bank": 1945, "fees": 55, "donation_income": -2000}


def test_a_dispute_can_be_settled_by_its_balance_transaction_alone(story, gift):
    dispute_id = story.gateway.dispute(gift)
    facts = fulfilment.look_up_dispute(story.gateway, dispute_id)
    silent = tuple(replace(one, settlements=()) for one in facts.disputes)
    story.record(replace(facts, disputes=silent))
    story.record(Facts(settlements=facts.disputes[0].settlements))

    assert held()["disputes"] == 2000


def test_a_payment_and_its_settlement_take_eight_statements(story):
    checkout = story.gateway.get_checkout(story.give())
    story.gateway.settle()
    payment = story.gateway.get_payment(checkout.payment_intent_id)
    written = []

    def note(_, __, statement, *___):
        if not statement.startswith(("BEGIN", "SAVEPOINT")):
            written.append(statement)

    with transaction() as session:
        gift = session.scalars(select(Donation)).one()
        connection = session.connection()
        event.listen(connection, "before_cursor_execute", note)
        taken = bookings.take(session, [bookings.Charge(payment, gift)])
        bookings.settle_payments(session, [(taken[payment.id], payment.settlement)])
        session.flush()
        event.remove(connection, "before_cursor_execute", note)

    assert len(written) <= 8
    assert held()[Account.STRIPE.value] == 1945
