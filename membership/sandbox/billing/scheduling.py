"""Schedules at work: a phase begins, or the last one ends."""

from membership.sandbox.billing import changing, outcomes, proposals, renewing
from membership.sandbox.billing.proposals import ItemWish, Wish
from membership.sandbox.objects import schedules
from membership.sandbox.store import Object
from membership.sandbox.world import World


def attach(world: World, subscription: Object, **given: object) -> Object:
    """Give a subscription a schedule whose one phase is the period it is in."""
    items = subscription["items"]["data"]
    span = (min(item["current_period_start"] for item in items), min(item["current_period_end"] for item in items))
    phase = _phase_of(subscription, span)
    schedule = world.add("subscription_schedule.created", schedules.schedule(world, subscription, [phase], **given))
    with world.changing(outcomes.CHANGED, subscription):
        subscription["schedule"] = schedule["id"]
    world.agenda.plan(span[1], "turn_schedule", schedule["id"])
    return schedule


def reschedule(world: World, schedule: Object, phases: list[Object], fields: Object) -> None:
    """Give a schedule other phases; what changes about the present one takes effect at once."""
    subscription = world.store.get("subscription", schedule["subscription"])
    with world.changing("subscription_schedule.updated", schedule):
        schedule |= fields
        if phases:
            before = _current(schedule, world.now())
            schedule["phases"] = phases
            now = _current(schedule, world.now()) or phases[-1]
            schedule["current_phase"] = _span(now)
            if before and now["items"] != before["items"]:
                _enter(world, subscription, now)
    for phase in phases:
        world.agenda.plan(phase["end_date"], "turn_schedule", schedule["id"])


def turn(world: World, id: str) -> None:
    """Go on to the phase that begins, or do what is to be done after the last one."""
    schedule = world.store.get("subscription_schedule", id)
    if schedule["status"] != "active" or schedule["current_phase"]["end_date"] > world.now():
        return
    subscription = world.store.get("subscription", schedule["subscription"])
    phase = _current(schedule, world.now())
    if phase is None:
        _finish(world, schedule, subscription)
        return
    with world.changing("subscription_schedule.updated", schedule):
        schedule["current_phase"] = _span(phase)
    _enter(world, subscription, phase)


def renew(world: World, id: str) -> None:
    """Renew a subscription, after the turn of its schedule if that is due at the same moment."""
    schedule = world.store.get("subscription", id)["schedule"]
    if schedule:
        turn(world, schedule)
    renewing.renew(world, id)


def mirror(world: World, subscription: Object) -> None:
    """Show in the present phase of its schedule what was changed about a subscription directly."""
    schedule = world.store.find("subscription_schedule", subscription["schedule"] or "")
    phase = _current(schedule, world.now()) if schedule else None
    if schedule and phase:
        with world.changing("subscription_schedule.updated", schedule):
            phase["items"] = _phase_of(subscription, (0, 0))["items"]


def _finish(world: World, schedule: Object, subscription: Object) -> None:
    if schedule["end_behavior"] == "cancel":
        renewing.detach(world, subscription, "completed")
        renewing.end(world, subscription)
    else:
        renewing.detach(world, subscription, "released")


def _enter(world: World, subscription: Object, phase: Object) -> None:
    wish = Wish(
        at=world.now(),
        items=_wishes(world, subscription, phase),
        behavior=phase["proration_behavior"],
        discounts=[one["discount"] for one in phase["discounts"]] or None,
    )
    fields = {"metadata": subscription["metadata"] | phase["metadata"]}
    if all(item["current_period_end"] <= world.now() for item in subscription["items"]["data"]):
        with world.changing(outcomes.CHANGED, subscription):
            subscription |= proposals.replaced(world, subscription, wish) | fields
    else:
        proposal = proposals.propose(world, subscription, wish)
        changing.change(world, subscription, proposal, fields, "allow_incomplete")


def _wishes(world: World, subscription: Object, phase: Object) -> list[ItemWish]:
    wanted = [(world.store.get("price", item["price"]), item["quantity"]) for item in phase["items"]]
    left = {item["id"]: item["price"]["id"] for item in subscription["items"]["data"]}
    found = []
    # Items keep their ids: first those whose price stays, then the others in their order.
    for price, quantity in sorted(wanted, key=lambda one: one[0]["id"] not in left.values()):
        id = next((id for id, own in left.items() if own == price["id"]), next(iter(left), None))
        left.pop(id or "", None)
        found.append(ItemWish(id, price, quantity))
    return found + [ItemWish(id, is_deleted=True) for id in left]


def _current(schedule: Object, moment: int) -> Object | None:
    return next((one for one in schedule["phases"] if one["start_date"] <= moment < one["end_date"]), None)


def _span(phase: Object) -> Object:
    return {name: phase[name] for name in ("end_date", "start_date")}


def _phase_of(subscription: Object, span: tuple[int, int]) -> Object:
    items = [(item["price"], item["quantity"]) for item in subscription["items"]["data"]]
    return schedules.phase(items, currency=subscription["currency"], span=span)
