"""What each item of a subscription was asked for which time: the lines of its invoices, and what a credit rests on."""

from membership.sandbox import proration
from membership.sandbox.billing import discounting
from membership.sandbox.currencies import STEPS
from membership.sandbox.objects import lines
from membership.sandbox.objects.catalogue import amount_in
from membership.sandbox.proration import Debit
from membership.sandbox.store import Object
from membership.sandbox.world import World


def debits_of(world: World, subscription: Object) -> dict[str, list[Debit]]:
    """Return what the items were asked for, by item."""
    kept = world.store.untold.get(subscription["id"], {}).get("debits", {})
    return {id: [Debit(**debit) for debit in debits] for id, debits in kept.items()}


def keep(world: World, subscription: Object, debits: dict[str, list[Debit]]) -> None:
    """Remember what the items were asked for, as far as it is not over."""
    untold = world.store.untold.setdefault(subscription["id"], {})
    untold["debits"] = {
        id: [debit.stored() for debit in own if debit.end > world.now()]
        for id, own in debits.items()
        if any(debit.end > world.now() for debit in own)
    }


def note(debits: dict[str, list[Debit]], invoice: Object) -> None:
    """Add what an invoice asks for; what waited for an invoice until now is found on it from now on."""
    for line in invoice["lines"]["data"]:
        details = line["parent"]["subscription_item_details"]
        own = debits.setdefault(details["subscription_item"], [])
        waited = next((one for one in own if one.invoice_item and one.invoice_item == details["invoice_item"]), None)
        if waited:
            own[own.index(waited)] = Debit(waited.amount, waited.start, waited.end, invoice["id"], line["id"])
        elif not details["proration"]:
            amount = line["amount"] - sum(one["amount"] for one in line["discount_amounts"])
            span = (line["period"]["start"], line["period"]["end"])
            own.append(Debit(amount, *span, invoice["id"], line["id"]))


def gross(world: World, subscription: Object, item: Object) -> int:
    """Return what an item costs for a whole period, before discounts."""
    unit = amount_in(world, item["price"], subscription["currency"])
    assert unit is not None
    return int(unit * item["quantity"])


def net(world: World, subscription: Object, item: Object) -> int:
    """Return what an item costs for a whole period after the discounts in force."""
    amounts = {own["id"]: gross(world, subscription, own) for own in subscription["items"]["data"]}
    return discounting.net(world, subscription, item, amounts)


def lines_for(world: World, subscription: Object, items: list[Object]) -> list[Object]:
    """Render the lines that pay for the current periods of these items; a set end cuts the last one short."""
    return [_line(world, subscription, item) for item in items]


def _line(world: World, subscription: Object, item: Object) -> Object:
    name = world.store.get("product", item["price"]["product"])["name"]
    if subscription["status"] == "trialing":
        return lines.line(world, subscription, item, amount=0, words=f"Trial period for {name}")
    period = (item["current_period_start"], item["current_period_end"])
    ends = min(period[1], subscription["cancel_at"] or period[1])
    amount = gross(world, subscription, item)
    if period[0] < ends < period[1]:
        amount = proration.cost(amount, (period[0], ends), period, STEPS.get(subscription["currency"], 1))
    line = lines.line(world, subscription, item, amount=amount, words=f"{item['quantity']} × {name}")
    line["period"]["end"] = ends
    return line
