import pytest
import stripe


@pytest.fixture
def customer(sandbox):
    card = {"payment_method": "pm_card_visa", "invoice_settings": {"default_payment_method": "pm_card_visa"}}
    return sandbox.v1.customers.create({"email": "olena@example.org", **card})


def owe(sandbox, customer, amount=2000, **fields):
    own = {"customer": customer.id, "amount": amount, "currency": "eur", "description": "A book"}
    return sandbox.v1.invoice_items.create({**own, **fields})


def bill(sandbox, customer, **fields):
    own = {"customer": customer.id, "pending_invoice_items_behavior": "include"}
    return sandbox.v1.invoices.create({**own, **fields})


def test_what_waits_is_taken_up_and_paid(sandbox, customer):
    items = [owe(sandbox, customer), owe(sandbox, customer, 500)]
    invoice = bill(sandbox, customer, description="Books", metadata={"a": "b"})
    assert (invoice.status, invoice.amount_due, invoice.parent, invoice.billing_reason) == (
        "draft",
        2500,
        None,
        "manual",
    )

    paid = sandbox.v1.invoices.pay(invoice.id)

    assert (paid.status, paid.amount_paid) == ("paid", 2500)
    sources = [line.parent.invoice_item_details.invoice_item for line in paid.lines.data]
    assert sources == [item.id for item in items]
    assert sandbox.v1.invoice_items.list({"invoice": invoice.id, "pending": False}).data[0].id == items[1].id
    assert sandbox.v1.invoice_items.list({"pending": True}).data == []
    assert bill(sandbox, customer).amount_due == 0


def test_a_renewal_leaves_alone_what_belongs_to_no_subscription(sandbox):
    subscription = sandbox.member()
    owe(sandbox, sandbox.v1.customers.retrieve(subscription.customer))

    sandbox.advance(months=1)

    newest = sandbox.v1.invoices.list({"subscription": subscription.id}).data[0]
    assert newest.amount_due == 500


def test_a_refused_invoice_stays_open_and_can_be_given_up(sandbox, customer):
    owe(sandbox, customer)
    invoice = bill(sandbox, customer, auto_advance=True)
    fails = sandbox.v1.payment_methods.attach("pm_card_chargeCustomerFail", {"customer": customer.id})

    for _ in ("a draft", "open by now"):
        with pytest.raises(stripe.CardError):
            sandbox.v1.invoices.pay(invoice.id, {"payment_method": fails.id})

    assert sandbox.v1.invoices.retrieve(invoice.id).status == "open"
    assert sandbox.v1.invoices.mark_uncollectible(invoice.id).status == "uncollectible"
    assert sandbox.v1.invoices.list({"subscription": "sub_1"}).data == []


def test_an_invoice_over_nothing_is_paid_at_once(sandbox, customer):
    invoice = bill(sandbox, customer)

    assert sandbox.v1.invoices.pay(invoice.id).status == "paid"


def test_an_item_can_be_forgotten_until_it_is_billed(sandbox, customer):
    forgotten, billed = owe(sandbox, customer), owe(sandbox, customer)
    assert sandbox.v1.invoice_items.retrieve(forgotten.id).description == "A book"
    assert sandbox.v1.invoice_items.delete(forgotten.id).deleted
    bill(sandbox, customer)

    with pytest.raises(stripe.InvalidRequestError):
        sandbox.v1.invoice_items.delete(billed.id)
    with pytest.raises(stripe.InvalidRequestError):
        owe(sandbox, customer, invoice="in_1")


@pytest.mark.parametrize("fields", [{"currency": "usd"}, {"collection_method": "send_invoice"}])
def test_invoices_that_cannot_be_charged_are_refused(sandbox, customer, fields):
    owe(sandbox, customer)

    with pytest.raises(stripe.InvalidRequestError):
        bill(sandbox, customer, **fields)
