from tests.sandbox.driver import ASKS, DECLINED, GOOD, POOR


def test_a_paid_membership_is_complete_at_once(sandbox):
    session = sandbox.open_membership()

    answer = sandbox.pay(session, email="typed@example.org", name="Olena")

    assert answer == {"status": "complete", "redirect": f"http://shop.test/thanks?session_id={session.id}"}
    paid = sandbox.v1.checkout.sessions.retrieve(session.id, {"expand": ["subscription", "invoice", "customer"]})
    assert (paid.status, paid.payment_status, paid.url, paid.payment_intent) == ("complete", "paid", None, None)
    assert (paid.customer_details.email, paid.customer_details.name) == ("olena@example.org", "Olena")
    assert (paid.customer.email, paid.customer.currency) == ("olena@example.org", "eur")
    assert paid.customer.invoice_settings.default_payment_method == paid.subscription.default_payment_method
    assert (paid.subscription.status, paid.invoice.status) == ("active", "paid")


def test_a_membership_is_told_step_by_step(sandbox):
    customer = sandbox.v1.customers.create({"email": "a@example.org"})

    sandbox.member(customer=customer.id)

    assert sandbox.told()[3:] == [
        "payment_method.attached",
        "customer.updated",
        "customer.updated",
        "customer.subscription.created",
        "invoice.created",
        "payment_intent.created",
        "invoice.finalized",
        "charge.succeeded",
        "payment_intent.succeeded",
        "invoice_payment.paid",
        "invoice.paid",
        "invoice.payment_succeeded",
        "customer.subscription.updated",
        "checkout.session.completed",
    ]


def test_a_gift_needs_no_customer(sandbox):
    session = sandbox.open_gift(submit_type="donate")

    sandbox.pay(session, email="donor@example.org")

    paid = sandbox.v1.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent.latest_charge"]})
    assert (paid.customer, paid.payment_intent.customer, paid.payment_intent.status) == (None, None, "succeeded")
    assert paid.payment_intent.latest_charge.billing_details.email == "donor@example.org"
    assert paid.payment_intent.latest_charge.balance_transaction is None


def test_a_gift_makes_a_customer_where_that_is_asked_for(sandbox):
    intent = sandbox.gift(customer_creation="always", customer_email="donor@example.org")

    assert sandbox.v1.customers.retrieve(intent.customer).email == "donor@example.org"


def test_a_gift_may_belong_to_a_known_customer(sandbox):
    customer = sandbox.v1.customers.create({"email": "a@example.org"})

    intent = sandbox.gift(customer=customer.id)

    assert intent.customer == customer.id
    assert [one.id for one in sandbox.v1.payment_intents.list({"customer": customer.id}).data] == [intent.id]


def test_a_declined_gift_leaves_the_session_open(sandbox):
    session = sandbox.open_gift()

    refused = sandbox.pay(session, DECLINED)["error"]
    poor = sandbox.pay(session, POOR)["error"]

    assert (refused["type"], refused["code"], refused["decline_code"]) == (
        "card_error",
        "card_declined",
        "generic_decline",
    )
    assert poor["decline_code"] == "insufficient_funds"
    (intent,) = sandbox.v1.payment_intents.list().data
    assert (intent.status, intent.last_payment_error.decline_code) == ("requires_payment_method", "insufficient_funds")
    charges = sandbox.v1.charges.list({"payment_intent": intent.id}).data
    assert [(charge.status, charge.paid, charge.failure_code) for charge in charges] == [
        ("failed", False, "card_declined")
    ] * 2
    assert sandbox.told().count("payment_intent.payment_failed") == 2
    assert sandbox.v1.checkout.sessions.retrieve(session.id).status == "open"


def test_another_card_pays_what_one_could_not(sandbox):
    session = sandbox.open_gift()
    sandbox.pay(session, DECLINED)

    sandbox.pay(session, GOOD)

    (intent,) = sandbox.v1.payment_intents.list().data
    assert (intent.status, intent.last_payment_error, intent.amount_received) == ("succeeded", None, 2000)


def test_a_declined_membership_leaves_nothing(sandbox):
    session = sandbox.open_membership()

    assert sandbox.pay(session, DECLINED)["error"]["code"] == "card_declined"

    assert sandbox.v1.subscriptions.list({"status": "all"}).data == []
    assert sandbox.v1.payment_intents.list().data == []
    assert sandbox.v1.customers.list().data == []


def test_a_session_is_paid_once(sandbox):
    session = sandbox.open_gift()
    sandbox.pay(session)

    assert sandbox.pay(session)["error"]["message"] == "This Checkout Session is complete."
    assert len(sandbox.v1.charges.list().data) == 1


def test_a_program_need_not_confirm_to_the_bank(sandbox):
    assert sandbox.member(ASKS).status == "active"
