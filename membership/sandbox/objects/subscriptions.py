"""Subscriptions and their items; periods live on the items."""

from membership.sandbox.objects import nulls
from membership.sandbox.objects.catalogue import plan
from membership.sandbox.store import Object, listing
from membership.sandbox.world import World

NOT_CANCELLED = nulls("comment feedback feedback_option reason")
EMPTY = (
    "application application_fee_percent billing_cycle_anchor_config billing_thresholds cancel_at canceled_at "
    "customer_account days_until_due default_payment_method default_source description ended_at latest_invoice "
    "next_pending_invoice_item_invoice on_behalf_of pause_collection pending_invoice_item_interval "
    "pending_setup_intent pending_update schedule status_details test_clock transfer_data trial_end trial_start"
)


def subscription(world: World, *, customer: str, currency: str, **given: object) -> Object:
    """Render a subscription that begins now and is paid; whoever makes it adds the items."""
    id, now = world.store.new_id("subscription"), world.now()
    own = {
        "id": id,
        "object": "subscription",
        "billing_cycle_anchor": now,
        "billing_mode": {"flexible": {"proration_discounts": "included"}, "type": "flexible", "updated_at": now},
        "cancel_at_period_end": False,
        "cancellation_details": dict(NOT_CANCELLED),
        "collection_method": "charge_automatically",
        "created": now,
        "currency": currency,
        "customer": customer,
        "items": listing([], f"/v1/subscription_items?subscription={id}"),
        "livemode": False,
        "metadata": {},
        "start_date": now,
        "status": "active",
    }
    return nulls(EMPTY) | _without_extras() | own | given


def _without_extras() -> Object:
    settings = nulls("account_tax_ids custom_fields description footer")
    methods = nulls("payment_method_options payment_method_types")
    return {
        "automatic_tax": {"disabled_reason": None, "enabled": False, "liability": None},
        "billing_schedules": [],
        "default_tax_rates": [],
        "discounts": [],
        "invoice_settings": settings | {"issuer": {"type": "self"}},
        "payment_settings": methods | {"save_default_payment_method": "off"},
        "trial_settings": {"end_behavior": {"billing_cycle_anchor": "now", "missing_payment_method": "create_invoice"}},
    }


def item(world: World, subscription: str, price: Object, quantity: int) -> Object:
    """Render the item of a subscription; its period is set by whoever bills it."""
    return {
        "id": world.store.new_id("subscription_item"),
        "object": "subscription_item",
        "billed_until": None,
        "billing_thresholds": None,
        "created": world.now(),
        "current_period_end": world.now(),
        "current_period_start": world.now(),
        "discounts": [],
        "metadata": {},
        "plan": plan(price),
        "price": price,
        "quantity": quantity,
        "subscription": subscription,
        "tax_rates": [],
    }


def paused(world: World, reason: str) -> Object:
    """Render since when a subscription is paused, and why."""
    why = {"subscription": {"type": reason}, "transitioned_at": world.now(), "type": "subscription"}
    return {"paused": why}
