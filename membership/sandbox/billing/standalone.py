"""Invoices that belong to no subscription: items that wait for one, and the draft that takes them up."""

from membership.sandbox.objects import invoices, lines
from membership.sandbox.store import Object
from membership.sandbox.world import World


def waiting(world: World, customer: str) -> list[Object]:
    """Return the items of a customer that wait for an invoice of no subscription, the oldest first."""
    items = world.store.tables.get("invoiceitem", {}).values()
    return [one for one in items if one["customer"] == customer and not one["parent"] and one["invoice"] is None]


def draft(world: World, customer: Object, currency: str, items: list[Object], **given: object) -> Object:
    """Make an invoice over these items; whoever asked for it finalises or pays it."""
    rendered = [lines.line_of_own(world, item) for item in items]
    nobody = {"currency": currency, "discounts": [], "id": "", "metadata": {}}
    invoice = invoices.invoice(world, nobody, customer, reason="manual", lines=rendered)
    invoice |= {"auto_advance": False, "parent": None} | given
    for item in items:
        item["invoice"] = invoice["id"]
    world.store.add(invoice, payments=[])
    world.emit("invoice.created", invoice)
    return invoice
