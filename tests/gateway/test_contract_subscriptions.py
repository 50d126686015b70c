"""What both gateways promise about subscriptions and invoices; it keeps the one in memory true."""

from calendar import monthrange
from dataclasses import replace
from datetime import timedelta

import pytest

from membership.clock import utc_now
from membership.gateway.errors import GatewayMissing, GatewayRefused
from membership.gateway.values import CheckoutStatus
from tests.gateway.providers import DECLINED, EUR5, FAILS_LATER, key, mine, subscription

MINUTE = timedelta(minutes=1)


def month_after(moment):
    year, month = moment.year + moment.month // 12, moment.month % 12 + 1
    return moment.replace(year=year, month=month, day=min(moment.day, monthrange(year, month)[1]))


@pytest.mark.parametrize("name", ["cancel_at_period_end", "undo_cancellation", "cancel_now"])
def test_a_subscription_that_does_not_exist_cannot_be_changed(stripe_side, name):
    with pytest.raises(GatewayMissing):
        getattr(stripe_side, name)("sub_nothing", key=key())


def test_a_paid_checkout_begins_a_subscription(provider, stripe_side, customer_id, price_id):
    wish = subscription(customer_id, price_id)
    opened = stripe_side.open_subscription_checkout(wish, key=key())

    provider.pay(opened.id)

    checkout = stripe_side.get_checkout(opened.id)
    begun = stripe_side.get_subscription(checkout.subscription_id)
    assert (checkout.status, checkout.is_paid, checkout.url) == (CheckoutStatus.COMPLETE, True, None)
    assert checkout.payment_intent_id is None
    assert (begun.status, begun.reference, begun.customer_id) == ("active", wish.reference, customer_id)
    assert (begun.stripe_price_id, begun.started_at) == (price_id, begun.period_starts_at)
    assert begun.period_ends_at == month_after(begun.period_starts_at)
    assert (begun.cancel_at, begun.ended_at, begun.end_reason) == (None, None, None)
    assert mine(stripe_side.list_subscriptions(), {begun.id}) == [begun]


def test_the_first_invoice_pays_the_first_period(stripe_side, subscribe):
    begun = stripe_side.get_subscription(subscribe())

    (invoice,) = stripe_side.list_invoices_of(begun.id)

    assert invoice == stripe_side.get_invoice(invoice.id)
    assert (invoice.status, invoice.total, invoice.subscription_id) == ("paid", EUR5, begun.id)
    assert (invoice.period_starts_at, invoice.period_ends_at) == (begun.period_starts_at, begun.period_ends_at)
    assert invoice.attempts == 1
    assert abs(invoice.paid_at - utc_now()) < MINUTE
    assert invoice.stripe_price_id == begun.stripe_price_id


def test_a_declined_card_begins_no_subscription(provider, stripe_side, customer_id, price_id):
    opened = stripe_side.open_subscription_checkout(subscription(customer_id, price_id), key=key())

    provider.pay(opened.id, DECLINED)

    assert stripe_side.get_checkout(opened.id).status is CheckoutStatus.OPEN
    assert not [one for one in stripe_side.list_subscriptions() if one.customer_id == customer_id]


def test_a_renewal_pays_the_next_period(provider, stripe_side, subscribe):
    first = stripe_side.get_subscription(subscribe())

    provider.month_passes(first.id)

    renewed = stripe_side.get_subscription(first.id)
    invoices = list(stripe_side.list_invoices_of(first.id))
    assert (renewed.status, renewed.period_starts_at) == ("active", first.period_ends_at)
    assert [one.status for one in invoices] == ["paid", "paid"]
    assert [one.period_starts_at for one in invoices] == [renewed.period_starts_at, first.period_starts_at]
    assert invoices[0].period_ends_at == renewed.period_ends_at


def test_a_failed_renewal_leaves_the_invoice_open_and_the_subscription_late(provider, stripe_side, subscribe):
    subscription_id = subscribe(FAILS_LATER)

    provider.month_passes(subscription_id)

    newest, _ = stripe_side.list_invoices_of(subscription_id)
    payment = stripe_side.get_payment(newest.payment_intent_ids[0])
    assert stripe_side.get_subscription(subscription_id).status == "past_due"
    assert (newest.status, newest.attempts, newest.paid_at) == ("open", 1, None)
    assert (payment.status, payment.paid_at, payment.charge_id) == ("requires_payment_method", None, None)


def test_a_renewal_that_goes_on_failing_ends_the_subscription(provider, stripe_side, subscribe):
    subscription_id = subscribe(FAILS_LATER)
    provider.month_passes(subscription_id)

    provider.give_up(subscription_id)

    ended = stripe_side.get_subscription(subscription_id)
    assert (ended.status, ended.end_reason) == ("canceled", "payment_failed")
    assert ended.ended_at is not None
    assert mine(stripe_side.list_subscriptions(), {subscription_id}) == [ended]


def test_cancelling_at_the_periods_end_sets_the_day_and_changes_nothing_else(stripe_side, subscribe):
    before = stripe_side.get_subscription(subscribe())

    after = stripe_side.cancel_at_period_end(before.id, key=key())

    assert after == replace(before, cancel_at=before.period_ends_at)
    assert stripe_side.get_subscription(before.id) == after


def test_a_cancellation_can_be_undone_and_done_again(stripe_side, subscribe):
    before = stripe_side.get_subscription(subscribe())
    stripe_side.cancel_at_period_end(before.id, key=key())

    assert stripe_side.undo_cancellation(before.id, key=key()) == before
    assert stripe_side.cancel_at_period_end(before.id, key=key()).cancel_at == before.period_ends_at


def test_undoing_what_was_not_cancelled_changes_nothing(stripe_side, subscribe):
    before = stripe_side.get_subscription(subscribe())

    assert stripe_side.undo_cancellation(before.id, key=key()) == before


def test_a_cancelled_subscription_ends_when_its_period_does(provider, stripe_side, subscribe):
    before = stripe_side.get_subscription(subscribe())
    stripe_side.cancel_at_period_end(before.id, key=key())

    provider.month_passes(before.id)

    ended = stripe_side.get_subscription(before.id)
    assert (ended.status, ended.end_reason) == ("canceled", "cancellation_requested")
    assert ended.ended_at == before.period_ends_at
    assert len(list(stripe_side.list_invoices_of(before.id))) == 1


def test_cancelling_now_ends_it_at_once(stripe_side, subscribe):
    subscription_id = subscribe()

    ended = stripe_side.cancel_now(subscription_id, key=key())

    assert (ended.status, ended.end_reason) == ("canceled", "cancellation_requested")
    assert abs(ended.ended_at - utc_now()) < MINUTE


def test_an_ended_subscription_takes_no_changes(stripe_side, subscribe):
    subscription_id = subscribe()
    stripe_side.cancel_now(subscription_id, key=key())

    for change in (stripe_side.cancel_at_period_end, stripe_side.undo_cancellation, stripe_side.cancel_now):
        with pytest.raises(GatewayRefused):
            change(subscription_id, key=key())


def test_who_was_given_time_pays_when_it_is_over(provider, stripe_side, customer_id, price_id):
    ends_at = (utc_now() + timedelta(days=20)).replace(microsecond=0)
    wish = subscription(customer_id, price_id, trial_ends_at=ends_at)
    checkout = stripe_side.open_subscription_checkout(wish, key=key())
    provider.pay(checkout.id)
    paid = stripe_side.get_checkout(checkout.id)
    begun = stripe_side.get_subscription(paid.subscription_id)
    (nothing,) = stripe_side.list_invoices_of(begun.id)

    assert (paid.is_paid, begun.status, begun.period_ends_at) == (True, "trialing", ends_at)
    assert (nothing.total.minor, nothing.status, nothing.payment_intent_ids) == (0, "paid", ())
    assert nothing.period_ends_at == ends_at

    provider.month_passes(begun.id)
    first, _ = stripe_side.list_invoices_of(begun.id)
    assert (first.status, first.total, first.period_starts_at) == ("paid", EUR5, ends_at)
    assert stripe_side.get_subscription(begun.id).status == "active"
