"""Does the work that falls due, in the order of time, each piece at its own moment."""

from collections.abc import Callable

from membership.sandbox import checkout
from membership.sandbox.billing import charging, renewing
from membership.sandbox.world import World

WORK: dict[str, Callable[[World, str], None]] = {
    "collect": renewing.collect_due,
    "end": renewing.end_due,
    "expire": checkout.expire_due,
    "finalise": renewing.finalise_due,
    "release": charging.release,
    "renew": renewing.renew,
    "settle_charge": charging.settle_charge,
    "settle_refund": charging.settle_refund,
}
RECEIVERS_MAY_TAKE = 5.0


def step(world: World, until: int) -> bool:
    """Do the earliest work that is due by then, moving the clock to it; False when there is none."""
    with world.lock:
        entry = world.agenda.take(until)
        if entry is None:
            return False
        due, _, work, id = entry
        world.clock.move_to(due)
        with world.at(due):
            WORK[work](world, id)
        world.changes += 1
    return True


def catch_up(world: World) -> None:
    """Do what has fallen due by now."""
    while step(world, world.clock.now()):
        pass


def advance(world: World, moment: int) -> int:
    """Move the clock, stopping at each piece of work until the events it made were received; return how many."""
    with world.moving:
        told, is_quick = world.told, True
        while step(world, moment):
            is_quick = is_quick and world.webhooks.settle(RECEIVERS_MAY_TAKE)
        with world.lock:
            world.clock.move_to(moment)
            world.changes += 1
        return world.told - told
