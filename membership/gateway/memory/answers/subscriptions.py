"""Standing orders and their invoices."""

from collections.abc import Iterator
from datetime import datetime
from functools import partial

from membership.clock import utc_now
from membership.gateway.memory import billing, changes
from membership.gateway.memory.answers.asking import Asking, as_of_now, rest_of
from membership.gateway.values import InvoiceSnapshot, SubscriptionSnapshot

REQUESTED = "cancellation_requested"


class Subscriptions(Asking):
    def get_subscription(self, subscription_id: str) -> SubscriptionSnapshot:
        return as_of_now(self.ask("get_subscription", subscription_id, self.world.subscriptions))

    def list_subscriptions(self, after: str | None = None) -> Iterator[SubscriptionSnapshot]:
        self.called("list_subscriptions", "")
        yield from map(as_of_now, rest_of(list(self.world.subscriptions.values()), after))

    def cancel_at_period_end(self, subscription_id: str, *, key: str) -> SubscriptionSnapshot:
        def act() -> SubscriptionSnapshot:
            ends_at = billing.living(self.world, subscription_id).period_ends_at
            changes.drop_plan(self.world, subscription_id)
            return billing.change(self.world, subscription_id, cancel_at=ends_at)

        return as_of_now(self.once("cancel_at_period_end", key, subscription_id, act))

    def undo_cancellation(self, subscription_id: str, *, key: str) -> SubscriptionSnapshot:
        act = partial(billing.change, self.world, subscription_id)
        return as_of_now(self.once("undo_cancellation", key, subscription_id, act))

    def cancel_now(self, subscription_id: str, *, key: str) -> SubscriptionSnapshot:
        def act() -> SubscriptionSnapshot:
            return billing.end(self.world, subscription_id, REQUESTED, utc_now())

        return as_of_now(self.once("cancel_now", key, subscription_id, act))

    def get_invoice(self, invoice_id: str) -> InvoiceSnapshot:
        return self.ask("get_invoice", invoice_id, self.world.invoices)

    def list_invoices(self, since: datetime, after: str | None = None) -> Iterator[InvoiceSnapshot]:
        yield from self.listed("list_invoices", self.world.invoices.values(), since, after)

    def list_invoices_of(self, subscription_id: str) -> Iterator[InvoiceSnapshot]:
        self.called("list_invoices_of", subscription_id)
        mine = [one for one in self.world.invoices.values() if one.subscription_id == subscription_id]
        yield from reversed(mine)
