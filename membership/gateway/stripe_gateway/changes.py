"""Standing orders that change: their price, their pause, their card."""

from datetime import datetime

from membership.gateway import parameters, translation
from membership.gateway.stripe_gateway.asking import in_our_words
from membership.gateway.stripe_gateway.subscriptions import Subscriptions
from membership.gateway.values import InvoiceSnapshot, Preview, PriceChange, SubscriptionSnapshot


class Changes(Subscriptions):
    def preview_change(self, change: PriceChange) -> Preview:
        with in_our_words():
            return translation.preview(self.v1.invoices.create_preview(parameters.preview(change)))

    def change_price(self, change: PriceChange, *, key: str) -> SubscriptionSnapshot:
        self.release(change.subscription_id, key)
        return self.update(change.subscription_id, parameters.change(change), key)

    def schedule_price(self, subscription_id: str, stripe_price_id: str, *, key: str) -> SubscriptionSnapshot:
        with in_our_words():
            known = translation.id_of(self.v1.subscriptions.retrieve(subscription_id).schedule)
            price = self.v1.prices.retrieve(stripe_price_id)
            schedule_id = known or self._new_schedule(subscription_id, key)
            schedule = self.v1.subscription_schedules.retrieve(schedule_id)
            wanted = parameters.phases(translation.current_phase(schedule), price)
            self.v1.subscription_schedules.update(schedule_id, wanted, {"idempotency_key": f"{key}:phases"})
        return self.get_subscription(subscription_id)

    def _new_schedule(self, subscription_id: str, key: str) -> str:
        made = self.v1.subscription_schedules.create({"from_subscription": subscription_id}, {"idempotency_key": key})
        return made.id

    def drop_schedule(self, subscription_id: str, *, key: str) -> SubscriptionSnapshot:
        self.release(subscription_id, key)
        return self.get_subscription(subscription_id)

    def move_price(self, subscription_id: str, item_id: str, stripe_price_id: str, *, key: str) -> SubscriptionSnapshot:
        return self.update(subscription_id, parameters.move(item_id, stripe_price_id), key)

    def pause(self, subscription_id: str, until: datetime, *, key: str) -> SubscriptionSnapshot:
        self.release(subscription_id, key)
        return self.update(subscription_id, parameters.pause(until), key)

    def resume(self, subscription_id: str, *, charge_now: bool, key: str) -> SubscriptionSnapshot:
        if charge_now and self._has_draft(subscription_id):
            # A renewal that has begun charges by itself within the hour; a period that begins now would charge again.
            return self.update(subscription_id, parameters.resume(charge_now=False), f"{key}:drafted")
        return self.update(subscription_id, parameters.resume(charge_now), key)

    def _has_draft(self, subscription_id: str) -> bool:
        asked = parameters.page(subscription=subscription_id, status="draft")
        with in_our_words():
            return bool(self.v1.invoices.list(asked).data)

    def use_customers_card(self, subscription_id: str, *, key: str) -> SubscriptionSnapshot:
        with in_our_words():
            customer_id = str(translation.id_of(self.v1.subscriptions.retrieve(subscription_id).customer))
            chosen = self.v1.customers.retrieve(customer_id).invoice_settings
        card_id = translation.id_of(chosen.default_payment_method) if chosen else None
        if card_id is None:
            return self.get_subscription(subscription_id)
        # One of its own cannot be taken away, only replaced, and it would be preferred to the customer's.
        return self.update(subscription_id, {"default_payment_method": card_id}, f"{key}:{card_id}")

    def pay_invoice(self, invoice_id: str, *, key: str) -> InvoiceSnapshot:
        with in_our_words():
            self.v1.invoices.pay(invoice_id, {}, {"idempotency_key": key})
        return self.get_invoice(invoice_id)

    def void_invoice(self, invoice_id: str, *, key: str) -> InvoiceSnapshot:
        with in_our_words():
            self.v1.invoices.void_invoice(invoice_id, {}, {"idempotency_key": key})
        return self.get_invoice(invoice_id)

    def open_portal(self, customer_id: str, return_url: str) -> str:
        with in_our_words():
            return self.v1.billing_portal.sessions.create(parameters.portal(customer_id, return_url)).url
