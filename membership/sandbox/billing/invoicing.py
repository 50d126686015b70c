"""An invoice's life: draft, open an hour later, then paid, or tried again until nobody tries any more."""

from membership.sandbox.billing import charging, discounting
from membership.sandbox.cards import Decline
from membership.sandbox.objects import invoices, lines, payments
from membership.sandbox.store import Object
from membership.sandbox.world import World

FINALISED_AFTER = 3600
DRAWN_FROM_BALANCE = ("amount_due", "amount_remaining", "starting_balance")


def waiting(world: World, subscription: Object) -> list[Object]:
    """Return the invoice items of a subscription that wait for an invoice, the oldest first."""
    items = world.store.tables.get("invoiceitem", {}).values()
    about = [(item, item["parent"]["subscription_details"]) for item in items if item["parent"]]
    own = (item for item, details in about if details["subscription"] == subscription["id"])
    return [item for item in own if item["invoice"] is None]


def render(world: World, subscription: Object, parts: list[Object], *, reason: str) -> Object:
    """Render an invoice over invoice items and lines, discounts taken off; it is not kept."""
    customer = world.store.get("customer", subscription["customer"])
    rendered = [lines.line_of(world, part) if part["object"] == "invoiceitem" else part for part in parts]
    discounting.discount_lines(world, subscription, rendered)
    return invoices.invoice(world, subscription, customer, reason=reason, lines=rendered)


def draft(world: World, subscription: Object, parts: list[Object], *, reason: str, since: int | None = None) -> Object:
    """Make an invoice over invoice items and lines; `since` is when the time began that lies behind it.

    Whoever makes it announces it.
    """
    invoice = world.store.add(render(world, subscription, parts, reason=reason), payments=[])
    invoice["period_start"] = since if since is not None else world.now()
    for part in parts:
        if part["object"] == "invoiceitem":
            part["invoice"] = invoice["id"]
    return invoice


def plan_finalisation(world: World, invoice: Object) -> None:
    """Let a draft be finalised an hour from now."""
    invoice["automatically_finalizes_at"] = world.now() + FINALISED_AFTER
    world.agenda.plan(invoice["automatically_finalizes_at"], "finalise", invoice["id"])


def finalise(world: World, invoice: Object) -> None:
    """Give an invoice its number, settle it with the customer's balance, and make an intent to pay what is left."""
    customer = world.store.get("customer", invoice["customer"])
    invoice |= {
        "automatically_finalizes_at": None,
        "effective_at": world.now(),
        "hosted_invoice_url": f"https://invoice.stripe.com/i/{invoice['id']}",
        "invoice_pdf": f"https://pay.stripe.com/invoice/{invoice['id']}/pdf",
        "number": f"{customer['invoice_prefix']}-{customer['next_invoice_sequence']:04}",
        "status": "open",
    }
    invoice["status_transitions"]["finalized_at"] = world.now()
    customer["next_invoice_sequence"] += 1
    _draw_on_balance(world, invoice, customer)
    if invoice["amount_due"]:
        _ask_for_payment(world, invoice)
    world.emit("invoice.finalized", invoice)
    if not invoice["amount_due"]:
        invoice["attempted"] = True
        _settle(world, invoice)


def collect(world: World, invoice: Object, method: Object, *, is_first: bool = False) -> Decline | None:
    """Try to take what an invoice asks for, and note the try."""
    payment = payment_of(world, invoice)
    intent = world.store.get("payment_intent", payment["payment"]["payment_intent"])
    decline = charging.take(world, intent, method, is_first=is_first)
    invoice["attempt_count"] += 1
    invoice["attempted"] = True
    if intent["status"] == "succeeded":
        settle(world, invoice)
    return decline


def settle(world: World, invoice: Object) -> None:
    """Note that the payment of an invoice succeeded."""
    payment = payment_of(world, invoice)
    payment |= {"amount_paid": invoice["amount_due"], "status": "paid"}
    payment["status_transitions"]["paid_at"] = world.now()
    world.emit("invoice_payment.paid", payment)
    _settle(world, invoice)


def reopen(world: World, invoice: Object) -> None:
    """Note that what paid an invoice came back: it is owed again."""
    payment = payment_of(world, invoice)
    payment |= {"amount_paid": None, "status": "open"}
    payment["status_transitions"]["paid_at"] = None
    with world.changing("invoice.updated", invoice):
        invoice |= {"amount_paid": 0, "amount_remaining": invoice["amount_due"], "status": "open"}
        invoice["status_transitions"]["paid_at"] = None


def settle_elsewhere(world: World, invoice: Object) -> None:
    """Note that an invoice was paid without Stripe."""
    _cancel_payment(world, invoice, "void_invoice")
    invoice["amount_paid_off_stripe"] = invoice["amount_due"]
    _settle(world, invoice)


def void(world: World, invoice: Object) -> None:
    """Declare that an invoice is not owed."""
    _cancel_payment(world, invoice, "void_invoice")
    customer = world.store.get("customer", invoice["customer"])
    if "deleted" not in customer:
        with world.changing("customer.updated", customer):
            customer["balance"] += invoice["starting_balance"] - invoice["ending_balance"]
    invoice |= {"auto_advance": False, "next_payment_attempt": None, "status": "void"}
    invoice["status_transitions"]["voided_at"] = world.now()
    world.emit("invoice.voided", invoice)


def mark_uncollectible(world: World, invoice: Object) -> None:
    """Declare that an invoice will not be paid."""
    invoice |= {"auto_advance": False, "next_payment_attempt": None, "status": "uncollectible"}
    invoice["status_transitions"]["marked_uncollectible_at"] = world.now()
    world.emit("invoice.marked_uncollectible", invoice)


def payment_of(world: World, invoice: Object) -> Object:
    """Return the invoice payment of a finalised invoice that asks for money."""
    return world.store.get("invoice_payment", world.store.untold[invoice["id"]]["payments"][0])


def invoice_of(world: World, intent: Object) -> Object | None:
    """Find the invoice that an intent is there to pay."""
    for payment in world.store.newest("invoice_payment"):
        if payment["payment"]["payment_intent"] == intent["id"]:
            return world.store.get("invoice", payment["invoice"])
    return None


def subscription_of(invoice: Object) -> str:
    """Return the id of the subscription that an invoice belongs to; empty where there is none."""
    return str(invoice["parent"]["subscription_details"]["subscription"]) if invoice["parent"] else ""


def _draw_on_balance(world: World, invoice: Object, customer: Object) -> None:
    balance = customer["balance"]
    due, after = invoices.drawn(invoice["total"], balance)
    invoice |= dict(zip(DRAWN_FROM_BALANCE, (due, due, balance), strict=True)) | {"ending_balance": after}
    with world.changing("customer.updated", customer):
        customer["balance"] = after


def _ask_for_payment(world: World, invoice: Object) -> None:
    is_first = invoice["billing_reason"] == "subscription_create"
    description = "Subscription creation" if is_first else "Subscription update"
    description = description if invoice["parent"] else "Payment for Invoice"
    intent = payments.payment_intent(
        world, invoice["amount_due"], invoice["currency"], invoice["customer"], description=description
    )
    world.add("payment_intent.created", intent)
    payment = world.store.add(invoices.invoice_payment(world, invoice, intent["id"]))
    world.store.untold[invoice["id"]]["payments"].append(payment["id"])


def _cancel_payment(world: World, invoice: Object, reason: str) -> None:
    payment = payment_of(world, invoice)
    intent = world.store.get("payment_intent", payment["payment"]["payment_intent"])
    payment["status"] = "canceled"
    payment["status_transitions"]["canceled_at"] = world.now()
    intent |= {"canceled_at": world.now(), "cancellation_reason": reason, "status": "canceled"}
    world.emit("payment_intent.canceled", intent)


def _settle(world: World, invoice: Object) -> None:
    invoice |= {
        "amount_paid": invoice["amount_due"],
        "amount_remaining": 0,
        "auto_advance": False,
        "next_payment_attempt": None,
        "status": "paid",
    }
    invoice["status_transitions"]["paid_at"] = world.now()
    world.emit("invoice.paid", invoice)
    world.emit("invoice.payment_succeeded", invoice)
