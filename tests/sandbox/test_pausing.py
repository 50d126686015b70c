import pytest
import stripe

from tests.sandbox.driver import FAILS_LATER, GOOD, day
from tests.sandbox.test_changing import again, amounts, item_of, newest
from tests.sandbox.test_subscribing import customer_with

DAY = 24 * 3600


@pytest.fixture
def member(sandbox2025):
    member = sandbox2025.member(price=sandbox2025.price(3100))
    sandbox2025.advance(days=21)
    return member


def pause(sandbox, member, unused="now", **fields):
    bill_for = {"unused_time_from": {"type": unused}}
    return sandbox.v1.subscriptions.pause(member.id, {"bill_for": bill_for, **fields})


def test_a_paused_membership_rests(sandbox2025, member):
    paused = sandbox2025.v1.subscriptions.pause(member.id)

    why = paused.status_details.paused
    assert (paused.status, why.subscription.type) == ("paused", "pause_requested")
    assert why.transitioned_at == item_of(paused).current_period_end
    sandbox2025.advance(months=3)
    assert (again(sandbox2025, member).status, newest(sandbox2025, member).id) == ("paused", member.latest_invoice)
    assert sandbox2025.told().count("customer.subscription.paused") == 1


def test_going_on_is_paid_and_uses_what_was_not_used(sandbox2025, member):
    pause(sandbox2025, member)
    sandbox2025.advance(days=40)

    on = {"payment_behavior": "resume_on_payment_success"}
    resumed = sandbox2025.v1.subscriptions.resume(member.id, on)

    assert (resumed.status, resumed.status_details, resumed.pending_update) == ("active", None, None)
    assert (amounts(newest(sandbox2025, member)), newest(sandbox2025, member).status) == ([-1000, 3100], "paid")
    assert day(item_of(resumed).current_period_end) == "2025-04-03"
    assert "customer.subscription.resumed" in sandbox2025.told()
    sandbox2025.advance(months=1)
    assert amounts(newest(sandbox2025, member)) == [3100]


@pytest.mark.parametrize(("unused", "balance"), [("now", -1000), ("item_current_period_start", -3100), ("none", 0)])
def test_unused_time_is_given_back_as_asked(sandbox2025, member, unused, balance):
    pause(sandbox2025, member, unused, invoicing_behavior="invoice")

    assert sandbox2025.v1.customers.retrieve(member.customer).balance == balance


def test_by_default_somebody_has_to_pay_before_a_membership_goes_on(sandbox2025, member):
    pause(sandbox2025, member, "none")

    waiting = sandbox2025.v1.subscriptions.resume(member.id)

    invoice = newest(sandbox2025, member)
    assert (waiting.status, invoice.status, invoice.attempt_count) == ("paused", "open", 0)
    assert waiting.pending_update.expires_at == sandbox2025.world.clock.now() + 23 * 3600
    sandbox2025.v1.invoices.pay(invoice.id)
    assert again(sandbox2025, member).status == "active"


def test_nobody_pays_and_the_pause_goes_on(sandbox2025, member):
    pause(sandbox2025, member)
    waiting = sandbox2025.v1.subscriptions.resume(member.id)

    sandbox2025.advance(days=1)

    paused = again(sandbox2025, member)
    assert (paused.status, paused.pending_update) == ("paused", None)
    assert sandbox2025.v1.invoices.retrieve(waiting.latest_invoice).status == "void"


@pytest.mark.parametrize(
    ("on", "status"), [("resume_on_payment_attempt", "past_due"), ("resume_on_payment_success", "paused")]
)
def test_a_card_that_refuses_leaves_a_membership_late_or_paused(sandbox2025, on, status):
    member = sandbox2025.member(FAILS_LATER)
    pause(sandbox2025, member, "none")
    sandbox2025.v1.subscriptions.resume(member.id, {"payment_behavior": on})

    with pytest.raises(stripe.CardError):
        sandbox2025.v1.invoices.pay(newest(sandbox2025, member).id)

    assert again(sandbox2025, member).status == status
    sandbox2025.post(f"/_sandbox/customers/{member.customer}/card", {"card": GOOD})
    if status == "paused":
        sandbox2025.advance(days=6)
    else:
        sandbox2025.v1.invoices.pay(newest(sandbox2025, member).id)
    assert again(sandbox2025, member).status == "active"


@pytest.mark.parametrize(("act", "status"), [("void_invoice", "paused"), ("mark_uncollectible", "active")])
def test_the_bill_for_going_on_can_be_waived(sandbox2025, member, act, status):
    pause(sandbox2025, member)
    sandbox2025.v1.subscriptions.resume(member.id)

    getattr(sandbox2025.v1.invoices, act)(newest(sandbox2025, member).id)

    assert again(sandbox2025, member).status == status


@pytest.mark.parametrize(
    ("behavior", "lines"), [("always_invoice", [1000]), ("create_prorations", [3100]), ("none", [3100])]
)
def test_a_membership_can_go_on_in_its_old_rhythm(sandbox2025, member, behavior, lines):
    pause(sandbox2025, member, "none")

    resumed = sandbox2025.v1.subscriptions.resume(
        member.id,
        {
            "billing_cycle_anchor": {"type": "unchanged"},
            "proration_behavior": behavior,
            "payment_behavior": "resume_on_payment_success",
        },
    )

    assert (resumed.status, item_of(resumed).current_period_end) == ("active", item_of(member).current_period_end)
    assert amounts(newest(sandbox2025, member)) == lines


def test_what_cannot_rest_or_go_on_is_refused(sandbox2025, member):
    with pytest.raises(stripe.InvalidRequestError):
        sandbox2025.v1.subscriptions.resume(member.id)
    items = [{"price": sandbox2025.price().id}]
    trying = sandbox2025.v1.subscriptions.create({"customer": member.customer, "items": items, "trial_period_days": 9})
    with pytest.raises(stripe.InvalidRequestError):
        pause(sandbox2025, trying)
    sandbox2025.v1.subscription_schedules.create({"from_subscription": member.id})
    with pytest.raises(stripe.InvalidRequestError):
        pause(sandbox2025, member)


def test_going_on_needs_a_card_and_a_free_trial_that_paused_can_go_on(sandbox2025):
    customer = customer_with(sandbox2025, None)
    end = {"end_behavior": {"missing_payment_method": "pause"}}
    items = [{"price": sandbox2025.price().id}]
    begun = sandbox2025.v1.subscriptions.create(
        {"customer": customer, "items": items, "trial_period_days": 1, "trial_settings": end}
    )
    sandbox2025.advance(days=2)
    assert again(sandbox2025, begun).status == "paused"
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        sandbox2025.v1.subscriptions.resume(begun.id, {"payment_behavior": "resume_on_payment_success"})
    assert refusal.value.code == "resource_missing"

    sandbox2025.post(f"/_sandbox/customers/{customer}/card", {"card": GOOD})
    sandbox2025.v1.subscriptions.resume(begun.id, {"payment_behavior": "resume_on_payment_success"})

    assert again(sandbox2025, begun).status == "active"


def test_a_balance_pays_for_going_on(sandbox2025, member):
    pause(sandbox2025, member, "item_current_period_start")

    assert sandbox2025.v1.subscriptions.resume(member.id).status == "active"
