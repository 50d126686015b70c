"""Discounts in force: what they take off the lines of an invoice, and when they have been used up."""

from membership.sandbox import reductions
from membership.sandbox.store import Object
from membership.sandbox.world import World


def in_force(world: World, subscription: Object, moment: int) -> list[Object]:
    """Return the discounts of a subscription that have not ended by then."""
    found = [world.store.get("discount", id) for id in subscription["discounts"]]
    return [discount for discount in found if discount["end"] is None or discount["end"] > moment]


def discount_lines(world: World, subscription: Object, lines: list[Object]) -> None:
    """Take the subscription's discounts off these lines, one after the other."""
    payable = [line for line in lines if line["discountable"]]
    left = [line["amount"] for line in payable]
    for discount in in_force(world, subscription, world.now()):
        parts = _taken(world, discount, left, [line["pricing"]["price_details"]["product"] for line in payable])
        for line, amount in zip(payable, parts, strict=True):
            if amount:
                reduction = {"amount": amount, "discount": discount["id"]}
                line["discount_amounts"].append(reduction)
                line["pretax_credit_amounts"].append(reduction | {"type": "discount"})
        left = [amount - own for amount, own in zip(left, parts, strict=True)]


def net(world: World, subscription: Object, item: Object, amounts: dict[str, int]) -> int:
    """Return what is left of an item's amount after discounts that are spread over the amounts of all items."""
    ids, left = list(amounts), list(amounts.values())
    products = {own["id"]: own["price"]["product"] for own in subscription["items"]["data"]}
    for discount in in_force(world, subscription, world.now()):
        parts = _taken(world, discount, left, [products[id] for id in ids])
        left = [amount - own for amount, own in zip(left, parts, strict=True)]
    return left[ids.index(item["id"])]


def use_up(world: World, subscription: Object, invoice: Object) -> None:
    """Take away from a subscription what was good for one invoice only, now that there is one to pay."""
    used = {reduction["discount"] for reduction in invoice["total_discount_amounts"]}
    for discount in [world.store.get("discount", id) for id in subscription["discounts"]]:
        is_over = discount["end"] is not None and discount["end"] <= world.now()
        if is_over or (discount["id"] in used and _coupon(world, discount)["duration"] == "once"):
            subscription["discounts"] = [id for id in subscription["discounts"] if id != discount["id"]]
            world.emit("customer.discount.deleted", discount)


def _taken(world: World, discount: Object, amounts: list[int], products: list[str]) -> list[int]:
    return taken(world, _coupon(world, discount), amounts, products, world.store.untold[discount["id"]]["currency"])


def taken(world: World, coupon: Object, amounts: list[int], products: list[str], currency: str) -> list[int]:
    """Return what a coupon takes off amounts for these products; some coupons mean only some products."""
    untold = world.store.untold[coupon["id"]]
    only = untold.get("products", products)
    meant = [amount if own in only else 0 for amount, own in zip(amounts, products, strict=True)]
    return reductions.reduce(meant, coupon | {"currency_options": untold["currency_options"]}, currency)


def _coupon(world: World, discount: Object) -> Object:
    return world.store.get("coupon", discount["source"]["coupon"])
