"""Stripe's objects as the package hands them over, also where the sandbox never goes."""

from datetime import UTC, datetime

import pytest
import stripe

from membership.gateway import translation
from membership.money import Money


def stripe_object(values):
    return stripe.StripeObject.construct_from(values, "sk_test_x")


def line(start, end, amount=500, **parent):
    details = {"subscription_item_details": None, "invoice_item_details": None} | parent
    return {"amount": amount, "period": {"start": start, "end": end}, "parent": details if parent else None}


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
        "pause_collection": None,
        "pending_update": None,
        "schedule": None,
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


def test_an_invoice_for_a_change_of_price_pays_for_the_rest_of_the_period():
    corrected = {"invoice_item_details": {"proration": True}}
    found = invoice([line(150, 180, -300, **corrected), line(150, 200, **from_item(proration=True))], period_end=10)

    assert (found.period_starts_at, found.period_ends_at) == (at(150), at(200))
    credit = invoice([line(150, 180, -300, **corrected)])
    assert (credit.period_starts_at, credit.period_ends_at) == (at(150), at(180))


def test_a_period_never_ends_before_it_began():
    found = invoice([line(150, 180, invoice_item_details={"proration": False})], period_end=10)

    assert found.period_ends_at > found.period_starts_at


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


def test_a_pause_with_an_end_leaves_the_status_and_one_without_is_the_status():
    assert subscription(pause_collection={"resumes_at": 300}).paused_until == at(300)
    assert subscription(pause_collection={"resumes_at": 300}).status == "active"
    assert subscription(pause_collection={"resumes_at": None}).status == "paused"


def test_a_schedule_tells_the_price_that_comes_next():
    phases = [
        {"start_date": start, "items": [{"price": price}]} for start, price in ((-5, "price_1"), (200, "price_2"))
    ]
    planned = subscription(schedule={"id": "sub_sched_1", "phases": phases})

    assert (planned.next_price_id, planned.next_price_at) == ("price_2", at(200))
    assert subscription(schedule={"id": "sub_sched_1", "phases": phases[:1]}).next_price_id is None


def test_a_change_waits_for_its_payment_until_it_expires():
    assert subscription(pending_update={"expires_at": 400}).pending_until == at(400)


def test_a_declined_payment_tells_why():
    values = {"id": "pi_1", "status": "requires_payment_method", "amount": 500, "currency": "eur", "metadata": {}}
    values |= {"customer": None, "latest_charge": None}

    for failed, code in (
        ({"code": "card_declined", "decline_code": "lost_card"}, "lost_card"),
        ({"code": "insufficient_funds", "decline_code": None}, "insufficient_funds"),
        ({"code": "authentication_required"}, "authentication_required"),
        (None, None),
    ):
        assert translation.payment(stripe_object(values | {"last_payment_error": failed})).decline_code == code


@pytest.mark.parametrize(
    ("recurring", "word"),
    [
        ({"interval": "month", "interval_count": 1}, "month"),
        ({"interval": "month", "interval_count": 3}, "quarter"),
        ({"interval": "week", "interval_count": 2}, "2 weeks"),
        (None, None),
    ],
)
def test_a_price_tells_its_terms(recurring, word):
    price = {"product": "prod_1", "unit_amount": 500, "currency": "eur", "recurring": recurring}

    assert translation.terms(stripe_object(price)) == ("prod_1", Money(500, "eur"), word)
