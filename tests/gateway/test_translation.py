"""Stripe's objects as the package hands them over, also where the sandbox never goes."""

from datetime import UTC, datetime

import pytest
import stripe

from membership.gateway import translation
from membership.money import Money


def stripe_object(values):
    return stripe.StripeObject.construct_from(values, "sk_test_x")


def line(start, end, **parent):
    return {"period": {"start": start, "end": end}, "parent": parent or None}


def from_item(*, proration):
    return {"subscription_item_details": {"proration": proration}}


def invoice(lines=(), **fields):
    values = {
        "id": "in_1",
        "status": "open",
        "total": 500,
        "currency": "eur",
        "created": 50,
        "attempt_count": 0,
        "period_start": 10,
        "period_end": 20,
        "parent": {"subscription_details": {"subscription": "sub_1"}},
        "status_transitions": {"paid_at": None},
        "payments": {"object": "list", "data": []},
        "lines": {"object": "list", "data": list(lines)},
    }
    return translation.invoice(stripe_object(values | fields))


def subscription(**fields):
    item = {"id": "si_1", "price": {"id": "price_1"}, "current_period_start": 100, "current_period_end": 200}
    values = {
        "id": "sub_1",
        "customer": "cus_1",
        "status": "active",
        "metadata": {},
        "start_date": 100,
        "cancel_at": None,
        "cancel_at_period_end": False,
        "cancellation_details": None,
        "ended_at": None,
        "items": {"object": "list", "data": [item]},
    }
    return translation.subscription(stripe_object(values | fields), at(0))


def at(seconds):
    return datetime.fromtimestamp(seconds, UTC)


def test_the_period_is_what_the_subscription_lines_pay_for():
    found = invoice([line(1, 999), line(100, 200, **from_item(proration=False))])

    assert (found.period_starts_at, found.period_ends_at) == (at(100), at(200))


def test_a_proration_is_no_period():
    found = invoice([line(100, 150, **from_item(proration=True)), line(100, 200, **from_item(proration=False))])

    assert found.period_ends_at == at(200)


def test_an_invoice_without_subscription_lines_has_its_own_period():
    found = invoice([line(1, 999, subscription_item_details=None)], parent=None)

    assert (found.period_starts_at, found.period_ends_at) == (at(10), at(20))
    assert found.subscription_id is None


def test_an_invoice_of_a_quote_belongs_to_no_subscription():
    assert invoice(parent={"subscription_details": None}).subscription_id is None


def test_only_payment_intents_of_an_invoice_are_named():
    paid = [
        {"payment": {"type": "payment_intent", "payment_intent": "pi_1"}},
        {"payment": {"type": "payment_intent", "payment_intent": {"id": "pi_2"}}},
        {"payment": {"type": "payment_record", "payment_record": "pr_1"}},
        {"payment": {"type": "charge", "charge": "ch_1", "payment_intent": None}},
    ]

    assert invoice(payments={"object": "list", "data": paid}).payment_intent_ids == ("pi_1", "pi_2")


def test_a_subscription_ends_on_its_date_or_with_its_period():
    assert subscription().cancel_at is None
    assert subscription(cancel_at=150).cancel_at == at(150)
    assert subscription(cancel_at_period_end=True).cancel_at == at(200)


def test_a_reason_counts_once_the_end_has_come():
    reason = {"reason": "cancellation_requested"}

    assert subscription(cancellation_details=reason).end_reason is None
    assert subscription(cancellation_details=reason, ended_at=150).end_reason == "cancellation_requested"
    assert subscription(ended_at=150).end_reason is None


def test_a_reference_is_empty_on_what_is_not_ours():
    assert subscription(metadata={"other": "1"}).reference == ""
    assert subscription(metadata=None).reference == ""
    assert subscription(metadata={"reference": "intent-1"}).reference == "intent-1"


def test_expanded_and_plain_references_are_the_same():
    assert subscription(customer={"id": "cus_1"}) == subscription(customer="cus_1")


def test_a_refund_of_a_bare_charge_names_no_payment():
    values = {
        "id": "re_1",
        "payment_intent": None,
        "amount": 500,
        "currency": "eur",
        "status": "succeeded",
        "metadata": None,
        "balance_transaction": None,
        "created": 5,
    }

    refund = translation.refund(stripe_object(values))

    assert (refund.payment_intent_id, refund.amount, refund.settlement) == ("", Money(500, "eur"), None)


@pytest.mark.parametrize(("recurring", "interval"), [({"interval": "month"}, "month"), (None, None)])
def test_the_terms_of_a_price(recurring, interval):
    price = {"product": "prod_1", "unit_amount": 500, "currency": "eur", "recurring": recurring}

    assert translation.terms(stripe_object(price)) == ("prod_1", Money(500, "eur"), interval)
