import pytest
import stripe


def test_an_id_becomes_its_object_at_any_depth(sandbox):
    subscription = sandbox.member()
    sandbox.settle()

    invoice = sandbox.v1.invoices.retrieve(
        subscription.latest_invoice,
        {"expand": ["customer", "parent.subscription_details.subscription", "payments.data.payment.payment_intent"]},
    )

    assert invoice.customer.email == "olena@example.org"
    assert invoice.parent.subscription_details.subscription.id == subscription.id
    intent = invoice.payments.data[0].payment.payment_intent
    charge = sandbox.v1.payment_intents.retrieve(
        intent.id, {"expand": ["latest_charge.balance_transaction", "latest_charge.refunds"]}
    ).latest_charge
    assert charge.balance_transaction.source == charge.id
    assert charge.refunds.data == []


def test_lists_are_expanded_object_by_object(sandbox):
    sandbox.member()

    (subscription,) = sandbox.v1.subscriptions.list({"expand": ["data.latest_invoice.payments"]}).data

    assert subscription.latest_invoice.payments.data[0].status == "paid"


def test_some_lists_come_only_when_asked_for(sandbox):
    session = sandbox.open_membership()
    subscription = sandbox.member()

    assert "line_items" not in sandbox.v1.checkout.sessions.retrieve(session.id)
    expanded = sandbox.v1.checkout.sessions.retrieve(session.id, {"expand": ["line_items"]})
    assert expanded.line_items.data[0].description == "Friend"
    assert "payments" not in sandbox.v1.invoices.retrieve(subscription.latest_invoice)
    customer = sandbox.v1.customers.retrieve(subscription.customer, {"expand": ["subscriptions"]})
    assert [one.id for one in customer.subscriptions.data] == [subscription.id]


def test_expanding_an_answer_changes_nothing(sandbox):
    subscription = sandbox.member()

    sandbox.v1.subscriptions.retrieve(subscription.id, {"expand": ["customer"]})

    assert sandbox.v1.subscriptions.retrieve(subscription.id).customer == subscription.customer


def test_what_is_null_stays_null(sandbox):
    session = sandbox.open_gift()

    assert (
        sandbox.v1.checkout.sessions.retrieve(session.id, {"expand": ["customer", "payment_intent.x"]}).customer is None
    )


@pytest.mark.parametrize("path", ["email", "balance", "unicorn", "invoice_settings.default", "a.b.c.d.e"])
def test_what_cannot_be_expanded_is_refused(sandbox, path):
    customer = sandbox.v1.customers.create({"email": "a@example.org"})

    with pytest.raises(stripe.InvalidRequestError) as refusal:
        sandbox.v1.customers.retrieve(customer.id, {"expand": [path]})

    assert refusal.value.param == "expand"
