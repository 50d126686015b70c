import pytest
import stripe

from tests.sandbox.driver import FAILS_LATER, GOOD, day

DAY = 24 * 3600


def item_of(subscription):
    return subscription["items"].data[0]


def again(sandbox, subscription):
    return sandbox.v1.subscriptions.retrieve(subscription.id)


def newest(sandbox, subscription):
    return sandbox.v1.invoices.retrieve(again(sandbox, subscription).latest_invoice)


def to(subscription, price, **fields):
    return {"items": [{"id": item_of(subscription).id, "price": price.id}], **fields}


def amounts(invoice):
    return [line.amount for line in invoice.lines.data]


@pytest.fixture
def member(sandbox2025):
    """Make a member of a month at 31.00 euros, who is in the middle of it."""
    member = sandbox2025.member(price=sandbox2025.price(3100))
    sandbox2025.advance(days=21)
    return member


def test_an_upgrade_is_charged_at_once_for_the_rest_of_the_period(sandbox2025, member):
    dearer, now = sandbox2025.price(6200), sandbox2025.world.clock.now()
    change = to(member, dearer, proration_behavior="always_invoice", proration_date=now)

    changed = sandbox2025.v1.subscriptions.update(member.id, change)

    invoice = newest(sandbox2025, member)
    assert (item_of(changed).price.id, changed.status) == (dearer.id, "active")
    assert item_of(changed).current_period_end == item_of(member).current_period_end
    assert amounts(invoice) == [-1000, 2000]
    assert (invoice.amount_due, invoice.status, invoice.billing_reason) == (1000, "paid", "subscription_update")
    back, rest = (line.parent.subscription_item_details for line in invoice.lines.data)
    assert (back.proration, rest.proration) == (True, True)
    assert back.proration_details.credited_items.invoice == member.latest_invoice
    assert [(line.period.start, line.period.end) for line in invoice.lines.data] == [
        (now, item_of(member).current_period_end)
    ] * 2


def test_a_credit_rests_on_what_was_really_asked(sandbox2025, member):
    sandbox2025.v1.subscriptions.update(member.id, to(member, sandbox2025.price(6200), proration_behavior="none"))

    sandbox2025.v1.subscriptions.update(
        member.id, to(member, sandbox2025.price(3100), proration_behavior="always_invoice")
    )

    assert amounts(newest(sandbox2025, member)) == [-1000, 1000]
    sandbox2025.v1.subscriptions.update(
        member.id, to(member, sandbox2025.price(310), proration_behavior="always_invoice")
    )
    assert amounts(newest(sandbox2025, member)) == [-1000, 100]


def test_a_downgrade_leaves_a_credit_that_later_invoices_use(sandbox2025, member):
    cheaper = sandbox2025.price(310)

    sandbox2025.v1.subscriptions.update(member.id, to(member, cheaper, proration_behavior="always_invoice"))

    invoice = newest(sandbox2025, member)
    assert (invoice.total, invoice.amount_due, invoice.status, invoice.ending_balance) == (-900, 0, "paid", -900)
    assert sandbox2025.v1.customers.retrieve(member.customer).balance == -900
    assert sandbox2025.v1.invoice_payments.list({"invoice": invoice.id}).data == []
    sandbox2025.advance(days=11)
    renewal = newest(sandbox2025, member)
    assert (renewal.total, renewal.starting_balance, renewal.amount_due, renewal.status) == (310, -900, 0, "paid")
    assert sandbox2025.v1.customers.retrieve(member.customer).balance == -590


def test_prorations_wait_for_the_next_invoice_unless_asked_for(sandbox2025, member):
    changed = sandbox2025.v1.subscriptions.update(member.id, to(member, sandbox2025.price(6200)))

    assert changed.latest_invoice == member.latest_invoice
    sandbox2025.advance(days=11)
    assert amounts(newest(sandbox2025, member)) == [-1000, 2000, 6200]
    assert newest(sandbox2025, member).amount_due == 7200


def test_without_prorations_the_new_price_begins_with_the_next_period(sandbox2025, member):
    sandbox2025.v1.subscriptions.update(member.id, to(member, sandbox2025.price(6200), proration_behavior="none"))

    sandbox2025.advance(days=11)

    assert amounts(newest(sandbox2025, member)) == [6200]


@pytest.mark.parametrize(("behavior", "lines"), [("create_prorations", [-1000, 9000]), ("none", [9000])])
def test_another_interval_begins_at_once(sandbox2025, member, behavior, lines):
    quarter = sandbox2025.price(9000, recurring={"interval": "month", "interval_count": 3})

    changed = sandbox2025.v1.subscriptions.update(member.id, to(member, quarter, proration_behavior=behavior))

    assert amounts(newest(sandbox2025, member)) == lines
    item = item_of(changed)
    assert (day(item.current_period_start), day(item.current_period_end)) == ("2025-01-22", "2025-04-22")
    assert changed.billing_cycle_anchor == item.current_period_start


def test_a_period_can_begin_anew(sandbox2025, member):
    changed = sandbox2025.v1.subscriptions.update(member.id, {"billing_cycle_anchor": {"type": "now"}})

    assert day(item_of(changed).current_period_end) == "2025-02-22"
    assert amounts(newest(sandbox2025, member)) == [-1000, 3100]


def test_quantities_are_prorated_too(sandbox2025, member):
    change = {"items": [{"id": item_of(member).id, "quantity": 3}], "proration_behavior": "always_invoice"}

    sandbox2025.v1.subscriptions.update(member.id, change)

    assert amounts(newest(sandbox2025, member)) == [-1000, 3000]


def test_an_item_without_an_id_is_added_and_one_can_be_taken_away(sandbox2025, member):
    added = sandbox2025.price(310)

    changed = sandbox2025.v1.subscriptions.update(
        member.id, {"items": [{"price": added.id}], "proration_behavior": "always_invoice"}
    )

    assert [item.price.unit_amount for item in changed["items"].data] == [3100, 310]
    assert amounts(newest(sandbox2025, member)) == [100]
    gone = {"items": [{"id": item_of(member).id, "deleted": True}]}
    changed = sandbox2025.v1.subscriptions.update(member.id, gone)
    assert [item.price.id for item in changed["items"].data] == [added.id]
    sandbox2025.advance(days=11)
    assert amounts(newest(sandbox2025, member)) == [-1000, 310]


def test_items_of_different_intervals_renew_each_at_its_time(sandbox2025, member):
    yearly = sandbox2025.price(36500, interval="year")

    changed = sandbox2025.v1.subscriptions.update(
        member.id, {"items": [{"price": yearly.id}], "proration_behavior": "none"}
    )

    assert [day(item.current_period_end) for item in changed["items"].data] == ["2025-02-01", "2026-01-01"]
    sandbox2025.advance(days=30)
    assert amounts(newest(sandbox2025, member)) == [3100]
    sandbox2025.advance(months=11)
    assert sorted(amounts(newest(sandbox2025, member))) == [3100, 36500]


def test_an_amount_of_her_own_needs_no_price_of_ours(sandbox2025, member):
    own = {"currency": "eur", "product": item_of(member).price.product, "unit_amount": 4650}
    change = {"items": [{"id": item_of(member).id, "price_data": own | {"recurring": {"interval": "month"}}}]}

    changed = sandbox2025.v1.subscriptions.update(member.id, change | {"proration_behavior": "always_invoice"})

    assert (item_of(changed).price.unit_amount, item_of(changed).price.active) == (4650, False)
    assert newest(sandbox2025, member).amount_due == 500


def test_a_change_can_wait_until_it_is_paid(sandbox2025):
    member = sandbox2025.member(FAILS_LATER, price=sandbox2025.price(3100))
    sandbox2025.advance(days=21)
    change = to(member, sandbox2025.price(6200), proration_behavior="always_invoice")

    waiting = sandbox2025.v1.subscriptions.update(member.id, change | {"payment_behavior": "pending_if_incomplete"})

    assert (item_of(waiting).price.unit_amount, waiting.status) == (3100, "active")
    assert waiting.pending_update.subscription_items[0].price.unit_amount == 6200
    assert newest(sandbox2025, member).status == "open"
    sandbox2025.post(f"/_sandbox/customers/{member.customer}/card", {"card": GOOD})
    sandbox2025.v1.invoices.pay(waiting.latest_invoice)
    paid = again(sandbox2025, member)
    assert (item_of(paid).price.unit_amount, paid.pending_update) == (6200, None)
    assert "customer.subscription.pending_update_applied" in sandbox2025.told()


def test_a_change_that_nobody_pays_for_is_given_up_after_23_hours(sandbox2025):
    member = sandbox2025.member(FAILS_LATER, price=sandbox2025.price(3100))
    sandbox2025.advance(days=2)
    change = to(member, sandbox2025.price(6200), proration_behavior="always_invoice")
    waiting = sandbox2025.v1.subscriptions.update(member.id, change | {"payment_behavior": "pending_if_incomplete"})
    first = waiting.latest_invoice

    second = sandbox2025.v1.subscriptions.update(member.id, change | {"payment_behavior": "pending_if_incomplete"})

    assert sandbox2025.v1.invoices.retrieve(first).status == "void"
    assert second.pending_update.expires_at == sandbox2025.world.clock.now() + 23 * 3600
    sandbox2025.advance(days=1)
    given_up = again(sandbox2025, member)
    assert (given_up.pending_update, item_of(given_up).price.unit_amount) == (None, 3100)
    assert newest(sandbox2025, member).status == "void"
    assert sandbox2025.told().count("customer.subscription.pending_update_expired") == 2


def test_a_change_that_can_be_paid_never_waits(sandbox2025, member):
    change = to(member, sandbox2025.price(6200), proration_behavior="always_invoice")

    changed = sandbox2025.v1.subscriptions.update(member.id, change | {"payment_behavior": "pending_if_incomplete"})

    assert (item_of(changed).price.unit_amount, changed.pending_update) == (6200, None)
    assert "customer.subscription.pending_update_applied" not in sandbox2025.told()


def test_a_change_can_be_refused_when_it_cannot_be_paid(sandbox2025):
    member = sandbox2025.member(FAILS_LATER, price=sandbox2025.price(3100))
    sandbox2025.advance(days=2)
    change = to(member, sandbox2025.price(6200), payment_behavior="error_if_incomplete")
    before = sandbox2025.told()

    with pytest.raises(stripe.CardError) as refusal:
        sandbox2025.v1.subscriptions.update(member.id, change | {"proration_behavior": "always_invoice"})

    assert refusal.value.code == "card_declined"
    assert item_of(again(sandbox2025, member)).price.unit_amount == 3100
    assert sandbox2025.told() == before
    changed = sandbox2025.v1.subscriptions.update(member.id, change)
    assert item_of(changed).price.unit_amount == 6200


@pytest.mark.parametrize("behavior", ["allow_incomplete", "default_incomplete"])
def test_a_change_that_is_not_paid_makes_a_membership_late(sandbox2025, behavior):
    member = sandbox2025.member(FAILS_LATER, price=sandbox2025.price(3100))
    change = to(member, sandbox2025.price(6200), proration_behavior="always_invoice", payment_behavior=behavior)

    changed = sandbox2025.v1.subscriptions.update(member.id, change)

    assert (changed.status, item_of(changed).price.unit_amount) == ("past_due", 6200)
    sandbox2025.post(f"/_sandbox/customers/{member.customer}/card", {"card": GOOD})
    sandbox2025.v1.invoices.pay(changed.latest_invoice)
    assert again(sandbox2025, member).status == "active"


@pytest.mark.parametrize(
    "change",
    [
        {"items": [{"id": "si_nothing", "quantity": 1}]},
        {"items": [{"price": "price_nothing"}]},
        {"proration_date": 1},
        {"trial_end": 1},
        {"trial_end": 4_000_000_000},
        {"pause_collection": {"behavior": "void", "resumes_at": 1}},
        {"add_invoice_items": [{"price": "price_1"}]},
    ],
)
def test_what_cannot_be_changed_is_refused(sandbox2025, member, change):
    with pytest.raises(stripe.InvalidRequestError):
        sandbox2025.v1.subscriptions.update(member.id, change)


def test_items_that_do_not_fit_are_refused(sandbox2025, member):
    item, product = item_of(member), item_of(member).price.product
    once = sandbox2025.v1.prices.create({"currency": "eur", "unit_amount": 100, "product": product})
    closed = sandbox2025.price(100, active=False)
    for wish in (
        {"id": item.id, "deleted": True},
        {"price": item.price.id},
        {"price": sandbox2025.price(currency="usd").id},
        {"price": once.id},
        {"price": closed.id},
        {"id": item.id, "quantity": -1},
    ):
        with pytest.raises(stripe.InvalidRequestError):
            sandbox2025.v1.subscriptions.update(member.id, {"items": [wish]})


def test_cancelling_now_can_give_back_the_rest(sandbox2025, member):
    sandbox2025.v1.subscriptions.cancel(member.id, {"prorate": True, "invoice_now": True})

    invoice = newest(sandbox2025, member)
    assert (amounts(invoice), invoice.status) == ([-1000], "paid")
    assert sandbox2025.v1.customers.retrieve(member.customer).balance == -1000


def test_what_is_owed_is_asked_for_when_cancelling(sandbox2025, member):
    sandbox2025.v1.subscriptions.update(member.id, to(member, sandbox2025.price(6200)))

    sandbox2025.v1.subscriptions.cancel(member.id, {"invoice_now": True})

    assert (newest(sandbox2025, member).amount_due, newest(sandbox2025, member).status) == (1000, "paid")


@pytest.mark.parametrize(("behavior", "waiting"), [("create_prorations", [-1000]), ("none", [])])
def test_an_end_within_the_period_gives_back_the_rest(sandbox2025, member, behavior, waiting):
    ends = sandbox2025.world.clock.now() + 60

    sandbox2025.v1.subscriptions.update(member.id, {"cancel_at": ends, "proration_behavior": behavior})

    sandbox2025.advance(days=1)
    items = sandbox2025.world.store.tables.get("invoiceitem", {}).values()
    assert [item["amount"] for item in items] == waiting
    assert again(sandbox2025, member).ended_at == ends


def test_a_last_period_that_is_cut_short_costs_less(sandbox2025, member):
    ends = item_of(member).current_period_end + 14 * DAY

    sandbox2025.v1.subscriptions.update(member.id, {"cancel_at": ends})

    sandbox2025.advance(days=12)
    line = newest(sandbox2025, member).lines.data[0]
    assert (line.amount, line.period.end) == (1550, ends)


def test_an_ended_membership_takes_only_words(sandbox2025, member):
    sandbox2025.v1.subscriptions.cancel(member.id)

    changed = sandbox2025.v1.subscriptions.update(member.id, {"metadata": {"why": "moved"}})

    assert changed.metadata.to_dict() == {"why": "moved"}


def test_too_little_to_charge_waits_on_the_balance(sandbox2025, member):
    change = to(member, sandbox2025.price(3200), proration_behavior="always_invoice")

    sandbox2025.v1.subscriptions.update(member.id, change)

    invoice = newest(sandbox2025, member)
    assert (invoice.total, invoice.amount_due, invoice.status) == (32, 0, "paid")
    assert sandbox2025.v1.customers.retrieve(member.customer).balance == 32


def test_a_voided_invoice_gives_the_balance_back(sandbox2025):
    member = sandbox2025.member(FAILS_LATER, price=sandbox2025.price(3100))
    sandbox2025.world.store.get("customer", member.customer)["balance"] = -100
    sandbox2025.advance(months=1)
    sandbox2025.advance(days=1)
    late = newest(sandbox2025, member)
    assert (late.amount_due, late.status) == (3000, "open")

    sandbox2025.v1.invoices.void_invoice(late.id)

    assert sandbox2025.v1.customers.retrieve(member.customer).balance == -100


@pytest.mark.parametrize(
    ("currency", "price", "dearer", "lines"), [("jpy", 1000, 1500, [-323, 484]), ("kwd", 5000, 7500, [-1610, 2420])]
)
def test_other_currencies_are_prorated_in_their_own_steps(sandbox2025, currency, price, dearer, lines):
    member = sandbox2025.member(price=sandbox2025.price(price, currency))
    sandbox2025.advance(days=21)
    change = to(member, sandbox2025.price(dearer, currency), proration_behavior="always_invoice")

    sandbox2025.v1.subscriptions.update(member.id, change | {"proration_date": member.created + 21 * DAY})

    assert amounts(newest(sandbox2025, member)) == lines


def test_what_costs_nothing_asks_for_nothing(sandbox2025, member):
    free = sandbox2025.price(0)

    sandbox2025.v1.subscriptions.update(
        member.id, {"items": [{"price": free.id}], "proration_behavior": "always_invoice"}
    )

    assert again(sandbox2025, member).latest_invoice == member.latest_invoice


def test_a_credit_for_what_still_waits_names_the_waiting_item(sandbox2025, member):
    sandbox2025.v1.subscriptions.update(member.id, to(member, sandbox2025.price(6200)))

    sandbox2025.v1.subscriptions.update(member.id, to(member, sandbox2025.price(3100)))

    items = list(sandbox2025.world.store.tables["invoiceitem"].values())
    assert [item["amount"] for item in items] == [-1000, 2000, -2000, 1000]
    assert items[2]["proration_details"]["credited_items"]["invoice_item"] == items[1]["id"]
