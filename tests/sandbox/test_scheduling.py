import pytest
import stripe

from tests.sandbox.driver import day
from tests.sandbox.test_changing import again, amounts, item_of, newest


@pytest.fixture
def member(sandbox2025):
    member = sandbox2025.member(price=sandbox2025.price(3100))
    sandbox2025.advance(days=21)
    return member


def schedule(sandbox, member, *prices, **fields):
    made = sandbox.v1.subscription_schedules.create({"from_subscription": member.id, "metadata": {"a": "b"}})
    (present,) = made.phases
    first = {"items": [{"price": present["items"][0].price}], "start_date": present.start_date}
    phases = [first | {"end_date": present.end_date}] + [{"items": [{"price": price.id}]} for price in prices]
    return sandbox.v1.subscription_schedules.update(made.id, {"phases": phases, **fields})


def test_a_downgrade_waits_for_the_end_of_the_period(sandbox2025, member):
    cheaper = sandbox2025.price(500)

    made = schedule(sandbox2025, member, cheaper)

    assert (made.status, made.end_behavior, made.metadata.to_dict()) == ("active", "release", {"a": "b"})
    assert [day(phase.end_date) for phase in made.phases] == ["2025-02-01", "2025-03-01"]
    assert item_of(again(sandbox2025, member)).price.unit_amount == 3100
    assert again(sandbox2025, member).schedule == made.id
    sandbox2025.advance(days=12)
    assert (item_of(again(sandbox2025, member)).price.id, item_of(again(sandbox2025, member)).id) == (
        cheaper.id,
        item_of(member).id,
    )
    assert (amounts(newest(sandbox2025, member)), newest(sandbox2025, member).status) == ([500], "paid")
    sandbox2025.advance(months=1)
    done = sandbox2025.v1.subscription_schedules.retrieve(made.id)
    assert (done.status, done.released_subscription, done.subscription) == ("released", member.id, None)
    assert (again(sandbox2025, member).status, again(sandbox2025, member).schedule) == ("active", None)
    assert "subscription_schedule.released" in sandbox2025.told()
    sandbox2025.advance(months=1)
    assert amounts(newest(sandbox2025, member)) == [500]


def test_another_interval_begins_with_its_phase(sandbox2025, member):
    schedule(sandbox2025, member, sandbox2025.price(30000, interval="year"))

    sandbox2025.advance(days=12)

    assert amounts(newest(sandbox2025, member)) == [30000]
    assert day(item_of(again(sandbox2025, member)).current_period_end) == "2026-02-01"


def test_a_schedule_can_end_a_membership(sandbox2025, member):
    made = schedule(sandbox2025, member, sandbox2025.price(500), end_behavior="cancel")

    sandbox2025.advance(months=3)

    assert sandbox2025.v1.subscription_schedules.retrieve(made.id).status == "completed"
    assert (again(sandbox2025, member).status, day(again(sandbox2025, member).ended_at)) == ("canceled", "2025-03-01")


def test_a_present_phase_changes_at_once(sandbox2025, member):
    made = schedule(sandbox2025, member)
    (present,) = made.phases
    dearer = sandbox2025.price(6200)
    phase = {"items": [{"price": dearer.id}, {"price": sandbox2025.price(310).id}], "start_date": present.start_date}
    phase |= {"end_date": present.end_date, "proration_behavior": "always_invoice"}

    sandbox2025.v1.subscription_schedules.update(made.id, {"phases": [phase]})

    assert sorted(amounts(newest(sandbox2025, member))) == [-1000, 100, 2000]
    phase["items"] = [{"price": dearer.id}]
    sandbox2025.v1.subscription_schedules.update(made.id, {"phases": [phase]})
    assert amounts(newest(sandbox2025, member)) == [-100]


def test_a_direct_change_shows_in_the_present_phase(sandbox2025, member):
    made = schedule(sandbox2025, member)
    item = {"id": item_of(member).id, "price": sandbox2025.price(6200).id}

    sandbox2025.v1.subscriptions.update(member.id, {"items": [item]})

    (present,) = sandbox2025.v1.subscription_schedules.retrieve(made.id).phases
    assert present["items"][0].price == item["price"]
    with pytest.raises(stripe.InvalidRequestError):
        sandbox2025.v1.subscriptions.update(member.id, {"cancel_at_period_end": True})


def test_a_schedule_is_let_go_or_ended(sandbox2025, member):
    made = schedule(sandbox2025, member, sandbox2025.price(500))

    assert sandbox2025.v1.subscription_schedules.release(made.id).status == "released"

    with pytest.raises(stripe.InvalidRequestError):
        sandbox2025.v1.subscription_schedules.release(made.id)
    sandbox2025.advance(days=12)
    assert amounts(newest(sandbox2025, member)) == [3100]
    other = schedule(sandbox2025, member)
    assert sandbox2025.v1.subscription_schedules.cancel(other.id, {"prorate": False}).status == "canceled"
    assert again(sandbox2025, member).status == "canceled"
    found = sandbox2025.v1.subscription_schedules.list({"customer": member.customer}).data
    assert [one.id for one in found] == [other.id, made.id]


def test_a_schedule_that_is_cancelled_gives_back_the_rest(sandbox2025, member):
    made = schedule(sandbox2025, member)
    assert sandbox2025.v1.subscription_schedules.update(made.id, {"end_behavior": "cancel"}).end_behavior == "cancel"

    sandbox2025.v1.subscription_schedules.cancel(made.id)

    (waiting,) = sandbox2025.world.store.tables["invoiceitem"].values()
    assert waiting["amount"] == -1000


def test_ending_a_membership_ends_its_schedule(sandbox2025, member):
    made = schedule(sandbox2025, member)

    sandbox2025.v1.subscriptions.cancel(member.id)

    assert sandbox2025.v1.subscription_schedules.retrieve(made.id).status == "canceled"


def test_a_phase_may_take_a_coupon_off(sandbox2025, member):
    sandbox2025.v1.coupons.create({"id": "half", "percent_off": 50, "duration": "forever"})
    made = sandbox2025.v1.subscription_schedules.create({"from_subscription": member.id})
    (present,) = made.phases
    same = [{"price": present["items"][0].price}]
    first = {"items": same, "start_date": present.start_date, "end_date": present.end_date}
    later = {"items": same, "duration": {"interval": "month", "interval_count": 3}, "discounts": [{"coupon": "half"}]}

    sandbox2025.v1.subscription_schedules.update(made.id, {"phases": [first, later]})

    sandbox2025.advance(days=12)
    assert newest(sandbox2025, member).amount_paid == 1550


def test_schedules_that_do_not_fit_are_refused(sandbox2025, member):
    made = schedule(sandbox2025, member)
    items, start = made.phases[0]["items"][0].price, made.phases[0].start_date
    present = {"items": [{"price": items}]}
    for change in (
        {"end_behavior": "none"},
        {"phases": [present | {"start_date": 1}]},
        {"phases": [present | {"end_date": start + 5, "start_date": start}]},
        {"phases": [present | {"end_date": start}]},
        {"phases": [present | {"end_date": start + 5, "duration": {"interval": "day"}}]},
    ):
        with pytest.raises(stripe.InvalidRequestError):
            sandbox2025.v1.subscription_schedules.update(made.id, change)
    with pytest.raises(stripe.InvalidRequestError):
        sandbox2025.v1.subscription_schedules.create({"from_subscription": member.id})
    sandbox2025.v1.subscriptions.cancel(member.id)
    with pytest.raises(stripe.InvalidRequestError):
        sandbox2025.v1.subscription_schedules.create({"from_subscription": member.id})
