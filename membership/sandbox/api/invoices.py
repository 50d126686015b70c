"""Invoices, their lines, and the payments that belong to them."""

from membership.sandbox.billing import invoicing, renewing
from membership.sandbox.errors import ApiError, CardDeclined
from membership.sandbox.listing import page
from membership.sandbox.routes import Call, Route, retrieve
from membership.sandbox.store import Object, listing
from membership.sandbox.wire import only
from membership.sandbox.world import World


def list_all(world: World, call: Call) -> Object:
    """List invoices, the newest first."""
    only(call.params, "created customer ending_before limit starting_after status subscription")
    wanted = call.params.get("subscription")
    invoices = world.store.newest("invoice")
    chosen = (invoice for invoice in invoices if wanted in {None, invoicing.subscription_of(invoice)})
    return page(call, chosen, "customer", "status")


def lines(world: World, call: Call) -> Object:
    """List what an invoice asks money for."""
    return listing(world.store.get("invoice", call.id)["lines"]["data"], call.path)


def pay(world: World, call: Call) -> Object:
    """Try to collect an open invoice now."""
    only(call.params, "")
    invoice = _open(world, call.id)
    decline = renewing.pay_now(world, invoice)
    if decline:
        raise CardDeclined(decline.message, code=decline.code, decline_code=decline.decline_code)
    return invoice


def void(world: World, call: Call) -> Object:
    """Declare an open invoice void."""
    invoice = _open(world, call.id)
    invoicing.void(world, invoice)
    return invoice


def list_payments(world: World, call: Call) -> Object:
    """List which intents pay which invoices."""
    only(call.params, "created ending_before invoice limit payment starting_after status")
    wanted = call.params.get("payment", {}).get("payment_intent")
    payments = world.store.newest("invoice_payment")
    chosen = (payment for payment in payments if wanted in {None, payment["payment"]["payment_intent"]})
    return page(call, chosen, "invoice", "status")


def _open(world: World, id: str) -> Object:
    invoice = world.store.get("invoice", id)
    if invoice["status"] == "paid":
        raise ApiError("Invoice is already paid", code="invoice_already_paid")
    if invoice["status"] != "open":
        raise ApiError(f"This invoice is {invoice['status']}; only an open one can be paid or voided.")
    return invoice


ROUTES: list[Route] = [
    ("GET", "/v1/invoices", list_all),
    ("GET", "/v1/invoices/<id>", retrieve("invoice")),
    ("GET", "/v1/invoices/<id>/lines", lines),
    ("POST", "/v1/invoices/<id>/pay", pay),
    ("POST", "/v1/invoices/<id>/void", void),
    ("GET", "/v1/invoice_payments", list_payments),
    ("GET", "/v1/invoice_payments/<id>", retrieve("invoice_payment")),
]
