"""Subscription schedules: made from a subscription, given phases, let go."""

from membership.sandbox import periods
from membership.sandbox.api import wishes
from membership.sandbox.api.catalogue import keep_price
from membership.sandbox.billing import outcomes, renewing, scheduling
from membership.sandbox.errors import ApiError, InvalidParam
from membership.sandbox.listing import page
from membership.sandbox.objects import schedules
from membership.sandbox.objects.catalogue import rhythm_of
from membership.sandbox.routes import Call, Route, retrieve
from membership.sandbox.store import Object
from membership.sandbox.wire import check_metadata, flag, integer, merge_metadata, need, only, texts
from membership.sandbox.world import World

PHASE = "discounts duration end_date items metadata proration_behavior start_date"


def create(world: World, call: Call) -> Object:
    """Put a subscription on a schedule."""
    only(call.params, "from_subscription metadata")
    subscription = world.store.get("subscription", need(call.params, "from_subscription"), "from_subscription")
    if subscription["status"] in outcomes.ENDED | {"paused", "incomplete"}:
        raise ApiError(f"A subscription that is {subscription['status']} cannot be put on a schedule.")
    if subscription["schedule"]:
        message = (
            f"You cannot migrate a subscription that is already attached to a schedule: {subscription['schedule']}."
        )
        raise ApiError(message, param="from_subscription")
    return scheduling.attach(world, subscription, metadata=check_metadata(call.params.get("metadata")))


def update(world: World, call: Call) -> Object:
    """Change the phases of a schedule, or what happens after the last one."""
    only(call.params, "end_behavior metadata phases proration_behavior")
    schedule = _running(world, call.id)
    if call.params.get("end_behavior", "release") not in {"cancel", "release"}:
        message = "The sandbox knows end_behavior=cancel and end_behavior=release."
        raise InvalidParam(message, code="sandbox_unsupported", param="end_behavior")
    phases = _phases(world, schedule, call.params)
    merge_metadata(schedule, call.params)
    scheduling.reschedule(world, schedule, phases, texts(call.params, "end_behavior"))
    return schedule


def release(world: World, call: Call) -> Object:
    """Let a subscription go on without its schedule."""
    only(call.params, "preserve_cancel_date")
    schedule = _running(world, call.id)
    renewing.detach(world, world.store.get("subscription", schedule["subscription"]), "released")
    return schedule


def cancel(world: World, call: Call) -> Object:
    """End a schedule and its subscription now."""
    only(call.params, "invoice_now prorate")
    schedule = _running(world, call.id)
    subscription = world.store.get("subscription", schedule["subscription"])
    if flag(call.params.get("prorate", "true"), "prorate"):
        renewing.give_back(world, subscription)
    renewing.end(world, subscription)
    return schedule


def list_all(world: World, call: Call) -> Object:
    """List schedules, the newest first."""
    only(call.params, "created customer ending_before limit starting_after")
    return page(call, world.store.newest("subscription_schedule"), "customer")


def _running(world: World, id: str) -> Object:
    schedule = world.store.get("subscription_schedule", id)
    if schedule["status"] != "active":
        message = f"You cannot change a subscription schedule that is currently in the `{schedule['status']}` status."
        raise ApiError(message)
    return schedule


def _phases(world: World, schedule: Object, params: Object) -> list[Object]:
    phases: list[Object] = []
    starts = schedule["current_phase"]["start_date"]
    for number, given in enumerate(params.get("phases", [])):
        at = f"phases[{number}]"
        only(given, PHASE)
        if given.get("start_date", str(starts)) not in {str(starts), "now"}:
            message = "Phases must follow one another, and the present one keeps its start date."
            raise InvalidParam(message, param=f"{at}[start_date]")
        phases.append(_phase(world, schedule, given, starts, at))
        starts = phases[-1]["end_date"]
    if phases and starts <= world.now():
        raise InvalidParam("The last phase must end in the future.", param="phases")
    return phases


def _phase(world: World, schedule: Object, given: Object, starts: int, at: str) -> Object:
    subscription = world.store.get("subscription", schedule["subscription"])
    items = []
    for number, item in enumerate(given["items"]):
        only(item, "price price_data quantity")
        price = keep_price(world, wishes.price_of(world, item, subscription["currency"], f"{at}[items][{number}]"))
        quantity = wishes.quantity_of(item, f"{at}[items][{number}]")
        items.append((price, 1 if quantity is None else quantity))
    if "end_date" in given and "duration" in given:
        raise InvalidParam("You may only specify one of these parameters: end_date, duration.", param=at)
    if "end_date" in given:
        ends = world.now() if given["end_date"] == "now" else integer(given["end_date"], f"{at}[end_date]")
    else:
        interval, count = rhythm_of(items[0][0])
        duration = given.get("duration", {"interval": interval, "interval_count": count})
        ends = periods.after(
            starts, duration["interval"], integer(duration.get("interval_count", 1), f"{at}[duration]")
        )
    if ends <= starts:
        raise InvalidParam("A phase must end after it starts.", param=f"{at}[end_date]")
    more = {"proration_behavior": given.get("proration_behavior", "create_prorations")}
    more["metadata"] = check_metadata(given.get("metadata"))
    ids = wishes.discounts_of(world, subscription, given.get("discounts") or [])
    more["discounts"] = [{"coupon": None, "discount": id, "promotion_code": None} for id in ids]
    return schedules.phase(items, currency=subscription["currency"], span=(starts, ends), **more)


ROUTES: list[Route] = [
    ("POST", "/v1/subscription_schedules", create),
    ("GET", "/v1/subscription_schedules", list_all),
    ("GET", "/v1/subscription_schedules/<id>", retrieve("subscription_schedule")),
    ("POST", "/v1/subscription_schedules/<id>", update),
    ("POST", "/v1/subscription_schedules/<id>/release", release),
    ("POST", "/v1/subscription_schedules/<id>/cancel", cancel),
]
