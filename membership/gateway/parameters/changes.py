"""What a standing order may become."""

from datetime import datetime
from typing import Any

from membership.gateway.values import PriceChange


def change(wish: PriceChange) -> Any:
    """Describe a change of price that is charged at once, and made only when it is paid."""
    return _change(wish) | {"payment_behavior": "pending_if_incomplete"}


def preview(wish: PriceChange) -> Any:
    """Describe the invoice that a change would make."""
    return {"subscription": wish.subscription_id, "subscription_details": _change(wish)}


def _change(wish: PriceChange) -> dict[str, Any]:
    return {
        "items": [{"id": wish.item_id, "price": wish.stripe_price_id}],
        "proration_behavior": "always_invoice",
        "proration_date": int(wish.at.timestamp()),
    }


def move(item_id: str, stripe_price_id: str) -> Any:
    """Describe a change of price that is asked for from the next renewal on."""
    return {"items": [{"id": item_id, "price": stripe_price_id}], "proration_behavior": "none"}


def phases(current: Any, price: Any) -> Any:
    """Describe that the period which runs is followed by one at another price, and then by itself."""
    kept = [{"price": item.price, "quantity": item.quantity} for item in current["items"]]
    following = {"interval": price.recurring.interval, "interval_count": price.recurring.interval_count}
    return {
        "end_behavior": "release",
        "proration_behavior": "none",
        "phases": [
            {"items": kept, "start_date": current.start_date, "end_date": current.end_date},
            {"items": [{"price": price.id, "quantity": 1}], "duration": following},
        ],
    }


def pause(until: datetime) -> Any:
    """Describe a pause: what falls due meanwhile is void."""
    return {"pause_collection": {"behavior": "void", "resumes_at": int(until.timestamp())}}


def resume(charge_now: bool) -> Any:
    """Describe the end of a pause, with a period that begins now if she is to be charged at once."""
    anchored = {"billing_cycle_anchor": {"type": "now"}, "proration_behavior": "none"} if charge_now else {}
    return anchored | {"pause_collection": ""}


def portal(customer_id: str, return_url: str) -> Any:
    """Describe a visit to the portal to give another card."""
    back = {"type": "redirect", "redirect": {"return_url": return_url}}
    flow = {"type": "payment_method_update", "after_completion": back}
    return {"customer": customer_id, "return_url": return_url, "flow_data": flow}
