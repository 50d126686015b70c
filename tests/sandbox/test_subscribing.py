import pytest
import stripe

from tests.sandbox.driver import FAILS_LATER, GOOD, day
from tests.sandbox.test_changing import again, amounts, item_of, newest

DAY = 24 * 3600


@pytest.fixture
def reader(sandbox2025):
    """Make a customer with a good card; return her id."""
    return customer_with(sandbox2025, GOOD)


def customer_with(sandbox, card):
    customer = sandbox.v1.customers.create({"email": "olena@example.org"})
    if card:
        sandbox.post(f"/_sandbox/customers/{customer.id}/card", {"card": card})
    return customer.id


def subscribe(sandbox, customer, amount=500, **fields):
    items = [{"price": sandbox.price(amount).id}]
    return sandbox.v1.subscriptions.create({"customer": customer, "items": items, **fields})


def test_a_known_card_pays_at_once(sandbox2025, reader):
    begun = subscribe(sandbox2025, reader, metadata={"tier": "friend"}, description="Friend")

    assert (begun.status, begun.metadata.to_dict(), begun.description) == ("active", {"tier": "friend"}, "Friend")
    assert (newest(sandbox2025, begun).status, newest(sandbox2025, begun).amount_paid) == ("paid", 500)
    assert sandbox2025.v1.customers.retrieve(reader).currency == "eur"
    assert sandbox2025.told().count("customer.subscription.created") == 1


def test_a_subscription_that_nobody_pays_for_expires_after_23_hours(sandbox2025):
    begun = subscribe(sandbox2025, customer_with(sandbox2025, FAILS_LATER))

    assert (begun.status, newest(sandbox2025, begun).status) == ("incomplete", "open")
    sandbox2025.advance(seconds=23 * 3600)
    expired = again(sandbox2025, begun)
    assert (expired.status, newest(sandbox2025, begun).status) == ("incomplete_expired", "void")
    assert sandbox2025.v1.subscriptions.list().data == []
    assert [one.id for one in sandbox2025.v1.subscriptions.list({"status": "ended"}).data] == [begun.id]
    assert [one.id for one in sandbox2025.v1.subscriptions.list({"status": "all"}).data] == [begun.id]


def test_a_first_invoice_can_be_paid_within_the_23_hours(sandbox2025):
    customer = customer_with(sandbox2025, None)
    begun = subscribe(sandbox2025, customer, payment_behavior="default_incomplete")
    assert (begun.status, newest(sandbox2025, begun).attempt_count) == ("incomplete", 0)
    sandbox2025.post(f"/_sandbox/customers/{customer}/card", {"card": GOOD})

    sandbox2025.v1.invoices.pay(begun.latest_invoice)

    sandbox2025.advance(days=1)
    assert again(sandbox2025, begun).status == "active"


@pytest.mark.parametrize(("card", "error"), [(FAILS_LATER, stripe.CardError), (None, stripe.InvalidRequestError)])
def test_nothing_begins_that_must_be_paid_and_is_not(sandbox2025, card, error):
    customer = customer_with(sandbox2025, card)

    with pytest.raises(error):
        subscribe(sandbox2025, customer, payment_behavior="error_if_incomplete")

    assert sandbox2025.v1.subscriptions.list({"status": "all"}).data == []


def test_without_a_card_nothing_begins(sandbox2025):
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        subscribe(sandbox2025, customer_with(sandbox2025, None))

    assert refusal.value.code == "resource_missing"


@pytest.mark.parametrize(
    "fields",
    [
        {"payment_behavior": "pending_if_incomplete"},
        {"billing_cycle_anchor": 1},
        {"trial_end": "now", "trial_period_days": 3},
        {"default_payment_method": "pm_nothing"},
        {"currency": "usd"},
    ],
)
def test_a_beginning_that_does_not_fit_is_refused(sandbox2025, reader, fields):
    with pytest.raises(stripe.InvalidRequestError):
        subscribe(sandbox2025, reader, **fields)


@pytest.mark.parametrize(("behavior", "lines"), [("create_prorations", [1500]), ("none", [])])
def test_an_anchor_makes_the_first_period_a_part(sandbox2025, reader, behavior, lines):
    anchor = sandbox2025.world.clock.now() // DAY * DAY + 15 * DAY

    begun = subscribe(sandbox2025, reader, 3100, billing_cycle_anchor=anchor, proration_behavior=behavior)

    assert (item_of(begun).current_period_end, begun.status) == (anchor, "active")
    assert amounts(newest(sandbox2025, begun)) == lines
    sandbox2025.advance(days=16)
    assert amounts(newest(sandbox2025, begun)) == [3100]
    assert day(item_of(again(sandbox2025, begun)).current_period_end) == "2025-02-16"


def test_a_trial_is_free_and_then_paid(sandbox2025, reader):
    begun = subscribe(sandbox2025, reader, trial_period_days=7)

    assert (begun.status, begun.trial_end - begun.trial_start) == ("trialing", 7 * DAY)
    assert (amounts(newest(sandbox2025, begun)), newest(sandbox2025, begun).status) == ([0], "paid")
    assert item_of(begun).current_period_end == begun.billing_cycle_anchor == begun.trial_end
    sandbox2025.advance(seconds=4 * DAY - 60)
    assert "customer.subscription.trial_will_end" not in sandbox2025.told()
    sandbox2025.advance(seconds=60)
    assert sandbox2025.told().count("customer.subscription.trial_will_end") == 1
    sandbox2025.advance(days=4)
    assert (again(sandbox2025, begun).status, newest(sandbox2025, begun).amount_paid) == ("active", 500)
    assert sandbox2025.told().count("customer.subscription.trial_will_end") == 1


@pytest.mark.parametrize(
    ("behavior", "status"), [("cancel", "canceled"), ("pause", "paused"), ("create_invoice", "past_due")]
)
def test_a_trial_without_a_card_ends_as_was_said(sandbox2025, behavior, status):
    settings = {"end_behavior": {"missing_payment_method": behavior}}
    begun = subscribe(sandbox2025, customer_with(sandbox2025, None), trial_period_days=2, trial_settings=settings)

    sandbox2025.advance(days=3)

    ended = again(sandbox2025, begun)
    assert ended.status == status
    assert sandbox2025.told().count("customer.subscription.trial_will_end") == 1
    if status == "paused":
        assert ended.status_details.paused.subscription.type == "trial_end_without_payment_method"


def test_a_trial_can_be_ended_and_given_later(sandbox2025, reader):
    begun = subscribe(sandbox2025, reader, 3100, trial_period_days=30)

    paid = sandbox2025.v1.subscriptions.update(begun.id, {"trial_end": "now"})

    assert (paid.status, amounts(newest(sandbox2025, begun))) == ("active", [3100])
    sandbox2025.advance(days=21)
    until = sandbox2025.world.clock.now() + 40 * DAY
    resting = sandbox2025.v1.subscriptions.update(begun.id, {"trial_end": until})
    assert (resting.status, resting.trial_end, item_of(resting).current_period_end) == ("trialing", until, until)
    assert amounts(newest(sandbox2025, begun)) == [-1000, 0]
    longer = sandbox2025.v1.subscriptions.update(begun.id, {"trial_end": until + DAY})
    assert longer.latest_invoice == resting.latest_invoice
    sandbox2025.advance(days=42)
    assert newest(sandbox2025, begun).amount_due == 2100


def test_prices_change_freely_during_a_trial(sandbox2025, reader):
    begun = subscribe(sandbox2025, reader, trial_period_days=30)
    items = [{"id": item_of(begun).id, "price": sandbox2025.price(700).id}, {"price": sandbox2025.price(50).id}]

    changed = sandbox2025.v1.subscriptions.update(begun.id, {"items": items, "proration_behavior": "always_invoice"})

    assert (changed.status, changed.latest_invoice) == ("trialing", begun.latest_invoice)
    assert {item.current_period_end for item in changed["items"].data} == {begun.trial_end}
    sandbox2025.advance(days=31)
    assert amounts(newest(sandbox2025, begun)) == [700, 50]


def test_a_free_membership_that_costs_something_is_paid_at_once(sandbox2025, reader):
    begun = subscribe(sandbox2025, reader, 0)
    assert (begun.status, newest(sandbox2025, begun).amount_due) == ("active", 0)
    items = [{"id": item_of(begun).id, "price": sandbox2025.price(700).id}]

    sandbox2025.v1.subscriptions.update(begun.id, {"items": items})

    assert amounts(newest(sandbox2025, begun)) == [700]


def test_a_price_is_asked_for_in_the_currency_of_the_subscription(sandbox2025, reader):
    price = sandbox2025.price(500, currency_options={"usd": {"unit_amount": 600}})

    begun = sandbox2025.v1.subscriptions.create(
        {"customer": reader, "currency": "usd", "items": [{"price": price.id, "quantity": 2}]}
    )

    assert (begun.currency, newest(sandbox2025, begun).amount_paid) == ("usd", 1200)
    shown = sandbox2025.v1.prices.retrieve(price.id, {"expand": ["currency_options"]})
    assert shown.currency_options["usd"].unit_amount == 600
    assert shown.currency_options["eur"].unit_amount == 500


def test_collection_can_rest_while_the_membership_goes_on(sandbox2025, reader):
    begun = subscribe(sandbox2025, reader)
    until = item_of(begun).current_period_end + 40 * DAY
    rest = {"behavior": "void", "resumes_at": until}

    resting = sandbox2025.v1.subscriptions.update(begun.id, {"pause_collection": rest})

    assert (resting.status, resting.pause_collection.behavior) == ("active", "void")
    sandbox2025.advance(months=1)
    sandbox2025.advance(days=1)
    assert (again(sandbox2025, begun).status, newest(sandbox2025, begun).status) == ("active", "void")
    sandbox2025.advance(months=2)
    assert again(sandbox2025, begun).pause_collection is None
    assert newest(sandbox2025, begun).status == "paid"


@pytest.mark.parametrize(("behavior", "status"), [("keep_as_draft", "draft"), ("mark_uncollectible", "uncollectible")])
def test_resting_collection_leaves_invoices_as_was_said(sandbox2025, reader, behavior, status):
    begun = subscribe(sandbox2025, reader)
    sandbox2025.v1.subscriptions.update(begun.id, {"pause_collection": {"behavior": behavior}})

    sandbox2025.advance(days=33)

    assert newest(sandbox2025, begun).status == status
    assert sandbox2025.v1.subscriptions.update(begun.id, {"pause_collection": ""}).pause_collection is None


def test_a_draft_can_be_finalised_and_paid_before_its_time(sandbox2025, reader):
    begun = subscribe(sandbox2025, reader)
    sandbox2025.advance(days=31)
    draft = newest(sandbox2025, begun)
    assert draft.status == "draft"

    waiting = sandbox2025.v1.invoices.finalize_invoice(draft.id, {"auto_advance": False})

    assert (waiting.status, waiting.attempt_count) == ("open", 0)
    with pytest.raises(stripe.InvalidRequestError):
        sandbox2025.v1.invoices.finalize_invoice(draft.id)
    method = sandbox2025.v1.customers.retrieve(reader).invoice_settings.default_payment_method
    assert sandbox2025.v1.invoices.pay(draft.id, {"payment_method": method}).status == "paid"


def test_a_finalised_draft_goes_on_by_itself(sandbox2025, reader):
    begun = subscribe(sandbox2025, reader)
    sandbox2025.advance(days=31)

    assert sandbox2025.v1.invoices.finalize_invoice(newest(sandbox2025, begun).id).status == "paid"


def test_an_invoice_can_be_paid_elsewhere_or_given_up(sandbox2025):
    begun = subscribe(sandbox2025, customer_with(sandbox2025, None), payment_behavior="default_incomplete")

    given_up = sandbox2025.v1.invoices.mark_uncollectible(begun.latest_invoice)

    assert given_up.status == "uncollectible"
    with pytest.raises(stripe.InvalidRequestError):
        sandbox2025.v1.invoices.pay(given_up.id)
    paid = sandbox2025.v1.invoices.pay(given_up.id, {"paid_out_of_band": True})
    assert (paid.status, paid.amount_paid_off_stripe) == ("paid", 500)
    assert again(sandbox2025, begun).status == "active"


def test_a_first_invoice_that_was_voided_leaves_nothing_to_pay(sandbox2025):
    begun = subscribe(sandbox2025, customer_with(sandbox2025, None), payment_behavior="default_incomplete")
    sandbox2025.v1.invoices.void_invoice(begun.latest_invoice)

    sandbox2025.advance(days=1)

    assert again(sandbox2025, begun).status == "incomplete_expired"


def test_an_invoice_outlives_its_customer(sandbox2025):
    customer = customer_with(sandbox2025, FAILS_LATER)
    begun = subscribe(sandbox2025, customer)
    sandbox2025.v1.customers.delete(customer)

    assert sandbox2025.v1.invoices.void_invoice(begun.latest_invoice).status == "void"


def test_nobody_pays_without_a_card(sandbox2025):
    begun = subscribe(sandbox2025, customer_with(sandbox2025, None), payment_behavior="default_incomplete")

    with pytest.raises(stripe.InvalidRequestError) as refusal:
        sandbox2025.v1.invoices.pay(begun.latest_invoice)

    assert refusal.value.code == "resource_missing"


def test_default_incomplete_asks_for_nothing_that_is_free(sandbox2025, reader):
    settings = {"save_default_payment_method": "on_subscription"}

    begun = subscribe(
        sandbox2025, reader, payment_behavior="default_incomplete", trial_period_days=3, payment_settings=settings
    )

    assert (begun.status, begun.payment_settings.save_default_payment_method) == ("trialing", "on_subscription")


def test_an_ended_membership_stays_so_when_its_invoice_is_paid(sandbox2025, reader):
    begun = subscribe(sandbox2025, reader)
    sandbox2025.post(f"/_sandbox/customers/{reader}/card", {"card": FAILS_LATER})
    sandbox2025.advance(days=33)
    sandbox2025.v1.subscriptions.cancel(begun.id)
    sandbox2025.post(f"/_sandbox/customers/{reader}/card", {"card": GOOD})

    method = sandbox2025.v1.customers.retrieve(reader).invoice_settings.default_payment_method
    sandbox2025.v1.invoices.pay(newest(sandbox2025, begun).id, {"payment_method": method})

    assert again(sandbox2025, begun).status == "canceled"


def test_a_draft_of_nothing_is_paid_as_it_is_finalised(sandbox2025, reader):
    begun = subscribe(sandbox2025, reader, 0)
    sandbox2025.advance(days=31)

    assert sandbox2025.v1.invoices.finalize_invoice(newest(sandbox2025, begun).id).status == "paid"


def test_a_rest_that_was_ended_by_hand_is_not_ended_again(sandbox2025, reader):
    begun = subscribe(sandbox2025, reader)
    until = sandbox2025.world.clock.now() + 5 * DAY
    sandbox2025.v1.subscriptions.update(begun.id, {"pause_collection": {"behavior": "void", "resumes_at": until}})
    sandbox2025.v1.subscriptions.update(begun.id, {"pause_collection": ""})
    told = len(sandbox2025.told())

    sandbox2025.advance(days=6)

    assert len([kind for kind in sandbox2025.told()[told:] if "subscription" in kind]) == 0
