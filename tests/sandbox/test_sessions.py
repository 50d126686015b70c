import time

import pytest
import stripe

HOUR = 3600


def test_an_open_session_says_what_it_is_for(sandbox):
    price = sandbox.price()

    session = sandbox.open_membership(
        price, client_reference_id="intent-1", metadata={"reference": "1"}, locale="en", allow_promotion_codes=True
    )

    assert (session.status, session.payment_status, session.mode) == ("open", "unpaid", "subscription")
    assert (session.amount_total, session.currency, session.client_reference_id) == (500, "eur", "intent-1")
    assert session.url == f"{sandbox.url}/c/pay/{session.id}"
    assert session.expires_at == session.created + 24 * HOUR
    (line,) = sandbox.v1.checkout.sessions.line_items.list(session.id).data
    assert (line.price.id, line.quantity, line.amount_total) == (price.id, 1, 500)


def test_metadata_of_a_session_can_be_changed(sandbox):
    session = sandbox.open_gift(metadata={"a": "1"})

    changed = sandbox.v1.checkout.sessions.update(session.id, {"metadata": {"b": "2"}})

    assert changed.metadata.to_dict() == {"a": "1", "b": "2"}


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"line_items": []}, "line_items"),
        ({"line_items": [{"price": "price_nothing", "quantity": 1}]}, "line_items[price]"),
        ({"success_url": "nowhere"}, "success_url"),
        ({"cancel_url": "javascript:alert(1)"}, "cancel_url"),
        ({"submit_type": "donate"}, "submit_type"),
        ({"customer": "cus_nobody"}, "customer"),
        ({"customer_creation": "always"}, "customer_creation"),
        ({"payment_intent_data": {"description": "x"}}, "payment_intent_data"),
        ({"ui_mode": "elements"}, "ui_mode"),
        ({"ui_mode": "hosted"}, "ui_mode"),
        ({"locale": "uk"}, "locale"),
        ({"mode": "setup"}, "mode"),
        ({"mode": "payment"}, "mode"),
        ({"discounts": [{"coupon": "x"}]}, "discounts[0][coupon]"),
        ({"subscription_data": {"trial_end": 3}}, "trial_end"),
        ({"expires_at": int(time.time()) + 60}, "expires_at"),
        ({"expires_at": int(time.time()) + 25 * HOUR}, "expires_at"),
    ],
)
def test_what_checkout_does_not_take_is_refused(sandbox, fields, param):
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        sandbox.open_membership(**fields)

    assert refusal.value.param == param


def test_a_buyer_is_named_once(sandbox):
    customer = sandbox.v1.customers.create({})

    with pytest.raises(stripe.InvalidRequestError):
        sandbox.open_membership(customer=customer.id, customer_email="a@example.org")


@pytest.mark.parametrize("line", [{"quantity": 0}, {"quantity": 1, "tax_rates": ["txr_1"]}, {}])
def test_a_line_has_a_price_and_a_quantity(sandbox, line):
    price = {"price": sandbox.price().id} if line else {"quantity": 1}

    with pytest.raises(stripe.InvalidRequestError):
        sandbox.open_membership(line_items=[price | line])


def test_a_retired_price_cannot_be_bought(sandbox):
    price = sandbox.price()
    sandbox.v1.prices.update(price.id, {"active": False})

    with pytest.raises(stripe.InvalidRequestError):
        sandbox.open_membership(price)


def test_a_single_price_is_no_subscription(sandbox):
    price = {"currency": "eur", "unit_amount": 500, "product_data": {"name": "Once"}}

    with pytest.raises(stripe.InvalidRequestError):
        sandbox.open_membership(line_items=[{"price_data": price, "quantity": 1}])


def test_a_session_has_one_currency_and_each_price_once(sandbox):
    price, other = sandbox.price(), sandbox.price(currency="usd")

    for second in (price, other):
        with pytest.raises(stripe.InvalidRequestError):
            sandbox.open_membership(line_items=[{"price": one.id, "quantity": 1} for one in (price, second)])


@pytest.mark.parametrize(("amount", "code"), [(49, "amount_too_small"), (100_000_000, "amount_too_large")])
def test_a_total_has_bounds(sandbox, amount, code):
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        sandbox.open_gift(amount)

    assert refusal.value.code == code


def test_a_session_expires_at_its_time(sandbox):
    session = sandbox.open_gift()

    sandbox.advance(days=1)

    expired = sandbox.v1.checkout.sessions.retrieve(session.id)
    assert (expired.status, expired.url, expired.payment_status) == ("expired", None, "unpaid")
    event = sandbox.v1.events.list({"type": "checkout.session.expired"}).data[0]
    assert event.created == session.expires_at


def test_a_session_can_be_expired_once(sandbox):
    session = sandbox.open_gift()

    assert sandbox.v1.checkout.sessions.expire(session.id).status == "expired"
    with pytest.raises(stripe.InvalidRequestError):
        sandbox.v1.checkout.sessions.expire(session.id)
    sandbox.advance(days=1)
    assert sandbox.told().count("checkout.session.expired") == 1


def test_sessions_are_found_by_what_came_of_them(sandbox):
    sandbox.open_gift()
    subscription, intent = sandbox.member(), sandbox.gift()
    sessions = sandbox.v1.checkout.sessions

    (membership,) = sessions.list({"subscription": subscription.id}).data
    (gift,) = sessions.list({"payment_intent": intent.id}).data

    assert [one.id for one in sessions.list({"customer": subscription.customer}).data] == [membership.id]
    assert [one.id for one in sessions.list({"status": "complete"}).data] == [gift.id, membership.id]
    assert len(sessions.list({"status": "open"}).data) == 1


def test_data_for_what_is_bought_is_handed_on_and_the_sessions_is_not(sandbox):
    subscription = sandbox.member(metadata={"a": "1"}, subscription_data={"metadata": {"reference": "intent-1"}})
    intent = sandbox.gift(
        metadata={"a": "1"}, payment_intent_data={"metadata": {"reference": "gift-1"}, "receipt_email": "d@example.org"}
    )

    assert subscription.metadata.to_dict() == {"reference": "intent-1"}
    assert intent.metadata.to_dict() == {"reference": "gift-1"}
    assert intent.receipt_email == "d@example.org"
    assert sandbox.v1.charges.retrieve(intent.latest_charge).metadata.to_dict() == {"reference": "gift-1"}
