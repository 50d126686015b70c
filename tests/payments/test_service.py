"""Refunds: written down, asked for once, recorded; never more than came in."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from membership.audit.models import AuditEntry
from membership.clock import utc_now
from membership.db import session as reading
from membership.db import transaction
from membership.gateway.errors import GatewayRefused, GatewayUnreachable
from membership.money import AmountNotChargeable, Money
from membership.patrons.models import Patron
from membership.payments import handlers, service
from membership.payments.errors import NothingToRefund, PaymentDisputed, RefundOfNothing, RefundTooLarge, UnknownPayment
from membership.payments.fulfilment import look_up_dispute
from membership.payments.invariants import INVARIANTS
from membership.payments.models import Payment, Refund, RefundStatus


@pytest.fixture
def receipt(story):
    """Give 20 euros, recorded; return the number of the receipt."""
    story.fulfil(story.give())
    return reading().scalars(select(Payment.receipt_number)).one()


def intend(receipt, minor=None):
    amount = None if minor is None else Money(minor, "eur")
    with transaction() as session:
        return service.intend_refund(session, receipt, reason="asked by phone", actor="staff:1", amount=amount)


def the(model):
    reading().expire_all()
    return reading().scalars(select(model)).one()


def asked(gateway):
    return [key for name, key in gateway.calls if name == "refund"]


def test_a_refund_goes_there_and_back(receipt, gateway):
    plan = intend(receipt)
    assert the(Refund).status is RefundStatus.STARTED

    handlers.send_refund(plan)
    assert (the(Refund).status, the(Payment).refunded_minor) == (RefundStatus.SUCCEEDED, 2000)
    assert asked(gateway) == [f"refund:{the(Refund).reference}"]
    assert the(AuditEntry).subject == receipt


def test_parts_are_given_back_until_nothing_is_left(receipt):
    for minor in (500, None):
        handlers.send_refund(intend(receipt, minor))

    amounts = [refund.amount.minor for refund in service.list_refunds_of(reading(), the(Payment).id)]
    assert amounts == [500, 1500]
    with pytest.raises(NothingToRefund):
        intend(receipt)


@pytest.mark.parametrize(("minor", "is_lost"), [(2000, False), (500, False), (2000, True)])
def test_what_a_bank_disputes_or_took_whole_is_not_given_back_as_well(story, receipt, minor, is_lost):
    paid = the(Payment).stripe_payment_intent_id
    dispute_id = story.gateway.dispute(paid, Money(minor, "eur"))
    if is_lost:
        story.gateway.close_dispute(dispute_id, won=False)
    story.record(look_up_dispute(story.gateway, dispute_id))

    with pytest.raises(PaymentDisputed):
        intend(receipt)


def test_what_is_on_its_way_counts(receipt):
    intend(receipt, 1500)

    with pytest.raises(RefundTooLarge):
        intend(receipt, 501)


@pytest.mark.parametrize(
    ("amount", "refusal"),
    [
        (Money(0, "eur"), RefundOfNothing),
        (Money(-1, "eur"), RefundOfNothing),
        (Money(2001, "eur"), RefundTooLarge),
        (Money(100, "usd"), RefundTooLarge),
    ],
)
def test_an_amount_that_is_not_left_is_refused(receipt, amount, refusal):
    with pytest.raises(refusal), transaction() as session:
        service.intend_refund(session, receipt, reason="", actor="staff:1", amount=amount)


def test_an_amount_that_the_provider_cannot_move_is_refused(receipt):
    with pytest.raises(AmountNotChargeable), transaction() as session:
        service.intend_refund(session, receipt, reason="asked", actor="test", amount=Money(5123, "kwd"))


def test_an_unknown_receipt_is_refused(context):
    with pytest.raises(UnknownPayment):
        intend("R-1999-000001")


def test_a_refund_that_got_no_answer_is_asked_for_again_with_the_same_key(receipt, gateway, monkeypatch):
    plan = intend(receipt)
    gateway.answers_lost = True
    with pytest.raises(GatewayUnreachable):
        handlers.send_refund(plan)
    gateway.answers_lost = False
    monkeypatch.setattr(handlers, "PATIENCE", timedelta())
    handlers.sweep_refunds({})

    assert asked(gateway) == [plan.key] * 2
    assert (len(gateway.world.refunds), the(Payment).refunded_minor) == (1, 2000)


def age(days=2):
    with transaction() as session:
        session.scalars(select(Refund)).one().created_at = utc_now() - timedelta(days=days)


def test_a_refund_that_waits_for_an_answer_too_long_is_found(receipt):
    intend(receipt)
    age()

    assert INVARIANTS["I18 refunds answered"](reading()) == [the(Refund).reference]


def test_a_refund_too_old_for_its_key_is_looked_for_and_never_asked_for_again(receipt, gateway):
    plan = intend(receipt)
    gateway.answers_lost = True
    with pytest.raises(GatewayUnreachable):
        handlers.send_refund(plan)
    gateway.answers_lost = False
    age()
    handlers.sweep_refunds({})

    assert asked(gateway) == [plan.key]
    assert (the(Refund).status, the(Payment).refunded_minor) == (RefundStatus.SUCCEEDED, 2000)


def test_a_refund_that_was_never_made_makes_room_for_another(receipt, gateway):
    intend(receipt)
    age()
    handlers.sweep_refunds({})

    assert asked(gateway) == []
    assert the(Refund).status is RefundStatus.FAILED
    assert intend(receipt).amount == Money(2000, "eur")


def test_a_refund_that_was_made_after_all_is_believed_over_a_refusal(receipt, gateway):
    plan = intend(receipt)
    with transaction() as session:
        service.fail_refund(session, plan.reference)
    made = gateway.refund(plan.payment_intent_id, plan.amount, reference=plan.reference, key=plan.key)
    with transaction() as session:
        service.record_refund(session, made)

    assert (the(Refund).status, the(Payment).refunded_minor) == (RefundStatus.SUCCEEDED, 2000)
    assert not any(find(reading()) for find in INVARIANTS.values())


def test_one_refund_without_an_answer_does_not_keep_the_others_waiting(story, gateway, monkeypatch):
    for session_id in (story.give(), story.give()):
        story.fulfil(session_id)
    receipts = list(reading().scalars(select(Payment.receipt_number).order_by(Payment.id)))
    lost, _ = [intend(receipt) for receipt in receipts]
    gateway.silent_about = {lost.key}
    monkeypatch.setattr(handlers, "PATIENCE", timedelta())
    with pytest.raises(GatewayUnreachable):
        handlers.sweep_refunds({})

    reading().rollback()
    statuses = reading().scalars(select(Refund.status).order_by(Refund.id)).all()
    assert statuses == [RefundStatus.STARTED, RefundStatus.SUCCEEDED]


def test_a_refused_refund_is_over_and_another_can_be_tried(receipt, gateway, monkeypatch):
    plan = intend(receipt)
    gateway.refund(plan.payment_intent_id, plan.amount, reference="dashboard", key="other")
    with pytest.raises(GatewayRefused):
        handlers.send_refund(plan)
    assert the(Refund).status is RefundStatus.FAILED

    monkeypatch.setattr(handlers, "PATIENCE", timedelta())
    intend(receipt)
    handlers.sweep_refunds({})
    assert set(reading().scalars(select(Refund.status))) == {RefundStatus.FAILED}


def test_a_refusal_that_comes_after_the_answer_changes_nothing(receipt):
    plan = intend(receipt)
    handlers.send_refund(plan)
    with transaction() as session:
        service.fail_refund(session, plan.reference)

    assert the(Refund).status is RefundStatus.SUCCEEDED


def test_payments_are_listed_newest_first(story):
    patron = story.patron()
    for checkout in (story.give(patron=patron), story.give(), story.give(patron=patron)):
        story.fulfil(checkout)
    now = utc_now()

    mine = service.list_payments_of(reading(), reading().scalars(select(Patron.id)).one())
    everybody = service.list_payments(reading(), since=now - timedelta(days=1), until=now + timedelta(days=1))
    assert [payment.id for payment in mine] == [3, 1]
    assert [payment.id for payment in everybody] == [3, 2, 1]
    assert service.list_payments(reading(), since=now - timedelta(days=2), until=now - timedelta(days=1)) == []
