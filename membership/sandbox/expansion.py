"""`expand`: an id becomes its object, and lists appear that an answer holds only when asked for."""

from collections.abc import Callable
from typing import Any

from membership.sandbox.errors import InvalidParam
from membership.sandbox.objects.catalogue import currency_option
from membership.sandbox.store import Object, listing
from membership.sandbox.world import World, copy

DEEPEST = 4


def expand(world: World, answer: Object, paths: list[str]) -> Object:
    """Return the answer with these paths expanded."""
    if not paths:
        return answer
    answer = copy(answer)
    for path in paths:
        names = path.split(".")
        if len(names) > DEEPEST + ("data" in names):
            raise InvalidParam(f"You cannot expand more than {DEEPEST} levels: {path}", param="expand")
        _expand(world, answer, names, path)
    return answer


def _expand(world: World, node: Any, names: list[str], path: str) -> None:
    if not names or node is None:
        return
    if isinstance(node, list):
        for own in node:
            _expand(world, own, names, path)
        return
    name = names[0]
    if name not in node and name in INCLUDED.get(node.get("object", ""), {}):
        node[name] = copy(INCLUDED[node["object"]][name](world, node))
    if name in ABSENT.get(node.get("object", ""), ()) and name not in node:
        return
    if name not in node or isinstance(node[name], bool | int):
        raise InvalidParam(f"This property cannot be expanded ({path}).", param="expand")
    if isinstance(node[name], str):
        node[name] = _found(world, node[name], path)
    elif isinstance(node[name], list):
        node[name] = [_found(world, own, path) if isinstance(own, str) else own for own in node[name]]
    _expand(world, node[name], names[1:], path)


def _found(world: World, id: str, path: str) -> Object:
    found = world.store.by_id(id)
    if found is None:
        raise InvalidParam(f"This property cannot be expanded ({path}).", param="expand")
    return copy(found)


def _line_items(world: World, session: Object) -> Object:
    items = world.store.untold[session["id"]]["items"]
    return listing(items, f"/v1/checkout/sessions/{session['id']}/line_items")


def _payments(world: World, invoice: Object) -> Object:
    ids = world.store.untold.get(invoice["id"], {"payments": []})["payments"]
    return listing((world.store.get("invoice_payment", id) for id in ids), "/v1/invoice_payments")


def _refunds(world: World, charge: Object) -> Object:
    return listing(world.store.where("refund", charge=charge["id"]), f"/v1/charges/{charge['id']}/refunds")


def _subscriptions(world: World, customer: Object) -> Object:
    own = (one for one in world.store.where("subscription", customer=customer["id"]) if one["status"] != "canceled")
    return listing(own, f"/v1/customers/{customer['id']}/subscriptions")


def _currency_options(world: World, price: Object) -> Object:
    own = currency_option(price["unit_amount"], price["tax_behavior"])
    return world.store.untold.get(price["id"], {}).get("currency_options", {price["currency"]: own})  # type: ignore[no-any-return]


INCLUDED: dict[str, dict[str, Callable[[World, Object], Object]]] = {
    "charge": {"refunds": _refunds},
    "checkout.session": {"line_items": _line_items},
    "customer": {"subscriptions": _subscriptions},
    "invoice": {"payments": _payments},
    "price": {"currency_options": _currency_options},
}
# What can be expanded once it is there.
ABSENT = {"refund": {"failure_balance_transaction"}}
