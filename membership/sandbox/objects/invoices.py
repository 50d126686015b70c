"""Invoices and what paid them."""

from membership.sandbox.objects import SELLER, nulls
from membership.sandbox.store import Object, listing
from membership.sandbox.world import World

EMPTY = (
    "account_tax_ids amount_paid_off_stripe application automatically_finalizes_at confirmation_secret custom_fields "
    "customer_account customer_address customer_phone customer_shipping default_payment_method default_source "
    "description due_date effective_at ending_balance footer from_invoice hosted_invoice_url invoice_pdf "
    "last_finalization_error latest_revision next_payment_attempt number on_behalf_of receipt_number rendering "
    "shipping_cost shipping_details statement_descriptor status_details test_clock threshold_reason "
    "webhooks_delivered_at"
)
LEAST_MINOR = 50


def invoice(world: World, subscription: Object, customer: Object, *, reason: str, lines: list[Object]) -> Object:
    """Render the draft of an invoice over these lines; whoever makes it sets the period that lies behind."""
    id = world.store.new_id("invoice")
    for line in lines:
        line["invoice"] = id
    own = {
        "id": id,
        "object": "invoice",
        "attempt_count": 0,
        "attempted": False,
        "auto_advance": True,
        "billing_reason": reason,
        "collection_method": "charge_automatically",
        "created": world.now(),
        "currency": subscription["currency"],
        "customer": customer["id"],
        "customer_email": customer["email"],
        "customer_name": customer["name"],
        "discounts": list(subscription["discounts"]),
        "lines": listing(lines, f"/v1/invoices/{id}/lines"),
        "livemode": False,
        "metadata": {},
        "parent": parent(subscription),
        "period_end": world.now(),
        "period_start": world.now(),
        "status": "draft",
        "status_transitions": nulls("finalized_at marked_uncollectible_at paid_at voided_at"),
    }
    return nulls(EMPTY) | _without_extras() | own | amounts(lines, customer["balance"])


def _without_extras() -> Object:
    return {
        "account_country": "DE",
        "account_name": SELLER,
        "automatic_tax": nulls("disabled_reason liability provider status") | {"enabled": False},
        "customer_tax_exempt": "none",
        "customer_tax_ids": [],
        "default_tax_rates": [],
        "issuer": {"type": "self"},
        "payment_settings": nulls("default_mandate payment_method_options payment_method_types"),
    }


def amounts(lines: list[Object], balance: int) -> Object:
    """Render the sums of an unpaid invoice; a balance below zero is what the customer has to her credit."""
    zero = "amount_overpaid amount_paid amount_shipping post_payment_credit_notes_amount"
    subtotal = sum(line["amount"] for line in lines)
    reductions = _by_discount(lines)
    total = subtotal - sum(reduction["amount"] for reduction in reductions)
    due, _ = drawn(total, balance)
    sums = {"subtotal": subtotal, "subtotal_excluding_tax": subtotal, "total": total, "total_excluding_tax": total}
    sums |= {"amount_due": due, "amount_remaining": due, "starting_balance": balance}
    none: Object = {"pre_payment_credit_notes_amount": 0, "total_taxes": []}
    credits = [{"credit_balance_transaction": None, "type": "discount"} | one for one in reductions]
    lists = {"total_discount_amounts": reductions, "total_pretax_credit_amounts": credits}
    return dict.fromkeys(zero.split(), 0) | sums | none | lists


def drawn(total: int, balance: int) -> tuple[int, int]:
    """Return what is due of a total beside a balance, and the balance after; too little to charge waits in it."""
    owed = total + balance
    return (owed, 0) if owed >= LEAST_MINOR else (0, owed)


def _by_discount(lines: list[Object]) -> list[Object]:
    sums: dict[str, int] = {}
    for line in lines:
        for reduction in line["discount_amounts"]:
            sums[reduction["discount"]] = sums.get(reduction["discount"], 0) + reduction["amount"]
    return [{"amount": amount, "discount": discount} for discount, amount in sums.items()]


def parent(subscription: Object) -> Object:
    """Render that an invoice was made by a subscription."""
    details = {
        "metadata": dict(subscription["metadata"]),
        "subscription": subscription["id"],
        "subscription_proration_date": None,
    }
    return {"quote_details": None, "subscription_details": details, "type": "subscription_details"}


def invoice_payment(world: World, invoice: Object, intent: str) -> Object:
    """Render that a payment intent is there to pay an invoice."""
    return {
        "id": world.store.new_id("invoice_payment"),
        "object": "invoice_payment",
        "amount_paid": None,
        "amount_requested": invoice["amount_due"],
        "created": world.now(),
        "currency": invoice["currency"],
        "invoice": invoice["id"],
        "is_default": True,
        "livemode": False,
        "payment": {"payment_intent": intent, "type": "payment_intent"},
        "status": "open",
        "status_transitions": {"canceled_at": None, "paid_at": None},
    }
