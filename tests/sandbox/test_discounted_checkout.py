import urllib.error
import urllib.parse
import urllib.request

import pytest
import stripe

from tests.sandbox.driver import GOOD
from tests.sandbox.test_changing import again, newest

DAY = 24 * 3600


@pytest.fixture
def half(sandbox2025):
    return sandbox2025.v1.coupons.create({"percent_off": 50, "duration": "forever"}).id


@pytest.fixture
def code(sandbox2025, half):
    return sandbox2025.v1.promotion_codes.create({"promotion": {"type": "coupon", "coupon": half}, "code": "SPRING"}).id


def bought(sandbox, session):
    found = sandbox.v1.checkout.sessions.retrieve(session.id)
    return found, sandbox.v1.subscriptions.retrieve(found.subscription)


def send(url, **fields):
    data = urllib.parse.urlencode(fields).encode() if fields else None
    try:
        with urllib.request.urlopen(urllib.request.Request(url, data, {"Accept-Language": "en"})) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refusal:
        with refusal:
            return refusal.code, refusal.read().decode()


def test_a_coupon_is_taken_off_a_session_and_every_renewal(sandbox2025, half):
    session = sandbox2025.open_membership(sandbox2025.price(1000), discounts=[{"coupon": half}])
    assert (session.amount_subtotal, session.amount_total, session.total_details.amount_discount) == (1000, 500, 500)
    assert session.discounts[0].coupon == half

    sandbox2025.pay(session)

    paid, subscription = bought(sandbox2025, session)
    assert (paid.payment_status, newest(sandbox2025, subscription).amount_paid) == ("paid", 500)
    found = sandbox2025.v1.subscriptions.retrieve(subscription.id, {"expand": ["discounts"]}).discounts[0]
    assert found.checkout_session == session.id
    sandbox2025.advance(days=32)
    assert newest(sandbox2025, subscription).amount_paid == 500


def test_the_last_use_of_a_coupon_goes_to_whoever_pays_first(sandbox2025):
    once = sandbox2025.v1.coupons.create({"percent_off": 50, "duration": "once", "max_redemptions": 1}).id
    first, second = (
        sandbox2025.open_membership(sandbox2025.price(1000), discounts=[{"coupon": once}]) for _ in range(2)
    )
    sandbox2025.pay(first)

    status, body = send(second.url, card=GOOD, email="taras@example.org")

    assert (status, "used up or over" in body) == (400, True)
    assert sandbox2025.v1.checkout.sessions.retrieve(second.id).status == "open"


def test_a_gift_can_cost_less_too(sandbox2025, half):
    session = sandbox2025.open_gift(2000, discounts=[{"coupon": half}])

    sandbox2025.pay(session)

    found = sandbox2025.v1.checkout.sessions.retrieve(session.id)
    assert sandbox2025.v1.payment_intents.retrieve(found.payment_intent).amount == 1000


def test_a_code_is_typed_on_the_page(sandbox2025, code):
    session = sandbox2025.open_membership(sandbox2025.price(1000), allow_promotion_codes=True)

    status, body = send(f"{session.url}/code", code="AUTUMN")
    assert (status, "This code cannot be used" in body) == (400, True)
    status, body = send(f"{session.url}/code", code="spring")

    assert (status, "-€5.00" in body, "€10.00 every month" in body, "Pay €5.00" in body) == (200, True, True, True)
    sandbox2025.pay(session)
    assert newest(sandbox2025, bought(sandbox2025, session)[1]).amount_paid == 500
    assert sandbox2025.v1.promotion_codes.retrieve(code).times_redeemed == 1


def test_no_code_is_taken_where_none_is_allowed(sandbox2025, code):
    session = sandbox2025.open_membership(sandbox2025.price(1000))

    assert send(f"{session.url}/code", code="spring")[0] == 200

    assert sandbox2025.v1.checkout.sessions.retrieve(session.id).amount_total == 1000


def test_a_trial_costs_nothing_today(sandbox2025):
    trial = {"trial_period_days": 14, "trial_settings": {"end_behavior": {"missing_payment_method": "cancel"}}}
    session = sandbox2025.open_membership(sandbox2025.price(1000), subscription_data=trial)
    assert (session.amount_total, "The first days are free" in send(session.url)[1]) == (0, True)

    sandbox2025.pay(session)

    paid, subscription = bought(sandbox2025, session)
    assert (paid.payment_status, subscription.status) == ("no_payment_required", "trialing")
    assert subscription.trial_end == subscription.created + 14 * DAY
    sandbox2025.advance(days=15)
    assert (again(sandbox2025, subscription).status, newest(sandbox2025, subscription).amount_paid) == ("active", 1000)


def test_a_trial_may_begin_without_a_card(sandbox2025):
    trial = {
        "trial_end": sandbox2025.world.clock.now() + 9 * DAY,
        "trial_settings": {"end_behavior": {"missing_payment_method": "cancel"}},
    }
    session = sandbox2025.open_membership(
        sandbox2025.price(1000), payment_method_collection="if_required", subscription_data=trial
    )
    assert "Card number" not in send(session.url)[1]

    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(session.url, b"email=a%40example.org")

    _, subscription = bought(sandbox2025, session)
    assert (subscription.default_payment_method, subscription.trial_end) == (None, trial["trial_end"])
    sandbox2025.advance(days=10)
    assert again(sandbox2025, subscription).status == "canceled"


def test_a_price_is_paid_in_the_currency_that_was_asked_for(sandbox2025):
    price = sandbox2025.price(500, currency_options={"usd": {"unit_amount": 600}})
    session = sandbox2025.open_membership(price, currency="usd")
    assert (session.currency, session.amount_total) == ("usd", 600)

    sandbox2025.pay(session)

    assert newest(sandbox2025, bought(sandbox2025, session)[1]).currency == "usd"


def test_several_prices_make_one_membership(sandbox2025):
    prices = [sandbox2025.price(500), sandbox2025.price(300, recurring={"interval": "month", "interval_count": 3})]
    lines = [{"price": price.id, "quantity": 1} for price in prices]
    session = sandbox2025.open_membership(line_items=lines)
    assert "€3.00 every three months" in send(session.url)[1]

    sandbox2025.pay(session)

    assert newest(sandbox2025, bought(sandbox2025, session)[1]).amount_paid == 800


@pytest.mark.parametrize(
    "fields",
    [
        {"allow_promotion_codes": True, "discounts": [{"coupon": "half"}]},
        {"discounts": [{"coupon": "nothing"}]},
        {"currency": "usd"},
        {"line_items": [{"price_data": {"currency": "eur", "unit_amount": 3}, "quantity": 1}]},
    ],
)
def test_sessions_that_do_not_add_up_are_refused(sandbox2025, fields):
    with pytest.raises(stripe.InvalidRequestError):
        sandbox2025.open_membership(sandbox2025.price(), **fields)


def test_the_trial_of_a_session_that_was_paid_too_late_is_over(sandbox2025):
    ends = sandbox2025.world.clock.now() + 3600
    session = sandbox2025.open_membership(sandbox2025.price(), subscription_data={"trial_end": ends})
    sandbox2025.advance(seconds=7200)

    sandbox2025.pay(session, GOOD)

    assert bought(sandbox2025, session)[1].status == "active"
