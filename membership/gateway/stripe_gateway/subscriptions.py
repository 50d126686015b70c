"""Standing orders and their invoices."""

from collections.abc import Iterator
from datetime import datetime
from functools import partial
from typing import Any

from membership.clock import utc_now
from membership.gateway import parameters, translation
from membership.gateway.stripe_gateway.asking import Asking, in_our_words
from membership.gateway.values import InvoiceSnapshot, SubscriptionSnapshot


class Subscriptions(Asking):
    def get_subscription(self, subscription_id: str) -> SubscriptionSnapshot:
        as_of = utc_now()
        with in_our_words():
            found = self.v1.subscriptions.retrieve(subscription_id, {"expand": ["schedule"]})
            return translation.subscription(found, as_of)

    def list_subscriptions(self, after: str | None = None) -> Iterator[SubscriptionSnapshot]:
        read = partial(translation.subscription, as_of=utc_now())
        return self.listed(self.v1.subscriptions.list, parameters.page("schedule", status="all", after=after), read)

    def cancel_at_period_end(self, subscription_id: str, *, key: str) -> SubscriptionSnapshot:
        self.release(subscription_id, key)
        return self.update(subscription_id, {"cancel_at_period_end": True}, key)

    def undo_cancellation(self, subscription_id: str, *, key: str) -> SubscriptionSnapshot:
        with in_our_words():
            found = self.v1.subscriptions.retrieve(subscription_id)
        # The portal may set a date alone, and a key stands for one body only.
        if found.cancel_at and not found.cancel_at_period_end:
            return self.update(subscription_id, {"cancel_at": ""}, f"{key}:date")
        return self.update(subscription_id, {"cancel_at_period_end": False}, key)

    def cancel_now(self, subscription_id: str, *, key: str) -> SubscriptionSnapshot:
        with in_our_words():
            self.v1.subscriptions.cancel(subscription_id, {}, {"idempotency_key": key})
        return self.get_subscription(subscription_id)

    def get_invoice(self, invoice_id: str) -> InvoiceSnapshot:
        with in_our_words():
            return translation.invoice(self.v1.invoices.retrieve(invoice_id, {"expand": ["payments"]}))

    def list_invoices(self, since: datetime, after: str | None = None) -> Iterator[InvoiceSnapshot]:
        asked = parameters.page("payments", since=since, after=after)
        return self.listed(self.v1.invoices.list, asked, translation.invoice)

    def list_invoices_of(self, subscription_id: str) -> Iterator[InvoiceSnapshot]:
        asked = parameters.page("payments", subscription=subscription_id)
        return self.listed(self.v1.invoices.list, asked, translation.invoice)

    def update(self, subscription_id: str, params: Any, key: str) -> SubscriptionSnapshot:
        """Change a subscription, and read it anew: to a key that was used before Stripe answers what it did then."""
        with in_our_words():
            self.v1.subscriptions.update(subscription_id, params, {"idempotency_key": key})
        return self.get_subscription(subscription_id)

    def release(self, subscription_id: str, key: str) -> None:
        """Let a subscription go from its schedule, if it has one: what a schedule holds cannot be changed directly."""
        with in_our_words():
            schedule_id = translation.id_of(self.v1.subscriptions.retrieve(subscription_id).schedule)
            if schedule_id is not None:
                self.v1.subscription_schedules.release(schedule_id, {}, {"idempotency_key": f"{key}:release"})
