import pytest
import stripe


def test_a_customer_is_made_and_changed(sandbox):
    made = sandbox.v1.customers.create({"email": "a@example.org", "metadata": {"patron": "1"}})

    changed = sandbox.v1.customers.update(made.id, {"name": "Ada", "preferred_locales": ["uk"]})

    assert (changed.email, changed.name, changed.preferred_locales) == ("a@example.org", "Ada", ["uk"])
    event = sandbox.v1.events.list({"type": "customer.updated"}).data[0]
    assert event.data.previous_attributes.to_dict() == {"name": None, "preferred_locales": []}


def test_changing_nothing_is_no_event(sandbox):
    made = sandbox.v1.customers.create({"email": "a@example.org"})

    sandbox.v1.customers.update(made.id, {"email": "a@example.org"})

    assert sandbox.told() == ["customer.created"]


def test_a_deleted_customer_leaves_its_id_and_no_subscription(sandbox):
    subscription = sandbox.member()
    customer_id = subscription.customer
    waiting = sandbox.open_membership(customer=customer_id)
    sandbox.v1.subscriptions.cancel(sandbox.member(customer=customer_id).id)

    sandbox.v1.customers.delete(customer_id)

    assert sandbox.v1.customers.retrieve(customer_id).to_dict() == {
        "id": customer_id,
        "object": "customer",
        "deleted": True,
    }
    assert sandbox.v1.customers.list().data == []
    assert sandbox.v1.subscriptions.retrieve(subscription.id).status == "canceled"
    assert sandbox.pay(waiting)["error"]["code"] == "resource_missing"
    for act in (
        lambda: sandbox.v1.customers.update(customer_id, {"name": "x"}),
        lambda: sandbox.v1.customers.delete(customer_id),
    ):
        with pytest.raises(stripe.InvalidRequestError):
            act()


def test_a_card_is_shown_without_its_number(sandbox):
    subscription = sandbox.member()

    method = sandbox.v1.payment_methods.retrieve(subscription.default_payment_method)

    assert (method.card.brand, method.card.last4, method.customer) == ("visa", "4242", subscription.customer)
    assert "4242424242424242" not in str(method)
