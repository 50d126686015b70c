import pytest
import stripe

from membership.sandbox.webhooks import Mode
from tests.sandbox.driver import FAILS_LATER, GOOD, day, new_world, serving

HOUR, DAY = 3600, 24 * 3600


@pytest.fixture
def january(tmp_path):
    """Run a sandbox that begins at noon of 31 January 2025."""
    with serving(new_world(tmp_path, "2025-01-31T12:00", mode=Mode.DROP)) as driver:
        yield driver


def item_of(subscription):
    return subscription["items"].data[0]


def again(sandbox, subscription):
    return sandbox.v1.subscriptions.retrieve(subscription.id)


def invoices_of(sandbox, subscription):
    return sandbox.v1.invoices.list({"subscription": subscription.id}).data


def test_a_membership_has_its_period_on_its_item(january):
    subscription = january.member()

    item = item_of(subscription)
    assert (day(item.current_period_start), day(item.current_period_end)) == ("2025-01-31", "2025-02-28")
    assert "current_period_end" not in subscription
    assert subscription.billing_mode.type == "flexible"


def test_the_first_invoice_is_paid_at_once(january):
    subscription = january.member()

    invoice = january.v1.invoices.retrieve(subscription.latest_invoice)

    line = invoice.lines.data[0]
    assert (invoice.status, invoice.billing_reason, invoice.attempt_count) == ("paid", "subscription_create", 1)
    assert (line.period.start, line.period.end) == (
        item_of(subscription).current_period_start,
        item_of(subscription).current_period_end,
    )
    assert line.parent.subscription_item_details.subscription_item == item_of(subscription).id
    assert line.pricing.price_details.price == item_of(subscription).price.id
    assert invoice.parent.subscription_details.subscription == subscription.id
    assert january.v1.invoices.line_items.list(invoice.id).data[0].id == line.id


def test_a_period_moves_at_once_and_is_charged_an_hour_later(january):
    subscription = january.member()
    ends = item_of(subscription).current_period_end

    january.advance(months=1)

    (draft, _) = invoices_of(january, subscription)
    assert item_of(again(january, subscription)).current_period_start == ends
    assert (draft.status, draft.number, draft.created) == ("draft", None, ends)
    assert draft.automatically_finalizes_at == ends + HOUR
    january.advance(seconds=HOUR)
    (paid, first) = invoices_of(january, subscription)
    assert (paid.status, paid.status_transitions.paid_at) == ("paid", ends + HOUR)
    assert paid.number != first.number
    assert (paid.period_start, paid.period_end) == (first.created, ends)
    assert day(paid.lines.data[0].period.end) == "2025-03-31"


def test_the_31st_comes_back_after_a_short_month(january):
    subscription = january.member()

    january.advance(months=5)

    ends = [day(invoice.lines.data[0].period.end) for invoice in invoices_of(january, subscription)]
    assert ends[::-1] == ["2025-02-28", "2025-03-31", "2025-04-30", "2025-05-31", "2025-06-30", "2025-07-31"]
    assert {invoice.status for invoice in invoices_of(january, subscription)[1:]} == {"paid"}


def test_years_renew_too(january):
    subscription = january.member(price=january.price(interval="year"))

    january.advance(months=24)

    assert day(item_of(again(january, subscription)).current_period_end) == "2028-01-31"


def test_a_renewal_is_told_step_by_step(january):
    january.terms(payouts="manual")
    january.member()
    january.settle()
    before = len(january.told())

    january.advance(months=1)
    january.advance(days=1)

    assert january.told()[before:] == [
        "customer.subscription.updated",
        "invoice.created",
        "payment_intent.created",
        "invoice.finalized",
        "charge.succeeded",
        "payment_intent.succeeded",
        "invoice_payment.paid",
        "invoice.paid",
        "invoice.payment_succeeded",
        "charge.updated",
    ]


def test_a_failing_card_is_tried_four_times_and_then_it_is_over(january):
    subscription = january.member(FAILS_LATER)
    first_try = item_of(subscription).current_period_end + HOUR

    january.advance(months=1)
    january.advance(seconds=HOUR)

    late, (invoice, _) = again(january, subscription), invoices_of(january, subscription)
    assert (late.status, invoice.status, invoice.attempt_count) == ("past_due", "open", 1)
    assert invoice.next_payment_attempt == first_try + 3 * DAY
    january.advance(days=3)
    assert invoices_of(january, subscription)[0].next_payment_attempt == first_try + 8 * DAY
    january.advance(days=5)
    assert invoices_of(january, subscription)[0].next_payment_attempt == first_try + 15 * DAY
    january.advance(days=7)
    ended, (invoice, _) = again(january, subscription), invoices_of(january, subscription)
    assert (ended.status, ended.cancellation_details.reason) == ("canceled", "payment_failed")
    assert ended.ended_at == ended.canceled_at == first_try + 15 * DAY
    assert (invoice.status, invoice.attempt_count, invoice.next_payment_attempt) == ("open", 4, None)
    assert not invoice.auto_advance
    told = january.told()
    assert told.count("invoice.payment_failed") == told.count("charge.failed") == 4
    assert told.count("customer.subscription.deleted") == 1
    january.advance(months=3)
    assert len(invoices_of(january, subscription)) == 2


def test_another_card_brings_a_late_membership_back(january):
    subscription = january.member(FAILS_LATER)
    january.v1.subscriptions.cancel(january.member(customer=subscription.customer).id)
    january.advance(months=1)
    january.advance(days=1)

    january.post(f"/_sandbox/customers/{subscription.customer}/card", {"card": GOOD})
    january.advance(days=3)

    assert again(january, subscription).status == "active"
    assert invoices_of(january, subscription)[0].status == "paid"
    assert "payment_method.attached" in january.told()


def test_a_late_invoice_can_be_paid_by_hand(january):
    subscription = january.member(FAILS_LATER)
    january.advance(months=1)
    january.advance(days=1)
    late = invoices_of(january, subscription)[0]

    with pytest.raises(stripe.CardError) as refusal:
        january.v1.invoices.pay(late.id)
    assert refusal.value.code == "card_declined"
    assert january.v1.invoices.retrieve(late.id).next_payment_attempt == late.next_payment_attempt
    january.post(f"/_sandbox/customers/{subscription.customer}/card", {"card": GOOD})
    assert january.v1.invoices.pay(late.id).status == "paid"

    assert again(january, subscription).status == "active"
    january.advance(days=20)
    assert january.v1.invoices.retrieve(late.id).attempt_count == 3
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        january.v1.invoices.pay(late.id)
    assert refusal.value.code == "invoice_already_paid"


def test_paying_an_old_invoice_does_not_make_a_membership_current(january):
    subscription = january.member(FAILS_LATER, price=january.price(interval="week"))
    january.advance(days=7)
    january.advance(days=7)
    january.advance(days=1)
    newest, older, _ = invoices_of(january, subscription)

    january.post(f"/_sandbox/customers/{subscription.customer}/card", {"card": GOOD})
    january.v1.invoices.pay(older.id)

    assert again(january, subscription).status == "past_due"
    assert newest.status == "open"


def test_a_voided_invoice_is_asked_for_no_more(january):
    subscription = january.member(FAILS_LATER)
    january.advance(months=1)
    january.advance(days=1)
    late = invoices_of(january, subscription)[0]

    voided = january.v1.invoices.void_invoice(late.id)

    assert voided.status == "void"
    (payment,) = january.v1.invoice_payments.list({"invoice": late.id}).data
    assert (payment.status, payment.amount_paid) == ("canceled", None)
    assert january.v1.payment_intents.retrieve(payment.payment.payment_intent).status == "canceled"
    january.advance(days=5)
    assert january.v1.invoices.retrieve(late.id).attempt_count == 1
    with pytest.raises(stripe.InvalidRequestError):
        january.v1.invoices.void_invoice(late.id)


def test_a_cancelled_membership_lasts_as_paid(january):
    subscription = january.member()
    ends = item_of(subscription).current_period_end

    ending = january.v1.subscriptions.update(subscription.id, {"cancel_at_period_end": True})

    assert (ending.status, ending.cancel_at, ending.cancel_at_period_end) == ("active", ends, True)
    assert ending.cancellation_details.reason == "cancellation_requested"
    january.advance(months=2)
    ended = again(january, subscription)
    assert (ended.status, ended.ended_at) == ("canceled", ends)
    assert len(invoices_of(january, subscription)) == 1


def test_a_cancellation_can_be_taken_back(january):
    subscription = january.member()
    january.v1.subscriptions.update(subscription.id, {"cancel_at_period_end": True})

    undone = january.v1.subscriptions.update(subscription.id, {"cancel_at_period_end": False})

    assert (undone.cancel_at, undone.canceled_at, undone.cancel_at_period_end) == (None, None, False)
    assert undone.cancellation_details.reason is None
    january.advance(months=1)
    assert again(january, subscription).status == "active"


@pytest.mark.parametrize("moment", ["min_period_end", "max_period_end"])
def test_an_end_may_be_set_by_name(january, moment):
    subscription = january.member()

    ending = january.v1.subscriptions.update(subscription.id, {"cancel_at": moment})

    assert (ending.cancel_at, ending.cancel_at_period_end) == (item_of(subscription).current_period_end, False)
    assert january.v1.subscriptions.update(subscription.id, {"cancel_at": ""}).cancel_at is None
    january.advance(months=1)
    assert again(january, subscription).status == "active"


def test_an_end_may_be_set_to_a_moment(january):
    subscription = january.member()
    later = subscription.created + 45 * DAY

    january.v1.subscriptions.update(subscription.id, {"cancel_at": later})

    january.advance(months=3)
    assert again(january, subscription).ended_at == later
    assert len(invoices_of(january, subscription)) == 2
    with pytest.raises(stripe.InvalidRequestError):
        january.v1.subscriptions.update(january.member().id, {"cancel_at": later})


def test_an_end_is_set_in_one_way_at_a_time(january):
    subscription = january.member()

    with pytest.raises(stripe.InvalidRequestError):
        january.v1.subscriptions.update(subscription.id, {"cancel_at": "", "cancel_at_period_end": True})


def test_cancelling_now_ends_a_membership_now(january):
    subscription = january.member()
    january.advance(months=1)

    ended = january.v1.subscriptions.cancel(
        subscription.id, {"cancellation_details": {"comment": "Moving away", "feedback": "other"}}
    )

    assert (ended.status, ended.cancellation_details.comment) == ("canceled", "Moving away")
    january.advance(days=1)
    assert invoices_of(january, subscription)[0].status == "draft"
    for act in (january.v1.subscriptions.cancel, january.v1.subscriptions.update):
        with pytest.raises(stripe.InvalidRequestError):
            act(subscription.id, {})
    with pytest.raises(stripe.InvalidRequestError):
        january.v1.invoices.pay(invoices_of(january, subscription)[0].id)


def test_memberships_are_listed_by_state(january):
    running, ended = january.member(), january.member()
    january.v1.subscriptions.cancel(ended.id)
    price_id = item_of(running).price.id

    def ids(**params):
        return [one.id for one in january.v1.subscriptions.list(params).data]

    assert ids() == ids(status="active") == ids(price=price_id) == [running.id]
    assert ids(status="canceled") == ids(status="ended") == [ended.id]
    assert ids(status="all") == [ended.id, running.id]
    assert ids(customer=running.customer, status="all") == [running.id]


def test_a_membership_can_change_to_another_price(january):
    subscription, dearer = january.member(), january.price(1000)
    change = {"items": [{"id": item_of(subscription).id, "price": dearer.id}], "proration_behavior": "none"}

    words = {"description": "Better", "metadata": {"a": "1"}}
    changed = january.v1.subscriptions.update(subscription.id, change | words)

    assert (item_of(changed).price.id, item_of(changed).plan.amount) == (dearer.id, 1000)
    assert (changed.description, changed.metadata.to_dict()) == ("Better", {"a": "1"})
    january.advance(months=1)
    assert invoices_of(january, subscription)[0].total == 1000


def test_a_membership_can_be_paid_with_another_known_card(january):
    subscription = january.member(FAILS_LATER)
    method = january.member(customer=subscription.customer).default_payment_method

    january.v1.subscriptions.update(subscription.id, {"default_payment_method": method})

    january.advance(months=1)
    january.advance(days=1)
    assert again(january, subscription).status == "active"
    with pytest.raises(stripe.InvalidRequestError):
        january.v1.subscriptions.update(subscription.id, {"default_payment_method": "pm_nothing"})


def test_a_card_must_be_known_to_be_given(january):
    subscription = january.member()

    answer = january.post(f"/_sandbox/customers/{subscription.customer}/card", {"card": "1234"})

    assert answer["error"]["code"] == "incorrect_number"
