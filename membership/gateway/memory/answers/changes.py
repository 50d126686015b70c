"""Standing orders that change: their price, their pause, their card."""

from datetime import datetime
from functools import partial

from membership.gateway.memory import billing, changes
from membership.gateway.memory.answers.asking import as_of_now
from membership.gateway.memory.answers.subscriptions import Subscriptions
from membership.gateway.memory.world import find
from membership.gateway.values import InvoiceSnapshot, Preview, PriceChange, SubscriptionSnapshot


class Changes(Subscriptions):
    def preview_change(self, change: PriceChange) -> Preview:
        self.called("preview_change", change.subscription_id)
        return changes.preview(self.world, change)

    def change_price(self, change: PriceChange, *, key: str) -> SubscriptionSnapshot:
        return as_of_now(self.once("change_price", key, change, partial(changes.change_price, self.world, change)))

    def schedule_price(self, subscription_id: str, stripe_price_id: str, *, key: str) -> SubscriptionSnapshot:
        asked = (subscription_id, stripe_price_id)
        return as_of_now(self.once("schedule_price", key, asked, partial(changes.plan_price, self.world, *asked)))

    def drop_schedule(self, subscription_id: str, *, key: str) -> SubscriptionSnapshot:
        act = partial(changes.drop_plan, self.world, subscription_id)
        return as_of_now(self.once("drop_schedule", key, subscription_id, act))

    def move_price(self, subscription_id: str, item_id: str, stripe_price_id: str, *, key: str) -> SubscriptionSnapshot:
        act = partial(changes.move_price, self.world, subscription_id, stripe_price_id)
        return as_of_now(self.once("move_price", key, (subscription_id, item_id, stripe_price_id), act))

    def pause(self, subscription_id: str, until: datetime, *, key: str) -> SubscriptionSnapshot:
        asked = (subscription_id, until)
        return as_of_now(self.once("pause", key, asked, partial(changes.pause, self.world, *asked)))

    def resume(self, subscription_id: str, *, charge_now: bool, key: str) -> SubscriptionSnapshot:
        act = partial(changes.resume, self.world, subscription_id, charge_now=charge_now)
        return as_of_now(self.once("resume", key, (subscription_id, charge_now), act))

    def use_customers_card(self, subscription_id: str, *, key: str) -> SubscriptionSnapshot:
        act = partial(billing.living, self.world, subscription_id)
        return as_of_now(self.once("use_customers_card", key, subscription_id, act))

    def pay_invoice(self, invoice_id: str, *, key: str) -> InvoiceSnapshot:
        return self.once("pay_invoice", key, invoice_id, partial(changes.pay, self.world, invoice_id))

    def void_invoice(self, invoice_id: str, *, key: str) -> InvoiceSnapshot:
        return self.once("void_invoice", key, invoice_id, partial(changes.void, self.world, invoice_id))

    def open_portal(self, customer_id: str, return_url: str) -> str:
        self.called("open_portal", customer_id)
        find(self.world.customers, customer_id)
        return f"https://billing.stripe.com/p/session/{customer_id}"
