import pytest
import stripe

from tests.sandbox.driver import GOOD
from tests.sandbox.test_changing import again, amounts, item_of, newest
from tests.sandbox.test_subscribing import customer_with, subscribe


@pytest.fixture
def reader(sandbox2025):
    return customer_with(sandbox2025, GOOD)


def coupon(sandbox, **fields):
    terms = {"percent_off": 50} if "amount_off" not in fields else {}
    return sandbox.v1.coupons.create({**terms, **fields}).id


def paid(sandbox, subscription):
    invoices = sandbox.v1.invoices.list({"subscription": subscription.id}).data
    return [invoice.amount_paid for invoice in reversed(invoices)]


@pytest.mark.parametrize(
    ("terms", "sums"),
    [
        ({"duration": "once"}, [500, 1000, 1000, 1000]),
        ({"duration": "forever"}, [500, 500, 500, 500]),
        ({"duration": "repeating", "duration_in_months": 2}, [500, 500, 1000, 1000]),
        ({"duration": "once", "amount_off": 300, "currency": "eur"}, [700, 1000, 1000, 1000]),
        (
            {"duration": "once", "amount_off": 3, "currency": "usd", "currency_options": {"eur": {"amount_off": 100}}},
            [900, 1000, 1000, 1000],
        ),
        ({"duration": "once", "percent_off": 100}, [0, 1000, 1000, 1000]),
    ],
)
def test_a_coupon_lasts_as_long_as_it_says(sandbox2025, reader, terms, sums):
    begun = subscribe(sandbox2025, reader, 1000, discounts=[{"coupon": coupon(sandbox2025, **terms)}])

    sandbox2025.advance(months=3)
    sandbox2025.advance(days=1)

    assert paid(sandbox2025, begun) == sums
    assert len(again(sandbox2025, begun).discounts) == (terms["duration"] == "forever")


def test_an_invoice_tells_what_was_taken_off(sandbox2025, reader):
    begun = subscribe(sandbox2025, reader, 1000, discounts=[{"coupon": coupon(sandbox2025, duration="forever")}])

    invoice = newest(sandbox2025, begun)

    (discount,) = sandbox2025.v1.subscriptions.retrieve(begun.id, {"expand": ["discounts.source.coupon"]}).discounts
    assert (discount.source.coupon.percent_off, discount.source.coupon.times_redeemed) == (50, 1)
    assert (invoice.subtotal, invoice.total, invoice.total_discount_amounts[0].amount) == (1000, 500, 500)
    assert invoice.lines.data[0].discount_amounts[0].discount == discount.id == invoice.discounts[0]
    assert sandbox2025.told().count("customer.discount.created") == 1


def test_prorations_include_discounts(sandbox2025, reader):
    begun = subscribe(sandbox2025, reader, 3100, discounts=[{"coupon": coupon(sandbox2025, duration="forever")}])
    sandbox2025.advance(days=21)
    items = [{"id": item_of(begun).id, "price": sandbox2025.price(6200).id}]

    sandbox2025.v1.subscriptions.update(begun.id, {"items": items, "proration_behavior": "always_invoice"})

    assert (amounts(newest(sandbox2025, begun)), newest(sandbox2025, begun).total) == ([-500, 1000], 500)


def test_a_coupon_comes_and_goes(sandbox2025, reader):
    begun = subscribe(sandbox2025, reader, 1000)
    off = {"discounts": [{"coupon": coupon(sandbox2025, duration="forever")}]}
    assert sandbox2025.v1.invoices.create_preview({"subscription": begun.id, **off}).total == 500

    given = sandbox2025.v1.subscriptions.update(begun.id, off)
    kept = sandbox2025.v1.subscriptions.update(begun.id, {"discounts": [{"discount": given.discounts[0]}]})
    gone = sandbox2025.v1.subscriptions.update(begun.id, {"discounts": ""})

    assert (given.discounts == kept.discounts, gone.discounts) == (True, [])
    assert [kind for kind in sandbox2025.told() if "discount" in kind] == [
        "customer.discount.created",
        "customer.discount.deleted",
    ]


def test_a_coupon_for_one_product_leaves_the_others_alone(sandbox2025, reader):
    price, other = sandbox2025.price(1000), sandbox2025.price(600)
    half = coupon(sandbox2025, duration="forever", applies_to={"products": [price.product]})

    begun = sandbox2025.v1.subscriptions.create(
        {"customer": reader, "items": [{"price": price.id}, {"price": other.id}], "discounts": [{"coupon": half}]}
    )

    assert newest(sandbox2025, begun).amount_paid == 1100


def test_a_coupon_is_changed_and_deleted(sandbox2025):
    made = coupon(sandbox2025, name="Spring")

    assert sandbox2025.v1.coupons.update(made, {"name": "Summer", "metadata": {"a": "b"}}).name == "Summer"
    assert [one.id for one in sandbox2025.v1.coupons.list().data] == [made]
    sandbox2025.v1.coupons.delete(made)
    assert sandbox2025.v1.coupons.list().data == []
    assert sandbox2025.v1.coupons.retrieve(made).valid is False


@pytest.mark.parametrize(
    "terms",
    [
        {"percent_off": 101},
        {"percent_off": 5, "amount_off": 5, "currency": "eur"},
        {},
        {"amount_off": 5},
        {"percent_off": 5, "duration": "repeating"},
        {"percent_off": 5, "id": "half"},
    ],
)
def test_coupons_that_make_no_sense_are_refused(sandbox2025, terms):
    coupon(sandbox2025, id="half")

    with pytest.raises(stripe.InvalidRequestError):
        sandbox2025.v1.coupons.create(terms)


def code(sandbox, **fields):
    promotion = {"type": "coupon", "coupon": coupon(sandbox, duration="forever")}
    return sandbox.v1.promotion_codes.create({"promotion": promotion, **fields})


def test_a_code_stands_for_a_coupon(sandbox2025, reader):
    made = code(sandbox2025, code="SPRING", metadata={"a": "b"})

    begun = subscribe(sandbox2025, reader, 1000, discounts=[{"promotion_code": made.id}])

    assert newest(sandbox2025, begun).amount_paid == 500
    (found,) = sandbox2025.v1.promotion_codes.list({"code": "spring", "coupon": made.promotion.coupon}).data
    assert (found.id, found.times_redeemed) == (made.id, 1)
    with pytest.raises(stripe.InvalidRequestError):
        code(sandbox2025, code="spring")


@pytest.mark.parametrize(
    "terms",
    [
        {"active": False},
        {"max_redemptions": 1},
        {"expires_at": 1},
        {"restrictions": {"first_time_transaction": True}},
        {"restrictions": {"minimum_amount": 2000, "minimum_amount_currency": "eur"}},
        {"restrictions": {"minimum_amount": 200, "minimum_amount_currency": "usd"}},
        {"customer": "another"},
    ],
)
def test_a_code_has_its_limits(sandbox2025, reader, terms):
    if "customer" in terms:
        terms = {"customer": customer_with(sandbox2025, GOOD)}
    made = code(sandbox2025, **terms)
    subscribe(sandbox2025, reader, 5000, discounts=[{"promotion_code": made.id}] if "max_redemptions" in terms else [])

    with pytest.raises(stripe.InvalidRequestError):
        subscribe(sandbox2025, reader, 1000, discounts=[{"promotion_code": made.id}])


def test_a_code_can_be_closed(sandbox2025):
    made = code(sandbox2025)

    assert sandbox2025.v1.promotion_codes.update(made.id, {"active": False}).active is False
    assert sandbox2025.v1.promotion_codes.list({"active": True}).data == []


def test_a_coupon_that_is_used_up_is_no_longer_valid(sandbox2025, reader):
    once = coupon(sandbox2025, max_redemptions=1)
    subscribe(sandbox2025, reader, discounts=[{"coupon": once}])

    assert sandbox2025.v1.coupons.retrieve(once).valid is False
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        subscribe(sandbox2025, reader, discounts=[{"coupon": once}])
    assert refusal.value.code == "coupon_expired"
