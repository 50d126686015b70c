"""Subscription schedules: which prices a subscription has in which phase."""

from membership.sandbox.objects import nulls
from membership.sandbox.store import Object
from membership.sandbox.world import World


def schedule(world: World, subscription: Object, phases: list[Object], **given: object) -> Object:
    """Render the schedule of a subscription that goes on."""
    own = {
        "id": world.store.new_id("subscription_schedule"),
        "object": "subscription_schedule",
        "billing_mode": subscription["billing_mode"],
        "created": world.now(),
        "current_phase": {name: phases[0][name] for name in ("end_date", "start_date")},
        "customer": subscription["customer"],
        "default_settings": _settings(subscription),
        "end_behavior": "release",
        "livemode": False,
        "metadata": {},
        "pause_schedules": [],
        "phases": phases,
        "status": "active",
        "subscription": subscription["id"],
    }
    empty = "application canceled_at completed_at customer_account released_at released_subscription test_clock"
    return nulls(empty) | own | given


def _settings(subscription: Object) -> Object:
    empty = "application_fee_percent billing_thresholds default_payment_method description on_behalf_of transfer_data"
    return nulls(empty) | {
        "automatic_tax": {"disabled_reason": None, "enabled": False, "liability": None},
        "billing_cycle_anchor": "automatic",
        "collection_method": "charge_automatically",
        "invoice_settings": nulls("account_tax_ids custom_fields days_until_due description footer")
        | {"issuer": {"type": "self"}},
    }


def phase(items: list[tuple[Object, int]], *, currency: str, span: tuple[int, int], **given: object) -> Object:
    """Render a phase with these prices and quantities."""
    empty = (
        "application_fee_percent billing_cycle_anchor billing_thresholds collection_method default_payment_method "
        "description invoice_settings on_behalf_of transfer_data trial_end"
    )
    return (
        nulls(empty)
        | {
            "add_invoice_items": [],
            "currency": currency,
            "default_tax_rates": [],
            "discounts": [],
            "end_date": span[1],
            "items": [_item(price, quantity) for price, quantity in items],
            "metadata": {},
            "proration_behavior": "create_prorations",
            "start_date": span[0],
        }
        | given
    )


def _item(price: Object, quantity: int) -> Object:
    own = {"plan": price["id"], "price": price["id"], "quantity": quantity}
    return own | {"billing_thresholds": None, "discounts": [], "metadata": {}, "tax_rates": []}
