"""Pages of a list: filters by field and by time of creation, cursors, newest first."""

from collections.abc import Iterable, Iterator
from itertools import islice
from operator import ge, gt, le, lt

from membership.sandbox.errors import InvalidParam, Missing
from membership.sandbox.routes import Call, Handler
from membership.sandbox.store import Object, listing
from membership.sandbox.wire import integer, only
from membership.sandbox.world import World

CURSOR = "created ending_before limit starting_after"
COMPARISONS = {"gt": gt, "gte": ge, "lt": lt, "lte": le}


def listed(kind: str, fields: str = "") -> Handler:
    """Return the endpoint that lists objects of a kind by these fields."""

    def list_all(world: World, call: Call) -> Object:
        only(call.params, f"{CURSOR} {fields}")
        return page(call, world.store.newest(kind), *fields.split())

    return list_all


def page(call: Call, things: Iterable[Object], *fields: str) -> Object:
    """Render the page that a call asks for; `fields` are the parameters that must equal a field of the object."""
    wanted = {name: call.params[name] for name in fields if name in call.params}
    matching: Iterator[Object] = (
        thing for thing in things if all(thing[name] == value for name, value in wanted.items())
    )
    for name in ("created", "arrival_date"):
        matching = _within(call, matching, name)
    limit = integer(call.params.get("limit", 10), "limit")
    if not 1 <= limit <= 100:
        raise InvalidParam("Invalid limit: must be between 1 and 100.", code="parameter_invalid_integer", param="limit")
    if "ending_before" in call.params:
        newer = list(_until(matching, call.params["ending_before"]))
        return listing(newer[-limit:], call.path, has_more=len(newer) > limit)
    if "starting_after" in call.params:
        matching = _after(matching, call.params["starting_after"])
    found = list(islice(matching, limit + 1))
    return listing(found[:limit], call.path, has_more=len(found) > limit)


def _within(call: Call, things: Iterator[Object], name: str) -> Iterator[Object]:
    asked = call.params.get(name, {})
    if isinstance(asked, str):
        moment = integer(asked, name)
        return (thing for thing in things if thing[name] == moment)
    checks = [(COMPARISONS[word], integer(value, f"{name}[{word}]")) for word, value in asked.items()]
    return (thing for thing in things if all(check(thing[name], moment) for check, moment in checks))


def _after(things: Iterator[Object], id: str) -> Iterator[Object]:
    for thing in things:
        if thing["id"] == id:
            return things
    raise Missing("object", id, "starting_after")


def _until(things: Iterator[Object], id: str) -> Iterator[Object]:
    for thing in things:
        if thing["id"] == id:
            return
        yield thing
    raise Missing("object", id, "ending_before")
