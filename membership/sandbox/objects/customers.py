"""Customers and their cards."""

from membership.sandbox.cards import Card
from membership.sandbox.objects import nulls
from membership.sandbox.store import Object
from membership.sandbox.world import World


def customer(world: World, **given: object) -> Object:
    """Render a new customer with what was given."""
    own = {
        "id": world.store.new_id("customer"),
        "object": "customer",
        "balance": 0,
        "created": world.now(),
        "delinquent": False,
        "invoice_settings": nulls("custom_fields default_payment_method footer rendering_options"),
        "livemode": False,
        "metadata": {},
        "next_invoice_sequence": 1,
        "preferred_locales": [],
        "tax_exempt": "none",
    }
    own["invoice_prefix"] = str(own["id"])[-8:].upper()
    empty = nulls(
        "address currency customer_account default_source description discount email name phone shipping test_clock"
    )
    return own | empty | given


def payment_method(world: World, card: Card, *, customer: str | None, email: str | None, name: str | None) -> Object:
    """Render a card that somebody typed at the checkout page."""
    return {
        "id": world.store.new_id("payment_method"),
        "object": "payment_method",
        "allow_redisplay": "limited",
        "billing_details": billing_details(email, name),
        "card": {
            "brand": card.brand,
            "checks": {"address_line1_check": None, "address_postal_code_check": None, "cvc_check": card.cvc_check},
            "country": card.country,
            "display_brand": card.brand,
            "exp_month": 12,
            "exp_year": 2040,
            "fingerprint": f"sandbox{card.number[-9:]}",
            "funding": card.funding,
            "generated_from": None,
            "last4": card.last4,
            "networks": {"available": [card.brand], "preferred": None},
            "regulated_status": "unregulated",
            "three_d_secure_usage": {"supported": True},
            "wallet": None,
        },
        "created": world.now(),
        "customer": customer,
        "customer_account": None,
        "livemode": False,
        "metadata": {},
        "type": "card",
    }


def bank_account(method: Object, card: Card) -> Object:
    """Render the same with a bank account that can be debited in the place of the card."""
    known = {"bank_code": card.number[4:12], "branch_code": None, "country": card.country, "last4": card.last4}
    account = known | {"fingerprint": f"sandbox{card.number[-9:]}", "generated_from": None}
    return {name: value for name, value in method.items() if name != "card"} | {
        "sepa_debit": account,
        "type": "sepa_debit",
    }


def billing_details(email: str | None, name: str | None) -> Object:
    """Render whom a card belongs to."""
    address = nulls("city country line1 line2 postal_code state")
    return {"address": address, "email": email, "name": name, "phone": None, "tax_id": None}
