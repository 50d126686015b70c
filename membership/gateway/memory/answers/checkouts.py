"""Customers, and the pages where they pay."""

from collections.abc import Iterator
from datetime import datetime

from membership.gateway.errors import GatewayRefused
from membership.gateway.memory import checkouts
from membership.gateway.memory.answers.asking import Asking
from membership.gateway.values import CheckoutSnapshot, CheckoutStatus, DonationCheckout, SubscriptionCheckout


class Checkouts(Asking):
    def create_customer(self, *, email: str, name: str, reference: str, key: str) -> str:
        def act() -> str:
            customer_id = self.world.new_id("cus")
            self.world.customers[customer_id] = email
            return customer_id

        return self.once("create_customer", key, (email, name, reference), act)

    def delete_customer(self, customer_id: str) -> None:
        self.ask("delete_customer", customer_id, self.world.customers)
        del self.world.customers[customer_id]

    def open_subscription_checkout(self, wish: SubscriptionCheckout, *, key: str) -> CheckoutSnapshot:
        return self.once(
            "open_subscription_checkout", key, wish, lambda: checkouts.open_checkout(self.world, wish, wish.customer_id)
        )

    def open_donation_checkout(self, wish: DonationCheckout, *, key: str) -> CheckoutSnapshot:
        return self.once("open_donation_checkout", key, wish, lambda: checkouts.open_checkout(self.world, wish, None))

    def expire_checkout(self, session_id: str) -> CheckoutSnapshot:
        checkout = self.ask("expire_checkout", session_id, self.world.checkouts)
        if checkout.status is not CheckoutStatus.OPEN:
            raise GatewayRefused
        return checkouts.expire(self.world, checkout)

    def get_checkout(self, session_id: str) -> CheckoutSnapshot:
        self.ask("get_checkout", session_id, self.world.checkouts)
        return checkouts.look_at(self.world, session_id)

    def list_checkouts(self, since: datetime, after: str | None = None) -> Iterator[CheckoutSnapshot]:
        for checkout in self.listed("list_checkouts", self.world.checkouts.values(), since, after):
            yield checkouts.look_at(self.world, checkout.id)
