"""The balance: what is booked, when it becomes available, and the payouts that take it to the bank every morning."""

from membership.sandbox import currencies
from membership.sandbox.objects import balance
from membership.sandbox.objects.balance import DAY, Worth
from membership.sandbox.store import Object
from membership.sandbox.terms import Payouts
from membership.sandbox.world import World

AVAILABLE_AFTER = 2
PAID_OUT_AT = 8 * 3600
RECONCILED_AFTER = 3600
REASONS = {
    "account_closed": "The bank account has been closed.",
    "account_frozen": "The bank account has been frozen.",
    "could_not_process": "The bank could not process this transfer.",
    "no_account": "The bank account details on file are probably incorrect.",
}


def worth(world: World, amount: int, currency: str) -> Worth:
    """Return what an amount is in the currency that the account settles in."""
    target = world.terms.settles_in or currency
    if target == currency:
        return Worth(amount, currency)
    rate = currencies.rate(currency, target, world.terms.rates)
    return Worth(currencies.convert(amount, currency, target, rate), target, rate)


def book(
    world: World, worth: Worth, category: str, *, fee: int = 0, is_pending: bool = False, **given: object
) -> Object:
    """Note a movement; one that is pending becomes available at a midnight, two days later."""
    transaction = world.store.add(balance.transaction(world, worth, category, fee=fee, **given))
    if is_pending:
        available_on = (world.now() // DAY + AVAILABLE_AFTER) * DAY
        transaction |= {"available_on": available_on, "status": "pending"}
        world.agenda.plan(available_on, "release", transaction["id"])
    else:
        release(world, transaction["id"])
    return transaction


def release(world: World, id: str) -> None:
    """Make settled money available to be paid out."""
    transaction = world.store.get("balance_transaction", id)
    transaction["status"] = "available"
    waiting = _waiting(world, transaction["currency"])
    waiting["transactions"].append(id)
    _plan(world, transaction["currency"])


def plan_all(world: World) -> None:
    """Plan the next payout of every currency, because payouts were switched on again."""
    for key in [key for key in world.store.untold if key.startswith("available:")]:
        _plan(world, key.removeprefix("available:"))


def pay_out_due(world: World, currency: str) -> None:
    """Send everything that is available in a currency to the bank, if that is anything."""
    waiting = _waiting(world, currency)
    amount = available(world, currency)
    if world.terms.payouts is Payouts.MANUAL or amount <= 0:
        return
    payout = world.store.add(balance.payout(world, amount, currency, is_automatic=True))
    members, waiting["transactions"] = waiting["transactions"], []
    own = _send(world, payout)
    world.store.untold[payout["id"]] = {"transactions": [*members, own["id"]]}
    world.agenda.plan(world.now() + RECONCILED_AFTER, "reconcile_payout", payout["id"])


def pay_out(world: World, amount: int, currency: str, **given: object) -> Object:
    """Send some of what is available to the bank because somebody asked."""
    payout = world.store.add(balance.payout(world, amount, currency, is_automatic=False, **given))
    release(world, _send(world, payout)["id"])
    return payout


def available(world: World, currency: str) -> int:
    """Return what could be paid out in a currency now."""
    ids = _waiting(world, currency)["transactions"]
    return sum(world.store.get("balance_transaction", id)["net"] for id in ids)


def members(world: World, payout: Object) -> list[Object]:
    """Return what was paid out in an automatic payout, and the payout's own movement."""
    ids = world.store.untold[payout["id"]]["transactions"] if payout["reconciliation_status"] == "completed" else []
    return [world.store.get("balance_transaction", id) for id in ids]


def reconcile_due(world: World, id: str) -> None:
    """Let the payout be on its way, and tell what is in it."""
    payout = world.store.get("payout", id)
    with world.changing("payout.updated", payout):
        payout["reconciliation_status"] = "completed"
        if payout["status"] == "pending":
            payout["status"] = "in_transit"
    world.emit("payout.reconciliation_completed", payout)


def arrive_due(world: World, id: str) -> None:
    """Let a payout arrive, or fail where that was asked for."""
    payout = world.store.get("payout", id)
    if payout["status"] in {"canceled", "failed"}:
        return
    if world.terms.payouts_fail:
        fail(world, payout, "account_closed")
        return
    payout |= {"status": "paid", "trace_id": {"status": "supported", "value": f"SANDBOX{payout['created']}"}}
    world.emit("payout.paid", payout)


def fail(world: World, payout: Object, code: str) -> None:
    """Let a bank send a payout back, even one that was thought to have arrived."""
    back = _give_back(world, payout, "payout_failure")
    payout |= {"failure_balance_transaction": back["id"], "failure_code": code, "failure_message": REASONS[code]}
    payout["status"] = "failed"
    world.emit("payout.failed", payout)


def cancel(world: World, payout: Object) -> None:
    """Stop a payout that the bank does not know yet."""
    back = _give_back(world, payout, "payout_cancel")
    payout |= {"failure_balance_transaction": back["id"], "status": "canceled"}
    world.emit("payout.canceled", payout)


def _send(world: World, payout: Object) -> Object:
    own = balance.transaction(world, Worth(-payout["amount"], payout["currency"]), "payout", source=payout["id"])
    own |= {"available_on": payout["arrival_date"], "description": payout["description"]}
    payout["balance_transaction"] = own["id"]
    world.emit("payout.created", payout)
    world.agenda.plan(payout["arrival_date"], "arrive", payout["id"])
    return world.store.add(own)


def _give_back(world: World, payout: Object, type: str) -> Object:
    worth = Worth(payout["amount"], payout["currency"])
    return book(world, worth, "payout_reversal", source=payout["id"], type=type)


def _waiting(world: World, currency: str) -> Object:
    return world.store.untold.setdefault(f"available:{currency}", {"planned": 0, "transactions": []})


def _plan(world: World, currency: str) -> None:
    waiting, now = _waiting(world, currency), world.now()
    moment = (now - PAID_OUT_AT) // DAY * DAY + DAY + PAID_OUT_AT
    if world.terms.payouts is Payouts.DAILY and waiting["planned"] < moment:
        waiting["planned"] = moment
        world.agenda.plan(moment, "pay_out", currency)
