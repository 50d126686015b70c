"""Invoices, their lines, and the payments that belong to them."""

from membership.sandbox.billing import invoicing, outcomes, renewing
from membership.sandbox.errors import ApiError, CardDeclined
from membership.sandbox.listing import page
from membership.sandbox.routes import Call, Route, retrieve
from membership.sandbox.store import Object, listing
from membership.sandbox.wire import flag, only
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
    """Try to collect an open invoice now, or note that it was paid elsewhere."""
    only(call.params, "off_session paid_out_of_band payment_method")
    if world.store.get("invoice", call.id)["parent"] is None and _open(world, call.id)["status"] == "paid":
        return world.store.get("invoice", call.id)
    invoice = _in_state(world, call.id, "open", "uncollectible")
    if flag(call.params.get("paid_out_of_band", "false"), "paid_out_of_band"):
        invoicing.settle_elsewhere(world, invoice)
        outcomes.accepted(world, invoice)
        return invoice
    named = call.params.get("payment_method")
    method = world.store.get("payment_method", named, "payment_method") if named else None
    subscription = outcomes.subscription_of(world, invoice)
    if method is None and outcomes.method_of(world, subscription) is None:
        raise ApiError(outcomes.NO_METHOD.message, code="resource_missing")
    decline = renewing.pay_now(world, invoice, method)
    if decline:
        raise CardDeclined(decline.message, code=decline.code, decline_code=decline.decline_code)
    return invoice


def void(world: World, call: Call) -> Object:
    """Declare an open invoice void."""
    invoice = _in_state(world, call.id, "open", "uncollectible")
    invoicing.void(world, invoice)
    outcomes.drop_held(world, invoice)
    return invoice


def mark_uncollectible(world: World, call: Call) -> Object:
    """Declare that an open invoice will not be paid."""
    invoice = _in_state(world, call.id, "open")
    invoicing.mark_uncollectible(world, invoice)
    if outcomes.subscription_of(world, invoice)["status"] == "paused" and "held" in world.store.untold[invoice["id"]]:
        outcomes.apply_held(world, invoice)
    return invoice


def finalise(world: World, call: Call) -> Object:
    """Open a draft before its time; it is collected at once if it is to go on by itself."""
    only(call.params, "auto_advance")
    invoice = _in_state(world, call.id, "draft")
    auto = call.params.get("auto_advance")
    invoicing.finalise(world, invoice)
    if auto is not None and invoice["status"] == "open":
        invoice["auto_advance"] = flag(auto, "auto_advance")
    if invoice["status"] == "paid":
        outcomes.accepted(world, invoice)
    elif invoice["auto_advance"]:
        renewing.collect(world, invoice)
    return invoice


def list_payments(world: World, call: Call) -> Object:
    """List which intents pay which invoices."""
    only(call.params, "created ending_before invoice limit payment starting_after status")
    wanted = call.params.get("payment", {}).get("payment_intent")
    payments = world.store.newest("invoice_payment")
    chosen = (payment for payment in payments if wanted in {None, payment["payment"]["payment_intent"]})
    return page(call, chosen, "invoice", "status")


def _open(world: World, id: str) -> Object:
    invoice = _in_state(world, id, "draft", "open", "uncollectible")
    if invoice["status"] == "draft":
        invoicing.finalise(world, invoice)
    return invoice


def _in_state(world: World, id: str, *states: str) -> Object:
    invoice = world.store.get("invoice", id)
    if invoice["status"] == "paid":
        raise ApiError("Invoice is already paid", code="invoice_already_paid")
    if invoice["status"] not in states:
        code = "invoice_not_editable" if states == ("draft",) else None
        raise ApiError(f"This invoice is {invoice['status']}; it would have to be {' or '.join(states)}.", code=code)
    return invoice


ROUTES: list[Route] = [
    ("GET", "/v1/invoices", list_all),
    ("GET", "/v1/invoices/<id>", retrieve("invoice")),
    ("GET", "/v1/invoices/<id>/lines", lines),
    ("POST", "/v1/invoices/<id>/pay", pay),
    ("POST", "/v1/invoices/<id>/void", void),
    ("POST", "/v1/invoices/<id>/finalize", finalise),
    ("POST", "/v1/invoices/<id>/mark_uncollectible", mark_uncollectible),
    ("GET", "/v1/invoice_payments", list_payments),
    ("GET", "/v1/invoice_payments/<id>", retrieve("invoice_payment")),
]
