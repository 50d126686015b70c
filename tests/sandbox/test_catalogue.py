import pytest
import stripe


def test_a_product_is_made_found_and_changed(sandbox):
    made = sandbox.v1.products.create({"name": "Friend", "metadata": {"tier": "friend"}})

    changed = sandbox.v1.products.update(made.id, {"name": "Good friend", "active": False, "description": ""})

    assert (changed.id, changed.name, changed.active) == (made.id, "Good friend", False)
    assert changed.metadata.to_dict() == {"tier": "friend"}
    assert [one.id for one in sandbox.v1.products.list({"active": False}).data] == [made.id]
    assert sandbox.v1.products.list({"active": True}).data == []
    assert [one.id for one in sandbox.v1.products.list({"ids": [made.id]}).data] == [made.id]
    assert sandbox.told() == ["product.created", "product.updated"]


def test_a_product_id_is_used_once(sandbox):
    sandbox.v1.products.create({"id": "prod_friend", "name": "Friend"})

    with pytest.raises(stripe.InvalidRequestError) as refusal:
        sandbox.v1.products.create({"id": "prod_friend", "name": "Friend"})

    assert refusal.value.code == "resource_already_exists"


def test_a_price_is_found_by_its_lookup_key(sandbox):
    price = sandbox.price(lookup_key="friend_month_eur", nickname="Friend")
    sandbox.price()

    (found,) = sandbox.v1.prices.list({"lookup_keys": ["friend_month_eur"]}).data

    assert (found.id, found.type, found.recurring.interval) == (price.id, "recurring", "month")
    assert [one.id for one in sandbox.v1.prices.list({"product": price.product}).data] == [price.id]
    assert (found.unit_amount, found.currency, str(found.unit_amount_decimal)) == (500, "eur", "500")


def test_a_lookup_key_belongs_to_one_price_and_can_be_handed_on(sandbox):
    old = sandbox.price(lookup_key="friend")
    with pytest.raises(stripe.InvalidRequestError):
        sandbox.price(lookup_key="friend")

    new = sandbox.price(600, lookup_key="friend", transfer_lookup_key=True)

    assert new.lookup_key == "friend"
    assert sandbox.v1.prices.retrieve(old.id).lookup_key is None
    sandbox.v1.prices.update(old.id, {"lookup_key": "friend", "transfer_lookup_key": True, "active": False})
    assert sandbox.v1.prices.retrieve(new.id).lookup_key is None
    assert sandbox.v1.prices.update(old.id, {"lookup_key": "friend", "nickname": "Old"}).nickname == "Old"


@pytest.mark.parametrize(
    ("params", "param"),
    [
        ({"unit_amount": 500}, "product_data"),
        ({"product": "prod_nothing", "unit_amount": 500}, "product"),
        ({"product_data": {"name": "x"}}, "unit_amount"),
        ({"product_data": {"name": "x"}, "unit_amount": -1}, "unit_amount"),
        ({"product_data": {"name": "x"}, "unit_amount_decimal": "0.5"}, "unit_amount_decimal"),
    ],
)
def test_a_price_needs_an_amount_and_a_product(sandbox, params, param):
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        sandbox.v1.prices.create({"currency": "eur", **params})

    assert refusal.value.param == param


@pytest.mark.parametrize(
    "recurring", [{"interval": "month", "interval_count": 37}, {"interval": "month", "usage_type": "metered"}]
)
def test_rhythms_that_cannot_be_billed_are_refused(sandbox, recurring):
    with pytest.raises(stripe.InvalidRequestError):
        sandbox.price(recurring=recurring)


def test_a_price_learns_another_currency(sandbox):
    price = sandbox.price()

    sandbox.v1.prices.update(price.id, {"currency_options": {"usd": {"unit_amount": 600}}})

    options = sandbox.v1.prices.retrieve(price.id, {"expand": ["currency_options"]}).currency_options
    assert (options["eur"].unit_amount, options["usd"].unit_amount) == (500, 600)
