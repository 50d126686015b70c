import pytest

from tests.sandbox.driver import GOOD
from tests.sandbox.test_changing import again, newest
from tests.sandbox.test_discounted_checkout import bought, send
from tests.sandbox.test_subscribing import customer_with, subscribe

ACCOUNT, SENT_BACK = "DE89 3704 0044 0532 0130 00", "DE62370400440532013001"
COMES_BACK = "DE35370400440532013099"


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


def test_a_membership_whose_debits_are_all_sent_back_ends(sandbox2025):
    opened = sandbox2025.open_membership()
    sandbox2025.pay(opened, SENT_BACK)
    _, subscription = bought(sandbox2025, opened)

    sandbox2025.advance(days=60)

    ended = again(sandbox2025, subscription)
    assert (ended.status, ended.cancellation_details.reason) == ("canceled", "payment_failed")


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


def debited(sandbox, **wish):
    intent = sandbox.gift(card=ACCOUNT, **wish)
    sandbox.advance(days=6)
    return sandbox.v1.charges.retrieve(intent.latest_charge)


def test_a_debit_that_was_paid_can_come_back(sandbox2025):
    charge = debited(sandbox2025)

    sandbox2025.post(f"/_sandbox/charges/{charge.id}/send_back", {"code": "account_closed"})

    found = sandbox2025.v1.charges.retrieve(charge.id, {"expand": ["failure_balance_transaction", "payment_intent"]})
    assert (found.status, found.paid, found.failure_code) == ("failed", False, "account_closed")
    assert (found.payment_intent.status, found.payment_intent.amount_received) == ("requires_payment_method", 0)
    back = found.failure_balance_transaction
    assert (back.type, back.reporting_category, back.net) == ("payment_failure_refund", "charge_failure", -2000)
    assert sandbox2025.told()[-2:] == ["charge.failed", "payment_intent.payment_failed"]


def test_money_that_comes_back_at_once_has_been_settled_before(sandbox2025):
    charge = sandbox2025.gift(card=ACCOUNT).latest_charge
    sandbox2025.advance(days=5)

    sandbox2025.post(f"/_sandbox/charges/{charge}/send_back", {})
    sandbox2025.settle()

    moved = [(one.type, one.amount) for one in sandbox2025.movements("charge", "charge_failure")]
    assert moved == [("payment", 2000), ("payment_failure_refund", -2000)]


def test_only_a_debit_that_nobody_touched_comes_back(sandbox2025):
    card, charge = sandbox2025.charge(), debited(sandbox2025)
    sandbox2025.v1.refunds.create({"charge": charge.id, "amount": 100})

    for one in (card.id, charge.id):
        status, body = send(f"{sandbox2025.url}/_sandbox/charges/{one}/send_back", code="account_closed")
        assert (status, "can come back" in body) == (400, True)


@pytest.mark.parametrize("act", ["dispute", "warn"])
def test_no_card_network_knows_of_a_debit(sandbox2025, act):
    status, body = send(f"{sandbox2025.url}/_sandbox/charges/{debited(sandbox2025).id}/{act}", reason="fraudulent")

    assert (status, "a bank debit comes back" in body) == (400, True)


def test_a_membership_whose_paid_debit_comes_back_is_late_and_recovers(sandbox2025):
    opened = sandbox2025.open_membership()
    sandbox2025.pay(opened, COMES_BACK)
    _, subscription = bought(sandbox2025, opened)
    sandbox2025.advance(days=6)
    assert newest(sandbox2025, subscription).status == "paid"

    sandbox2025.advance(days=7)

    late = newest(sandbox2025, subscription)
    assert (again(sandbox2025, subscription).status, late.status, late.amount_paid) == ("past_due", "open", 0)
    sandbox2025.post(f"/_sandbox/customers/{subscription.customer}/card", {"card": GOOD})
    sandbox2025.v1.invoices.pay(late.id)
    assert (again(sandbox2025, subscription).status, newest(sandbox2025, subscription).status) == ("active", "paid")


def test_what_a_membership_owes_that_has_ended_is_not_asked_for(sandbox2025):
    opened = sandbox2025.open_membership()
    sandbox2025.pay(opened, COMES_BACK)
    _, subscription = bought(sandbox2025, opened)
    sandbox2025.advance(days=6)
    sandbox2025.v1.subscriptions.cancel(subscription.id)

    sandbox2025.advance(days=10)

    owed = newest(sandbox2025, subscription)
    assert (owed.status, owed.next_payment_attempt, sandbox2025.told().count("invoice.payment_failed")) == (
        "open",
        None,
        1,
    )


def test_money_that_went_back_cannot_come_back_again(sandbox2025):
    intent = sandbox2025.gift(card=COMES_BACK)
    sandbox2025.advance(days=6)
    sandbox2025.v1.refunds.create({"payment_intent": intent.id})

    sandbox2025.advance(days=10)

    assert sandbox2025.movements("charge_failure") == []
