"""Customers, and the pages where they pay."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from membership.gateway import parameters, translation
from membership.gateway.stripe_gateway.asking import Asking, in_our_words
from membership.gateway.values import CheckoutSnapshot, DonationCheckout, SubscriptionCheckout


class Checkouts(Asking):
    def create_customer(self, *, email: str, name: str, reference: str, key: str) -> str:
        params = parameters.customer(email, name, reference)
        with in_our_words():
            return self.v1.customers.create(params, {"idempotency_key": key}).id

    def delete_customer(self, customer_id: str) -> None:
        with in_our_words():
            self.v1.customers.delete(customer_id)

    def open_subscription_checkout(self, wish: SubscriptionCheckout, *, key: str) -> CheckoutSnapshot:
        return self._open(parameters.subscription_checkout(wish), key)

    def open_donation_checkout(self, wish: DonationCheckout, *, key: str) -> CheckoutSnapshot:
        return self._open(parameters.donation_checkout(wish), key)

    def expire_checkout(self, session_id: str) -> CheckoutSnapshot:
        with in_our_words():
            return translation.checkout(self.v1.checkout.sessions.expire(session_id))

    def get_checkout(self, session_id: str) -> CheckoutSnapshot:
        with in_our_words():
            return translation.checkout(self.v1.checkout.sessions.retrieve(session_id))

    def list_checkouts(self, since: datetime, after: str | None = None) -> Iterator[CheckoutSnapshot]:
        asked = parameters.page(since=since, after=after)
        return self.listed(self.v1.checkout.sessions.list, asked, translation.checkout)

    def _open(self, params: Any, key: str) -> CheckoutSnapshot:
        with in_our_words():
            return translation.checkout(self.v1.checkout.sessions.create(params, {"idempotency_key": key}))
