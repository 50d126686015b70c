"""What a wished change would make of a subscription, and what it costs or gives back; nothing is changed here."""

from dataclasses import dataclass, field

from membership.sandbox import periods, proration
from membership.sandbox.billing import billed
from membership.sandbox.currencies import STEPS
from membership.sandbox.objects import lines
from membership.sandbox.objects.catalogue import plan, rhythm_of
from membership.sandbox.objects.subscriptions import item as render_item
from membership.sandbox.proration import Debit
from membership.sandbox.store import Object
from membership.sandbox.world import World, copy

CARRIED = ("billing_cycle_anchor", "discounts", "items", "status", "trial_end", "trial_start")
# Nothing is billed now, so that nothing is to be prorated.
RESTING = frozenset({"trialing", "paused"})


@dataclass(frozen=True)
class ItemWish:
    """Another price or quantity for an item, an item to take away, or (without an id) one to add."""

    id: str | None
    price: Object | None = None
    quantity: int | None = None
    is_deleted: bool = False


@dataclass(frozen=True)
class Wish:
    """A change; prorations are reckoned for the moment `at`, `trial_end` in the past or present ends the trial."""

    at: int
    items: list[ItemWish] = field(default_factory=list)
    behavior: str = "create_prorations"
    is_reset: bool = False
    trial_end: int | None = None
    discounts: list[str] | None = None


@dataclass
class Proposal:
    """`after` is the subscription then; `begun` are the items whose new period is to be paid at once."""

    after: Object
    debits: dict[str, list[Debit]]
    prorations: list[Object] = field(default_factory=list)
    begun: list[str] = field(default_factory=list)
    is_invoiced: bool = False

    def changed(self, subscription: Object) -> Object:
        """Return the fields that the proposal changes."""
        return {name: self.after[name] for name in CARRIED if self.after[name] != subscription[name]}


def propose(world: World, subscription: Object, wish: Wish) -> Proposal:
    """Work out a change."""
    proposal = Proposal(copy(subscription), billed.debits_of(world, subscription))
    gone, touched = _change_items(world, proposal.after, wish)
    if wish.discounts is not None:
        proposal.after["discounts"] = wish.discounts
    if _starts_anew(world, subscription, proposal.after, wish):
        _start_anew(world, subscription, proposal, wish)
    elif subscription["status"] not in RESTING and wish.behavior != "none":
        for item in gone:
            credit(world, proposal, item, wish.at)
        for item in proposal.after["items"]["data"]:
            if item["id"] in touched:
                debit(world, proposal, item, wish.at)
        proposal.is_invoiced = wish.behavior == "always_invoice" and bool(proposal.prorations)
    return proposal


def credit(world: World, proposal: Proposal, item: Object, at: int) -> None:
    """Give back what an item was asked for the time after a moment."""
    step = STEPS.get(proposal.after["currency"], 1)
    proposal.debits[item["id"]], given_back = proration.split(proposal.debits.get(item["id"], []), at, step)
    for source, amount in given_back:
        span = (max(source.start, at), source.end)
        waiting = lines.invoice_item(world, proposal.after, item, amount=-amount, span=span)
        waiting["description"] = f"Unused time on {_name(world, item)}"
        waiting["proration_details"]["credited_items"] = lines.credited(source)
        proposal.prorations.append(waiting)


def debit(world: World, proposal: Proposal, item: Object, at: int) -> None:
    """Ask for what an item costs from a moment to the end of its period."""
    after = proposal.after
    period = periods.around(after["billing_cycle_anchor"], rhythm_of(item["price"]), at)
    span = (at, item["current_period_end"])
    amount = proration.cost(billed.net(world, after, item), span, period, STEPS.get(after["currency"], 1))
    if amount:
        waiting = lines.invoice_item(world, after, item, amount=amount, span=span)
        waiting["description"] = f"Remaining time on {_name(world, item)}"
        proposal.prorations.append(waiting)
        own = proposal.debits.setdefault(item["id"], [])
        own.append(Debit(amount, *span, invoice_item=waiting["id"]))


def give_back(world: World, subscription: Object) -> Proposal:
    """Work out what the time after now gives back of everything that was asked for."""
    proposal = Proposal(subscription, billed.debits_of(world, subscription))
    for item in subscription["items"]["data"]:
        credit(world, proposal, item, world.now())
    return proposal


def replaced(world: World, subscription: Object, wish: Wish) -> Object:
    """Return the fields of a subscription with other items at the end of its periods; the renewal then bills them."""
    after = copy(subscription)
    _change_items(world, after, wish)
    for item in after["items"]["data"]:
        set_period(item, (item["current_period_start"], world.now()))
    if _has_other_rhythm(subscription, after):
        after["billing_cycle_anchor"] = world.now()
    if wish.discounts is not None:
        after["discounts"] = wish.discounts
    return {name: after[name] for name in CARRIED}


def advance(subscription: Object, moment: int) -> list[Object]:
    """Move the items whose period is over by then into the one around that moment; return them."""
    moved = [item for item in subscription["items"]["data"] if item["current_period_end"] <= moment]
    for item in moved:
        set_period(item, periods.around(subscription["billing_cycle_anchor"], rhythm_of(item["price"]), moment))
    return moved


def set_period(item: Object, period: tuple[int, int]) -> None:
    """Give an item its period."""
    item |= {"current_period_start": period[0], "current_period_end": period[1]}


def _change_items(world: World, after: Object, wish: Wish) -> tuple[list[Object], set[str]]:
    """Change the items; return them as they were where their time is to be given back, and the ids to be asked for."""
    items: list[Object] = after["items"]["data"]
    gone, touched = [], set()
    for one in wish.items:
        known = next((item for item in items if item["id"] == one.id), None)
        if known is None:
            item = _added(world, after, one, wish.at)
            items.append(item)
            touched.add(item["id"])
        elif one.is_deleted:
            gone.append(copy(known))
            items.remove(known)
        elif _differs(known, one):
            gone.append(copy(known))
            touched.add(known["id"])
            price = one.price or known["price"]
            quantity = known["quantity"] if one.quantity is None else one.quantity
            known |= {"plan": plan(price), "price": price, "quantity": quantity}
    return gone, touched


def _added(world: World, after: Object, one: ItemWish, at: int) -> Object:
    assert one.price is not None
    item = render_item(world, after["id"], one.price, 1 if one.quantity is None else one.quantity)
    period = periods.around(after["billing_cycle_anchor"], rhythm_of(one.price), at)
    if after["status"] == "trialing":
        period = (world.now(), after["trial_end"])
    set_period(item, period)
    return item


def _differs(item: Object, one: ItemWish) -> bool:
    is_other_price = one.price is not None and one.price["id"] != item["price"]["id"]
    return is_other_price or (one.quantity is not None and one.quantity != item["quantity"])


def _starts_anew(world: World, subscription: Object, after: Object, wish: Wish) -> bool:
    if wish.is_reset or wish.trial_end is not None:
        return True
    if subscription["status"] in RESTING:
        return False
    return _has_other_rhythm(subscription, after) or (_total(world, subscription) == 0 and _total(world, after) > 0)


def _has_other_rhythm(subscription: Object, after: Object) -> bool:
    before = {item["id"]: item["price"] for item in subscription["items"]["data"]}
    items = [item for item in after["items"]["data"] if item["id"] in before]
    return any(rhythm_of(item["price"]) != rhythm_of(before[item["id"]]) for item in items)


def _start_anew(world: World, subscription: Object, proposal: Proposal, wish: Wish) -> None:
    after, now = proposal.after, world.now()
    trial = wish.trial_end if wish.trial_end is not None and wish.trial_end > now else None
    if wish.behavior != "none":
        for item in subscription["items"]["data"]:
            credit(world, proposal, item, wish.at)
    else:
        proposal.debits = {}
    after["billing_cycle_anchor"] = trial or now
    if trial:
        after |= {"status": "trialing", "trial_end": trial, "trial_start": now}
    elif subscription["status"] == "trialing":
        after |= {"status": "active", "trial_end": now}
    for item in after["items"]["data"]:
        set_period(item, (now, trial) if trial else periods.around(now, rhythm_of(item["price"]), now))
    proposal.begun = [item["id"] for item in after["items"]["data"]]
    proposal.is_invoiced = not trial or bool(proposal.prorations)


def _total(world: World, subscription: Object) -> int:
    return sum(billed.gross(world, subscription, item) for item in subscription["items"]["data"])


def _name(world: World, item: Object) -> str:
    name = world.store.get("product", item["price"]["product"])["name"]
    return f"{item['quantity']} × {name}"
