"""Standing orders that change: their price, their pause, their card."""

from datetime import datetime
from typing import Protocol

from membership.gateway.values import InvoiceSnapshot, Preview, PriceChange, SubscriptionSnapshot


class Changes(Protocol):
    def preview_change(self, change: PriceChange) -> Preview:
        """Return what a change costs if it is made at its moment."""
        ...

    def change_price(self, change: PriceChange, *, key: str) -> SubscriptionSnapshot:
        """Change the price and charge the difference at once; while that is not paid the old price stays."""
        ...

    def schedule_price(self, subscription_id: str, stripe_price_id: str, *, key: str) -> SubscriptionSnapshot:
        """Change the price when the period ends, in place of any change planned before."""
        ...

    def drop_schedule(self, subscription_id: str, *, key: str) -> SubscriptionSnapshot:
        """Let no planned change happen."""
        ...

    def move_price(self, subscription_id: str, item_id: str, stripe_price_id: str, *, key: str) -> SubscriptionSnapshot:
        """Ask the new price from the next renewal on; nothing is charged or given back for this period."""
        ...

    def pause(self, subscription_id: str, until: datetime, *, key: str) -> SubscriptionSnapshot:
        """Ask for nothing until a moment; what is planned for the price is dropped."""
        ...

    def resume(self, subscription_id: str, *, charge_now: bool, key: str) -> SubscriptionSnapshot:
        """Ask again, from the next renewal on; or at once, for a period that begins now."""
        ...

    def use_customers_card(self, subscription_id: str, *, key: str) -> SubscriptionSnapshot:
        """Charge whatever card the customer has set as hers, and no longer one of the subscription's own."""
        ...

    def pay_invoice(self, invoice_id: str, *, key: str) -> InvoiceSnapshot:
        """Try to charge an open invoice now; a card that is declined is GatewayRefused."""
        ...

    def void_invoice(self, invoice_id: str, *, key: str) -> InvoiceSnapshot: ...

    def open_portal(self, customer_id: str, return_url: str) -> str:
        """Return where the customer gives another card; she comes back to our page."""
        ...
