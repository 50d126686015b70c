"""The payment gateway over the books in memory."""

from membership.clock import utc_now
from membership.gateway import signatures
from membership.gateway.memory import billing, payments
from membership.gateway.memory.answers.asking import as_of_now
from membership.gateway.memory.answers.catalogue import Catalogue
from membership.gateway.memory.answers.checkouts import Checkouts
from membership.gateway.memory.answers.payments import Payments
from membership.gateway.memory.answers.platform import Platform
from membership.gateway.memory.answers.subscriptions import Subscriptions
from membership.gateway.memory.world import ListedPrice
from membership.gateway.values import CheckoutSnapshot, CheckoutStatus, GatewayEvent, SubscriptionSnapshot
from membership.money import Money


class MemoryGateway(Checkouts, Subscriptions, Payments, Catalogue, Platform):
    """A small payment provider for tests, and the levers to move it.

    `calls` lists what was asked, as (name, idempotency key or id). `unreachable` cuts the line before anything happens;
    `answers_lost` lets writes happen and loses their answers; `silent_about` are keys and ids that get none, `refuses`
    are names of calls that are refused. `events` are the messages not yet delivered.
    """

    @property
    def events(self) -> list[GatewayEvent]:
        return self.world.events

    def pay_checkout(self, session_id: str, *, fails: bool = False, delayed: bool = False) -> CheckoutSnapshot:
        """Pay as a reader would: `fails` for a declined card, `delayed` for a bank that answers later.

        Pay a delayed one again to let the bank say yes, or no (`fails`).
        """
        checkout = billing.look_at(self.world, session_id)
        if checkout.status is CheckoutStatus.COMPLETE and not checkout.is_paid:
            return billing.answer_for_bank(self.world, checkout, fails=fails)
        if fails:
            return billing.decline(self.world, session_id)
        return billing.pay_checkout(self.world, session_id, is_delayed=delayed)

    def renew(self, subscription_id: str) -> SubscriptionSnapshot:
        return as_of_now(billing.renew(self.world, subscription_id))

    def fail_renewal(self, subscription_id: str) -> SubscriptionSnapshot:
        return as_of_now(billing.fail_renewal(self.world, subscription_id))

    def end(self, subscription_id: str, reason: str = "payment_failed") -> SubscriptionSnapshot:
        return as_of_now(billing.end(self.world, subscription_id, reason, utc_now()))

    def settle(self) -> None:
        payments.settle(self.world)

    def add_price(self, price_id: str, amount: Money, interval: str = "month") -> None:
        self.world.prices[price_id] = ListedPrice("", amount, interval)

    def deliver_body(self, event: GatewayEvent) -> tuple[bytes, str]:
        """Return what the provider would post now: the body and its signature header."""
        body = event.payload.encode()
        return body, signatures.sign(body, self.webhook_secrets[0], utc_now())
