"""Does the work that falls due, in the order of time, each piece at its own moment."""

from collections.abc import Callable

from membership.sandbox import checkout
from membership.sandbox.billing import balance, charging, debiting, disputing, outcomes, refunding, renewing, scheduling
from membership.sandbox.world import World

WORK: dict[str, Callable[[World, str], None]] = {
    "arrive": balance.arrive_due,
    "collect": renewing.collect_due,
    "decide_debit": debiting.decide_due,
    "decide_dispute": disputing.decide_due,
    "dispute": disputing.dispute_due,
    "dispute_due": disputing.miss_due,
    "dispute_not_received": disputing.not_received_due,
    "end": renewing.end_due,
    "expire": checkout.expire_due,
    "expire_incomplete": renewing.expire_incomplete,
    "expire_update": outcomes.expire_update,
    "fail_refund": refunding.fail_due,
    "finalise": renewing.finalise_due,
    "inquire": disputing.inquire_due,
    "pay_out": balance.pay_out_due,
    "reconcile_payout": balance.reconcile_due,
    "release": balance.release,
    "renew": scheduling.renew,
    "resume_collection": renewing.resume_collection,
    "send_back": debiting.send_back_due,
    "settle_charge": charging.settle_charge,
    "settle_refund": refunding.settle_due,
    "succeed_refund": refunding.succeed_due,
    "turn_schedule": scheduling.turn,
    "warn": disputing.warn_due,
    "warn_of_trial_end": renewing.warn_of_trial_end,
}
RECEIVERS_MAY_TAKE = 5.0


def step(world: World, until: int) -> bool:
    """Do the earliest work that is due by then, moving the clock to it; False when there is none."""
    with world.lock:
        entry = world.agenda.take(until)
        if entry is None:
            return False
        due, _, work, id = entry
        world.turn += 1
        world.clock.move_to(due)
        with world.at(due):
            WORK[work](world, id)
        world.changes += 1
    return True


def catch_up(world: World) -> None:
    """Do what has fallen due by now."""
    while step(world, world.clock.now()):
        pass
    world.turn += 1


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
