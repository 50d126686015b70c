"""What an endpoint is: a method, an address, and a function from a call to an object of the API."""

from collections.abc import Callable
from dataclasses import dataclass

from membership.sandbox.store import Object
from membership.sandbox.world import World


@dataclass(frozen=True)
class Call:
    """A request to one endpoint; `id` is the one of its address, `base` the sandbox's own address."""

    params: Object
    id: str
    path: str
    base: str


Handler = Callable[[World, Call], Object]
Route = tuple[str, str, Handler]


def retrieve(kind: str) -> Handler:
    """Return the endpoint that shows one object."""

    def show(world: World, call: Call) -> Object:
        return world.store.get(kind, call.id)

    return show
