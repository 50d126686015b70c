"""Invoice items, and invoices that belong to no subscription."""

from membership.sandbox.billing import standalone
from membership.sandbox.checkout import living
from membership.sandbox.errors import ApiError, InvalidParam
from membership.sandbox.listing import CURSOR, page
from membership.sandbox.objects import lines
from membership.sandbox.routes import Call, Route, retrieve
from membership.sandbox.store import Object
from membership.sandbox.wire import check_metadata, flag, integer, need, only, texts
from membership.sandbox.world import World


def create_item(world: World, call: Call) -> Object:
    """Note what a customer owes, for her next invoice."""
    params = call.params
    only(params, "amount currency customer description invoice metadata")
    customer = living(world, need(params, "customer"))
    amount, currency = integer(need(params, "amount"), "amount"), str(need(params, "currency"))
    given = texts(params, "description") | {"metadata": check_metadata(params.get("metadata"))}
    item = lines.own_item(world, customer["id"], amount, currency, **given)
    if "invoice" in params:
        message = "The sandbox takes items up when an invoice is made."
        raise InvalidParam(message, code="sandbox_unsupported", param="invoice")
    return world.add("invoiceitem.created", item)


def delete_item(world: World, call: Call) -> Object:
    """Forget what no invoice has taken up."""
    item = world.store.get("invoiceitem", call.id)
    if item["invoice"]:
        raise ApiError("Can't delete an invoice item that is attached to an invoice.")
    world.store.drop("invoiceitem", call.id)
    world.emit("invoiceitem.deleted", item)
    return {"id": call.id, "object": "invoiceitem", "deleted": True}


def list_items(world: World, call: Call) -> Object:
    """List invoice items, the newest first."""
    only(call.params, f"{CURSOR} customer invoice pending")
    items = world.store.newest("invoiceitem")
    if "pending" in call.params:
        is_pending = flag(call.params["pending"], "pending")
        items = (item for item in items if (item["invoice"] is None) == is_pending)
    return page(call, items, "customer", "invoice")


def create_invoice(world: World, call: Call) -> Object:
    """Make the draft of an invoice, with what waits for one where that is asked for."""
    params = call.params
    only(params, "auto_advance collection_method currency customer description metadata pending_invoice_items_behavior")
    customer = living(world, need(params, "customer"))
    if params.get("collection_method", "charge_automatically") != "charge_automatically":
        message = "The sandbox only charges automatically."
        raise InvalidParam(message, code="sandbox_unsupported", param="collection_method")
    includes = params.get("pending_invoice_items_behavior", "exclude") == "include"
    items = standalone.waiting(world, customer["id"]) if includes else []
    currency = str(params.get("currency") or (items[0]["currency"] if items else "eur"))
    if {item["currency"] for item in items} - {currency}:
        raise ApiError("All items of an invoice must share its currency.", param="currency")
    given = texts(params, "description") | {"metadata": check_metadata(params.get("metadata"))}
    if "auto_advance" in params:
        given["auto_advance"] = flag(params["auto_advance"], "auto_advance")
    return standalone.draft(world, customer, currency, items, **given)


ROUTES: list[Route] = [
    ("POST", "/v1/invoiceitems", create_item),
    ("GET", "/v1/invoiceitems", list_items),
    ("GET", "/v1/invoiceitems/<id>", retrieve("invoiceitem")),
    ("DELETE", "/v1/invoiceitems/<id>", delete_item),
    ("POST", "/v1/invoices", create_invoice),
]
