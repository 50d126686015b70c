import pytest

from tests.sandbox.driver import GOOD
from tests.sandbox.test_changing import again, newest
from tests.sandbox.test_discounted_checkout import bought, send
from tests.sandbox.test_subscribing import customer_with, subscribe

ACCOUNT, SENT_BACK = "DE89 3704 0044 0532 0130 00", "DE62370400440532013001"


def session_of(sandbox, opened):
    return sandbox.v1.checkout.sessions.retrieve(opened.id)


def test_a_debit_arrives_days_later(sandbox2025):
    opened = sandbox2025.open_gift()
    sandbox2025.pay(opened, ACCOUNT)
    session = session_of(sandbox2025, opened)
    assert (session.status, session.payment_status) == ("complete", "unpaid")
    intent = sandbox2025.v1.payment_intents.retrieve(session.payment_intent, {"expand": ["latest_charge"]})
    assert (intent.status, intent.latest_charge.status, intent.latest_charge.paid) == ("processing", "pending", False)
    assert intent.latest_charge.payment_method_details.sepa_debit.last4 == "3000"

    sandbox2025.advance(days=6)

    assert session_of(sandbox2025, opened).payment_status == "paid"
    told = [kind for kind in sandbox2025.told() if kind.startswith(("charge", "payment_intent", "checkout"))]
    assert told == [
        "payment_intent.created",
        "charge.pending",
        "payment_intent.processing",
        "checkout.session.completed",
        "charge.succeeded",
        "payment_intent.succeeded",
        "checkout.session.async_payment_succeeded",
        "charge.updated",
    ]


def test_a_debit_can_be_sent_back(sandbox2025):
    sandbox2025.member()
    opened = sandbox2025.open_gift()
    sandbox2025.pay(sandbox2025.open_gift(), SENT_BACK)
    sandbox2025.pay(opened, SENT_BACK)

    sandbox2025.advance(days=6)

    session = session_of(sandbox2025, opened)
    intent = sandbox2025.v1.payment_intents.retrieve(session.payment_intent)
    assert (session.payment_status, intent.status) == ("unpaid", "requires_payment_method")
    assert sandbox2025.told().count("checkout.session.async_payment_failed") == 2


def test_a_membership_by_debit_runs_while_the_money_is_on_its_way(sandbox2025):
    opened = sandbox2025.open_membership()
    sandbox2025.pay(opened, ACCOUNT)
    session, subscription = bought(sandbox2025, opened)
    assert (session.payment_status, subscription.status) == ("unpaid", "active")
    assert newest(sandbox2025, subscription).status == "open"

    sandbox2025.advance(days=6)

    assert (session_of(sandbox2025, opened).payment_status, newest(sandbox2025, subscription).status) == (
        "paid",
        "paid",
    )
    sandbox2025.advance(days=32)
    assert newest(sandbox2025, subscription).status == "paid"


def test_a_membership_whose_debit_is_sent_back_is_late(sandbox2025):
    opened = sandbox2025.open_membership()
    sandbox2025.pay(opened, SENT_BACK)
    _, subscription = bought(sandbox2025, opened)

    sandbox2025.advance(days=6)

    assert (again(sandbox2025, subscription).status, newest(sandbox2025, subscription).status) == ("past_due", "open")
    assert sandbox2025.told().count("invoice.payment_failed") == 1


def test_a_debit_that_comes_after_all_changes_nothing(sandbox2025):
    opened = sandbox2025.open_membership()
    sandbox2025.pay(opened, ACCOUNT)
    _, subscription = bought(sandbox2025, opened)

    sandbox2025.v1.invoices.void_invoice(subscription.latest_invoice)

    sandbox2025.advance(days=6)
    assert newest(sandbox2025, subscription).status == "void"


@pytest.mark.parametrize(("account", "status"), [(ACCOUNT, "paid"), (SENT_BACK, "uncollectible")])
def test_a_debit_decides_about_an_invoice_that_was_given_up(sandbox2025, account, status):
    opened = sandbox2025.open_membership()
    sandbox2025.pay(opened, account)
    _, subscription = bought(sandbox2025, opened)
    sandbox2025.v1.invoices.mark_uncollectible(subscription.latest_invoice)

    sandbox2025.advance(days=6)

    assert newest(sandbox2025, subscription).status == status


def test_a_coupon_for_everything_makes_a_gift_free(sandbox2025):
    free = sandbox2025.v1.coupons.create({"percent_off": 100}).id
    opened = sandbox2025.open_gift(discounts=[{"coupon": free}])

    sandbox2025.pay(opened)

    assert session_of(sandbox2025, opened).payment_status == "no_payment_required"


def test_only_euros_are_debited(sandbox2025):
    opened = sandbox2025.open_gift(currency="usd")

    status, body = send(opened.url, email="a@example.org", card=ACCOUNT)

    assert (status, "only in euros" in body) == (400, True)


@pytest.mark.parametrize("status", ["unpaid", "past_due"])
def test_what_becomes_of_the_unpaid_is_the_accounts_choice(sandbox2025, status):
    customer = customer_with(sandbox2025, GOOD)
    begun = subscribe(sandbox2025, customer)
    sandbox2025.post("/_sandbox/terms", {"unpaid_become": status})
    sandbox2025.post(f"/_sandbox/customers/{customer}/card", {"card": "4000000000000341"})

    sandbox2025.advance(days=60)

    assert again(sandbox2025, begun).status == status
    sandbox2025.advance(days=31)
    last = newest(sandbox2025, begun)
    assert (last.status, last.auto_advance) == (("draft", False) if status == "unpaid" else ("open", True))


def test_a_lost_card_is_not_really_tried_again(sandbox2025):
    customer = customer_with(sandbox2025, GOOD)
    begun = subscribe(sandbox2025, customer)
    method = sandbox2025.world.store.get(
        "payment_method", again(sandbox2025, begun).default_payment_method or _default(sandbox2025, customer)
    )
    sandbox2025.world.store.untold[method["id"]]["number"] = "4000000000009987"

    sandbox2025.advance(days=37)

    late = newest(sandbox2025, begun)
    assert (late.attempt_count, sandbox2025.told().count("charge.failed")) == (2, 1)
    assert sandbox2025.told().count("invoice.payment_failed") == 1
    sandbox2025.advance(days=15)
    assert again(sandbox2025, begun).status == "canceled"
    assert sandbox2025.told().count("charge.failed") <= 1


def _default(sandbox, customer):
    return sandbox.v1.customers.retrieve(customer).invoice_settings.default_payment_method
