"""What both gateways promise, so that the one in memory cannot drift from the real one."""

from calendar import monthrange
from dataclasses import replace
from datetime import timedelta

import pytest

from membership.clock import utc_now
from membership.gateway.errors import GatewayMissing, GatewayRefused
from membership.gateway.values import CheckoutStatus
from membership.money import Money
from tests.gateway.providers import DECLINED, EUR5, FAILS_LATER, donation, key, subscription

EUR20 = Money(2000, "eur")
MINUTE = timedelta(minutes=1)


def month_after(moment):
    year, month = moment.year + moment.month // 12, moment.month % 12 + 1
    return moment.replace(year=year, month=month, day=min(moment.day, monthrange(year, month)[1]))


def mine(found, ids):
    return [one for one in found if one.id in ids]


def test_a_customer_asked_for_twice_under_one_key_is_one(stripe_side):
    asked = {"email": "a@example.org", "name": "Ada", "reference": "patron-2", "key": key()}

    assert stripe_side.create_customer(**asked) == stripe_side.create_customer(**asked)


def test_another_request_under_a_used_key_is_refused(stripe_side):
    wish, used = donation(), key()
    stripe_side.open_donation_checkout(wish, key=used)

    with pytest.raises(GatewayRefused):
        stripe_side.open_donation_checkout(replace(wish, amount=Money(2100, "eur")), key=used)


def test_an_open_subscription_checkout_holds_our_reference_and_no_money(stripe_side, customer_id, price_id):
    wish = subscription(customer_id, price_id)

    opened = stripe_side.open_subscription_checkout(wish, key=key())

    assert opened == stripe_side.get_checkout(opened.id)
    assert (opened.status, opened.is_paid, opened.mode) == (CheckoutStatus.OPEN, False, "subscription")
    assert (opened.reference, opened.customer_id) == (wish.reference, customer_id)
    assert (opened.subscription_id, opened.payment_intent_id) == (None, None)
    assert opened.url.startswith("http")
    assert abs(opened.created_at - utc_now()) < MINUTE


def test_an_open_donation_checkout_holds_our_reference_and_no_money(stripe_side):
    wish = donation()

    opened = stripe_side.open_donation_checkout(wish, key=key())

    assert (opened.status, opened.is_paid, opened.mode) == (CheckoutStatus.OPEN, False, "payment")
    assert (opened.reference, opened.customer_id, opened.subscription_id) == (wish.reference, None, None)


def test_a_checkout_asked_for_twice_under_one_key_is_one(stripe_side):
    wish, used = donation(), key()

    first = stripe_side.open_donation_checkout(wish, key=used)

    assert stripe_side.open_donation_checkout(wish, key=used) == first


@pytest.mark.parametrize("life", [timedelta(minutes=20), timedelta(hours=25)])
def test_a_checkout_lives_from_half_an_hour_to_a_day(stripe_side, life):
    with pytest.raises(GatewayRefused):
        stripe_side.open_donation_checkout(donation(expires_at=utc_now() + life), key=key())


def test_a_stranger_cannot_subscribe(stripe_side, price_id):
    with pytest.raises(GatewayMissing):
        stripe_side.open_subscription_checkout(subscription("cus_nobody", price_id), key=key())


@pytest.mark.parametrize(
    "name",
    [
        "get_checkout",
        "expire_checkout",
        "get_subscription",
        "get_invoice",
        "get_payment",
        "get_refund",
        "payment_of_charge",
    ],
)
def test_what_does_not_exist_is_missing(stripe_side, name):
    with pytest.raises(GatewayMissing):
        getattr(stripe_side, name)("nothing_1")


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


def test_an_invoice_its_payment_and_its_charge_lead_to_each_other(stripe_side, subscribe, customer_id):
    (invoice,) = stripe_side.list_invoices_of(subscribe())
    (payment_id,) = invoice.payment_intent_ids

    payment = stripe_side.get_payment(payment_id)

    assert (payment.status, payment.amount, payment.customer_id) == ("succeeded", EUR5, customer_id)
    assert payment.reference == ""
    assert abs(payment.paid_at - utc_now()) < MINUTE
    assert stripe_side.payment_of_charge(payment.charge_id) == payment_id
    assert stripe_side.invoice_of_payment(payment_id) == invoice.id


def test_a_paid_donation_carries_our_reference_and_no_invoice(stripe_side, give):
    wish = donation()

    payment = stripe_side.get_payment(give(wish))

    assert (payment.status, payment.amount, payment.reference) == ("succeeded", EUR20, wish.reference)
    assert payment.customer_id is None
    assert stripe_side.invoice_of_payment(payment.id) is None


def test_a_declined_card_leaves_the_checkout_open(provider, stripe_side):
    opened = stripe_side.open_donation_checkout(donation(), key=key())

    provider.pay(opened.id, DECLINED)

    checkout = stripe_side.get_checkout(opened.id)
    assert (checkout.status, checkout.is_paid, checkout.url) == (CheckoutStatus.OPEN, False, opened.url)


def test_a_declined_gift_is_an_attempt_without_money(provider, stripe_side):
    wish = donation()
    opened = stripe_side.open_donation_checkout(wish, key=key())

    provider.pay(opened.id, DECLINED)

    (tried,) = [one for one in stripe_side.list_payments(utc_now() - MINUTE) if one.reference == wish.reference]
    assert (tried.status, tried.charge_id, tried.paid_at) == ("requires_payment_method", None, None)
    assert tried.settlement is None


def test_a_declined_card_begins_no_subscription(provider, stripe_side, customer_id, price_id):
    opened = stripe_side.open_subscription_checkout(subscription(customer_id, price_id), key=key())

    provider.pay(opened.id, DECLINED)

    assert stripe_side.get_checkout(opened.id).status is CheckoutStatus.OPEN
    assert not [one for one in stripe_side.list_subscriptions() if one.customer_id == customer_id]


def test_an_open_checkout_can_be_expired_once(stripe_side):
    opened = stripe_side.open_donation_checkout(donation(), key=key())

    expired = stripe_side.expire_checkout(opened.id)

    assert (expired.status, expired.url) == (CheckoutStatus.EXPIRED, None)
    with pytest.raises(GatewayRefused):
        stripe_side.expire_checkout(opened.id)


def test_a_paid_checkout_cannot_be_expired(provider, stripe_side):
    opened = stripe_side.open_donation_checkout(donation(), key=key())
    provider.pay(opened.id)

    with pytest.raises(GatewayRefused):
        stripe_side.expire_checkout(opened.id)


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


def test_the_fee_is_unknown_at_first_and_known_later(provider, stripe_side, give):
    payment_id = give(donation())
    assert stripe_side.get_payment(payment_id).settlement is None

    provider.settle()

    payment = stripe_side.get_payment(payment_id)
    settlement = payment.settlement
    assert (settlement.gross, settlement.fee, settlement.net) == (EUR20, Money(55, "eur"), Money(1945, "eur"))
    assert (settlement.category, settlement.source_id) == ("charge", payment.charge_id)
    assert mine(stripe_side.list_settlements(utc_now() - 5 * MINUTE), {settlement.id}) == [settlement]


def test_a_listed_payment_has_everything_but_its_refunds(provider, stripe_side, give):
    payment_id = give(donation())
    stripe_side.refund(payment_id, EUR5, reference="refund-0", key=key())
    provider.settle()

    (listed,) = mine(stripe_side.list_payments(utc_now() - 5 * MINUTE), {payment_id})

    assert listed == replace(stripe_side.get_payment(payment_id), refunds=())


def test_a_refund_takes_money_back_and_no_fee(provider, stripe_side, give):
    payment_id = give(donation())

    made = stripe_side.refund(payment_id, EUR20, reference="refund-1", key=key())
    provider.settle()

    refund = stripe_side.get_refund(made.id)
    assert (made.status, made.amount, made.reference) == ("succeeded", EUR20, "refund-1")
    assert made.payment_intent_id == payment_id
    assert (refund.settlement.gross, refund.settlement.fee) == (-EUR20, Money(0, "eur"))
    assert (refund.settlement.net, refund.settlement.category) == (-EUR20, "refund")
    assert refund.settlement.source_id == refund.id
    assert stripe_side.get_payment(payment_id).refunds == (refund,)
    assert mine(stripe_side.list_refunds(utc_now() - 5 * MINUTE), {refund.id}) == [refund]


def test_a_refund_asked_for_twice_under_one_key_is_one(stripe_side, give):
    payment_id, used = give(donation()), key()

    first = stripe_side.refund(payment_id, EUR5, reference="refund-2", key=used)

    assert stripe_side.refund(payment_id, EUR5, reference="refund-2", key=used).id == first.id
    assert len(stripe_side.get_payment(payment_id).refunds) == 1


def test_no_more_is_refunded_than_was_paid(stripe_side, give):
    payment_id = give(donation())
    stripe_side.refund(payment_id, Money(1500, "eur"), reference="refund-3", key=key())

    with pytest.raises(GatewayRefused):
        stripe_side.refund(payment_id, Money(501, "eur"), reference="refund-4", key=key())


def test_events_tell_what_happened_and_to_what(provider, stripe_side, subscribe):
    # Events are dated, and asked for, in whole seconds.
    started = utc_now().replace(microsecond=0) - timedelta(seconds=1)
    subscription_id = subscribe()
    (invoice,) = stripe_side.list_invoices_of(subscription_id)
    provider.settle()

    events = list(stripe_side.list_events(started))

    told = {(one.type, one.object_id) for one in events}
    charge_id = stripe_side.get_payment(invoice.payment_intent_ids[0]).charge_id
    assert {
        ("customer.subscription.created", subscription_id),
        ("invoice.paid", invoice.id),
        ("charge.updated", charge_id),
    } <= told
    assert "checkout.session.completed" in {kind for kind, _ in told}
    assert {one.livemode for one in events} == {False}
    assert {one.api_version for one in events} == {"2026-10-28.endive"}
    assert all(started <= one.created_at <= utc_now() for one in events)


def test_a_product_keeps_its_id_when_its_name_changes(stripe_side):
    made = stripe_side.sync_product(None, name="Friend", reference="friend", key=key())

    assert stripe_side.sync_product(made, name="Good friend", reference="friend", key=key()) == made
    with pytest.raises(GatewayMissing):
        stripe_side.sync_product("prod_nothing", name="Friend", reference="friend", key=key())


def test_a_price_is_made_once_and_again_when_its_terms_change(stripe_side):
    product_id = stripe_side.sync_product(None, name="Friend", reference="friend", key=key())
    terms = {"product_id": product_id, "amount": EUR5, "interval": "month", "lookup_key": key()}

    first = stripe_side.sync_price(**terms, key=key())

    assert stripe_side.sync_price(**terms, key=key()) == first
    second = stripe_side.sync_price(**terms | {"amount": Money(700, "eur")}, key=key())
    third = stripe_side.sync_price(**terms | {"interval": "year"}, key=key())
    assert len({first, second, third}) == 3


def test_a_yearly_price_is_paid_for_a_year(provider, stripe_side, customer_id):
    product_id = stripe_side.sync_product(None, name="Friend", reference="friend", key=key())
    terms = {"product_id": product_id, "amount": Money(5000, "eur"), "lookup_key": key()}
    price_id = stripe_side.sync_price(**terms, interval="year", key=key())
    opened = stripe_side.open_subscription_checkout(subscription(customer_id, price_id), key=key())

    provider.pay(opened.id)

    begun = stripe_side.get_subscription(stripe_side.get_checkout(opened.id).subscription_id)
    assert timedelta(days=364) < begun.period_ends_at - begun.period_starts_at < timedelta(days=367)


def test_an_endpoint_comes_with_its_secret(stripe_side):
    endpoint_id, secret = stripe_side.create_endpoint("http://127.0.0.1:9/hook", key=key())

    assert endpoint_id.startswith("we_")
    assert secret.startswith("whsec_")


def test_the_account_has_a_country_and_a_currency(stripe_side):
    account = stripe_side.get_account()

    assert account.id.startswith("acct_")
    assert (account.default_currency, account.country) == ("eur", "DE")


def test_lists_begin_where_they_are_asked_to(stripe_side, give):
    give(donation())

    for listed in ("checkouts", "invoices", "payments", "refunds", "settlements", "events"):
        assert list(getattr(stripe_side, f"list_{listed}")(utc_now() + MINUTE)) == []


def test_lists_longer_than_a_page_miss_nothing(stripe_side):
    started = utc_now()
    made = [stripe_side.open_donation_checkout(donation(), key=key()).id for _ in range(205)]

    listed = [one.id for one in stripe_side.list_checkouts(started) if one.id in set(made)]

    assert listed == made[::-1]
