"""What both gateways promise about subscriptions that change; it keeps the one in memory true."""

from dataclasses import replace
from datetime import timedelta

import pytest

from membership.clock import utc_now
from membership.gateway.errors import GatewayMissing, GatewayRefused
from membership.gateway.values import CheckoutStatus, CouponWish, PriceChange
from membership.money import Money
from tests.gateway.providers import EUR5, FAILS_LATER, key, subscription


@pytest.fixture
def prices(stripe_side):
    """Make a product's prices: 10 euros a month, 15 a quarter, 50 a year, 3 a month."""
    product_id = stripe_side.sync_product(None, name="Patron", reference="patron", key=key())
    terms = {"more": (1000, "month"), "quarter": (3500, "quarter"), "year": (9000, "year"), "less": (300, "month")}
    return {
        name: stripe_side.sync_price(
            product_id=product_id, amount=Money(minor, "eur"), interval=interval, lookup_key=key(), key=key()
        )
        for name, (minor, interval) in terms.items()
    }


def change(begun, price_id):
    return PriceChange(begun.id, begun.item_id, price_id, utc_now().replace(microsecond=0))


def test_more_is_charged_at_once_and_as_it_was_shown(stripe_side, subscribe, prices):
    begun = stripe_side.get_subscription(subscribe())
    wish = change(begun, prices["more"])
    shown = stripe_side.preview_change(wish)

    changed = stripe_side.change_price(wish, key=key())

    newest, first = stripe_side.list_invoices_of(begun.id)
    assert (newest.stripe_price_id, first.stripe_price_id) == (prices["more"], begun.stripe_price_id)
    assert (shown.charge - shown.credit, shown.due) == (shown.due, newest.total)
    assert 0 < shown.due.minor <= 500
    assert (changed.stripe_price_id, changed.period_ends_at) == (prices["more"], begun.period_ends_at)
    assert (newest.status, newest.period_ends_at) == ("paid", begun.period_ends_at)


def test_a_longer_interval_begins_a_period_of_its_own(stripe_side, subscribe, prices):
    begun = stripe_side.get_subscription(subscribe())
    wish = change(begun, prices["quarter"])
    shown = stripe_side.preview_change(wish)

    changed = stripe_side.change_price(wish, key=key())

    assert 0 < shown.due.minor <= 3500
    assert changed.stripe_price_id == prices["quarter"]
    assert timedelta(days=88) < changed.period_ends_at - utc_now() < timedelta(days=93)


def test_a_subscription_keeps_its_currency(stripe_side, subscribe):
    begun = stripe_side.get_subscription(subscribe())
    product_id = stripe_side.sync_product(None, name="Friend", reference="friend", key=key())
    terms = {"product_id": product_id, "amount": Money(700, "usd"), "interval": "month", "lookup_key": key()}

    with pytest.raises(GatewayRefused):
        stripe_side.preview_change(change(begun, stripe_side.sync_price(**terms, key=key())))


def test_less_begins_when_the_period_ends(provider, stripe_side, subscribe, prices):
    begun = stripe_side.get_subscription(subscribe())

    planned = stripe_side.schedule_price(begun.id, prices["less"], key=key())

    assert planned.stripe_price_id == begun.stripe_price_id
    assert (planned.next_price_id, planned.next_price_at) == (prices["less"], begun.period_ends_at)
    provider.month_passes(begun.id)
    renewed = stripe_side.get_subscription(begun.id)
    newest, _ = stripe_side.list_invoices_of(begun.id)
    assert (renewed.stripe_price_id, renewed.next_price_id) == (prices["less"], None)
    assert newest.total == Money(300, "eur")


def test_a_plan_is_replaced_by_another_and_can_be_dropped(stripe_side, subscribe, prices):
    begun = stripe_side.get_subscription(subscribe())
    stripe_side.schedule_price(begun.id, prices["less"], key=key())

    assert stripe_side.schedule_price(begun.id, prices["more"], key=key()).next_price_id == prices["more"]
    assert stripe_side.drop_schedule(begun.id, key=key()) == begun
    assert stripe_side.drop_schedule(begun.id, key=key()) == begun


def test_an_end_and_a_pause_take_the_place_of_a_plan(stripe_side, subscribe, prices):
    begun = stripe_side.get_subscription(subscribe())
    stripe_side.schedule_price(begun.id, prices["less"], key=key())

    stopping = stripe_side.cancel_at_period_end(begun.id, key=key())

    assert (stopping.cancel_at, stopping.next_price_id) == (begun.period_ends_at, None)


def test_a_moved_price_is_asked_from_the_next_renewal_on(provider, stripe_side, subscribe, prices):
    begun = stripe_side.get_subscription(subscribe())

    moved = stripe_side.move_price(begun.id, begun.item_id, prices["more"], key=key())

    assert moved == replace(begun, stripe_price_id=prices["more"])
    assert len(list(stripe_side.list_invoices_of(begun.id))) == 1
    provider.month_passes(begun.id)
    assert next(iter(stripe_side.list_invoices_of(begun.id))).total == Money(1000, "eur")


def test_a_pause_asks_for_nothing_and_then_asks_again(provider, stripe_side, subscribe):
    begun = stripe_side.get_subscription(subscribe())
    until = begun.period_ends_at + timedelta(days=20)

    paused = stripe_side.pause(begun.id, until, key=key())

    assert paused == replace(begun, paused_until=until)
    provider.month_passes(begun.id)
    assert [one.status for one in stripe_side.list_invoices_of(begun.id)] == ["void", "paid"]
    provider.month_passes(begun.id)
    assert [one.status for one in stripe_side.list_invoices_of(begun.id)] == ["paid", "void", "paid"]
    assert stripe_side.get_subscription(begun.id).paused_until is None


def test_going_on_early_charges_at_once_if_that_is_wanted(stripe_side, subscribe):
    begun = stripe_side.get_subscription(subscribe())
    stripe_side.pause(begun.id, begun.period_ends_at + timedelta(days=20), key=key())

    assert stripe_side.resume(begun.id, charge_now=False, key=key()) == begun
    stripe_side.pause(begun.id, begun.period_ends_at + timedelta(days=20), key=key())
    assert stripe_side.resume(begun.id, charge_now=True, key=key()).paused_until is None
    assert [one.status for one in stripe_side.list_invoices_of(begun.id)] == ["paid", "paid"]


def test_an_open_invoice_is_refused_by_a_bad_card_and_can_be_voided(provider, stripe_side, subscribe):
    subscription_id = subscribe(FAILS_LATER)
    provider.month_passes(subscription_id)
    newest, _ = stripe_side.list_invoices_of(subscription_id)
    provider.worsen(subscription_id)

    with pytest.raises(GatewayRefused):
        stripe_side.pay_invoice(newest.id, key=key())
    assert stripe_side.void_invoice(newest.id, key=key()).status == "void"
    with pytest.raises(GatewayRefused):
        stripe_side.void_invoice(newest.id, key=key())


def test_an_open_invoice_is_paid_when_the_card_is_good_again(provider, stripe_side, subscribe):
    subscription_id = subscribe(FAILS_LATER)
    provider.month_passes(subscription_id)
    newest, _ = stripe_side.list_invoices_of(subscription_id)
    provider.improve(subscription_id)

    assert stripe_side.pay_invoice(newest.id, key=key()).status == "paid"


def test_a_change_that_cannot_be_charged_waits_and_leaves_everything(provider, stripe_side, subscribe, prices):
    begun = stripe_side.get_subscription(subscribe(FAILS_LATER))
    provider.worsen(begun.id)

    waiting = stripe_side.change_price(change(begun, prices["more"]), key=key())

    assert (waiting.stripe_price_id, waiting.status) == (begun.stripe_price_id, "active")
    assert timedelta(hours=22) < waiting.pending_until - utc_now() < timedelta(hours=24)


def test_the_portal_is_open_to_customers_only(stripe_side, customer_id):
    assert stripe_side.open_portal(customer_id, "http://localhost/account").startswith("http")
    with pytest.raises(GatewayMissing):
        stripe_side.open_portal("cus_nobody", "http://localhost/account")


def test_the_customers_card_takes_over(stripe_side, subscribe):
    begun = stripe_side.get_subscription(subscribe())

    assert stripe_side.use_customers_card(begun.id, key=key()) == begun


@pytest.mark.parametrize("off", [50, Money(200, "eur")])
def test_a_code_makes_the_first_payment_cheaper(provider, stripe_side, customer_id, price_id, off):
    code = f"AUTUMN-{key()}".replace(".", "-").upper()
    wish = CouponWish(code, off, "once", None, None, 10, utc_now() + timedelta(days=30))
    _, code_id = stripe_side.make_coupon(wish, key=key())
    opened = stripe_side.open_subscription_checkout(
        subscription(customer_id, price_id, promotion_code_id=code_id), key=key()
    )

    provider.pay(opened.id)

    checkout = stripe_side.get_checkout(opened.id)
    (invoice,) = stripe_side.list_invoices_of(checkout.subscription_id)
    assert checkout.status is CheckoutStatus.COMPLETE
    assert invoice.total == (Money(250, "eur") if off == 50 else EUR5 - off)
    stripe_side.retire_code(code_id, key=key())
    with pytest.raises(GatewayMissing):
        stripe_side.retire_code("promo_nothing", key=key())


def test_too_little_to_charge_comes_with_the_next_payment(provider, stripe_side, subscribe):
    begun = stripe_side.get_subscription(subscribe())
    product_id = stripe_side.sync_product(None, name="Patron", reference="patron", key=key())
    terms = {"product_id": product_id, "interval": "month", "lookup_key": key(), "key": key()}
    wish = change(begun, stripe_side.sync_price(amount=Money(524, "eur"), **terms))
    shown = stripe_side.preview_change(wish)

    changed = stripe_side.change_price(wish, key=key())
    provider.month_passes(begun.id)

    assert (shown.due.minor, shown.carried) == (0, shown.charge - shown.credit)
    assert 20 <= shown.carried.minor <= 24
    assert changed.stripe_price_id == wish.stripe_price_id
    newest = next(iter(stripe_side.list_invoices_of(begun.id)))
    assert stripe_side.get_payment(newest.payment_intent_ids[0]).amount.minor == 524 + shown.carried.minor
