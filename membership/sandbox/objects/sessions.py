"""Checkout sessions and what is bought in them."""

from membership.sandbox.objects import nulls
from membership.sandbox.store import Object
from membership.sandbox.world import World

EMPTY = (
    "after_expiration allow_promotion_codes billing_address_collection cancel_url client_reference_id client_secret "
    "collected_information consent consent_collection currency_conversion customer customer_account "
    "customer_creation customer_details customer_email invoice invoice_creation locale origin_context payment_intent "
    "payment_link payment_method_configuration_details permissions recovered_from "
    "saved_payment_method_options setup_intent shipping_address_collection shipping_cost submit_type subscription "
    "success_url wallet_options"
)


def session(world: World, *, mode: str, items: list[Object], base: str, **given: object) -> Object:
    """Render a checkout session that waits for somebody to pay on its page below `base`; its sums come after."""
    id = world.store.new_id("checkout.session")
    own = {
        "id": id,
        "object": "checkout.session",
        "amount_subtotal": 0,
        "amount_total": 0,
        "created": world.now(),
        "currency": items[0]["currency"],
        "expires_at": world.now() + 24 * 3600,
        "livemode": False,
        "metadata": {},
        "mode": mode,
        "payment_method_collection": "always" if mode == "subscription" else "if_required",
        "payment_method_options": {"card": {"request_three_d_secure": "automatic"}},
        "payment_method_types": ["card"],
        "payment_status": "unpaid",
        "status": "open",
        "ui_mode": "hosted_page",
        "url": f"{base}/c/pay/{id}",
    }
    return nulls(EMPTY) | _without_extras() | own | given


def _without_extras() -> Object:
    return {
        "adaptive_pricing": {"enabled": False},
        "automatic_tax": nulls("liability provider status") | {"enabled": False},
        "custom_fields": [],
        "custom_text": nulls("after_submit shipping_address submit terms_of_service_acceptance"),
        "discounts": [],
        "phone_number_collection": {"enabled": False},
        "shipping_options": [],
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
    }


def line_item(world: World, price: Object, quantity: int, name: str) -> Object:
    """Render one thing that is bought in a session."""
    amount = price["unit_amount"] * quantity
    return {
        "id": world.store.new_id("item"),
        "object": "item",
        "adjustable_quantity": None,
        "amount_discount": 0,
        "amount_subtotal": amount,
        "amount_tax": 0,
        "amount_total": amount,
        "currency": price["currency"],
        "description": name,
        "metadata": {},
        "price": price,
        "quantity": quantity,
    }


def customer_details(email: str | None, name: str | None) -> Object:
    """Render what the buyer told about herself."""
    empty = nulls("address business_name individual_name phone")
    return empty | {"email": email, "name": name, "tax_exempt": "none", "tax_ids": []}
