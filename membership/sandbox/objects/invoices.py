"""Invoices, their lines, and what paid them."""

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


def invoice(world: World, subscription: Object, customer: Object, *, reason: str, period: tuple[int, int]) -> Object:
    """Render the draft of an invoice over the current period of a subscription; `period` is the one before it."""
    item = subscription["items"]["data"][0]
    id, amount = world.store.new_id("invoice"), item["price"]["unit_amount"] * item["quantity"]
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
        "lines": listing([line(world, id, subscription, amount)], f"/v1/invoices/{id}/lines"),
        "livemode": False,
        "metadata": {},
        "parent": parent(subscription),
        "period_end": period[1],
        "period_start": period[0],
        "status": "draft",
        "status_transitions": nulls("finalized_at marked_uncollectible_at paid_at voided_at"),
    }
    return nulls(EMPTY) | _without_extras() | own | amounts(amount)


def _without_extras() -> Object:
    return {
        "account_country": "DE",
        "account_name": SELLER,
        "automatic_tax": nulls("disabled_reason liability provider status") | {"enabled": False},
        "customer_tax_exempt": "none",
        "customer_tax_ids": [],
        "default_tax_rates": [],
        "discounts": [],
        "issuer": {"type": "self"},
        "payment_settings": nulls("default_mandate payment_method_options payment_method_types"),
    }


def amounts(amount: int) -> Object:
    """Render the sums of an invoice without tax, discount or balance, of which nothing is paid."""
    zero = (
        "amount_overpaid amount_paid amount_shipping post_payment_credit_notes_amount "
        "pre_payment_credit_notes_amount starting_balance"
    )
    whole = "amount_due amount_remaining subtotal subtotal_excluding_tax total total_excluding_tax"
    none: Object = {"total_discount_amounts": [], "total_pretax_credit_amounts": [], "total_taxes": []}
    return dict.fromkeys(zero.split(), 0) | dict.fromkeys(whole.split(), amount) | none


def parent(subscription: Object) -> Object:
    """Render that an invoice was made by a subscription."""
    details = {
        "metadata": dict(subscription["metadata"]),
        "subscription": subscription["id"],
        "subscription_proration_date": None,
    }
    return {"quote_details": None, "subscription_details": details, "type": "subscription_details"}


def line(world: World, invoice: str, subscription: Object, amount: int) -> Object:
    """Render the line that pays for the subscription's current period."""
    item = subscription["items"]["data"][0]
    price = item["price"]
    product = world.store.get("product", price["product"])
    return {
        "id": world.store.new_id("line_item"),
        "object": "line_item",
        "amount": amount,
        "currency": subscription["currency"],
        "description": f"{item['quantity']} × {product['name']}",
        "discount_amounts": [],
        "discountable": True,
        "discounts": [],
        "invoice": invoice,
        "livemode": False,
        "metadata": dict(subscription["metadata"]),
        "parent": _line_parent(item),
        "period": {"end": item["current_period_end"], "start": item["current_period_start"]},
        "pretax_credit_amounts": [],
        "pricing": _pricing(price),
        "quantity": item["quantity"],
        "quantity_decimal": str(item["quantity"]),
        "subscription": subscription["id"],
        "subtotal": amount,
        "taxes": [],
    }


def _pricing(price: Object) -> Object:
    details = {"price": price["id"], "product": price["product"]}
    return {"price_details": details, "type": "price_details", "unit_amount_decimal": price["unit_amount_decimal"]}


def _line_parent(item: Object) -> Object:
    details = {"proration": False, "subscription": item["subscription"], "subscription_item": item["id"]}
    return {
        "invoice_item_details": None,
        "subscription_item_details": nulls("invoice_item proration_details") | details,
        "type": "subscription_item_details",
    }


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
