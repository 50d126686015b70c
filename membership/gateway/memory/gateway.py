"""The payment gateway over the books in memory."""

from membership.clock import utc_now
from membership.gateway import signatures
from membership.gateway.memory import billing, changes, checkouts, disputes, payments, payouts
from membership.gateway.memory.answers.asking import as_of_now
from membership.gateway.memory.answers.catalogue import Catalogue
from membership.gateway.memory.answers.changes import Changes
from membership.gateway.memory.answers.checkouts import Checkouts
from membership.gateway.memory.answers.disputes import Disputes
from membership.gateway.memory.answers.payments import Payments
from membership.gateway.memory.answers.payouts import Payouts
from membership.gateway.memory.answers.platform import Platform
from membership.gateway.memory.world import ListedPrice
from membership.gateway.values import CheckoutSnapshot, CheckoutStatus, GatewayEvent, SubscriptionSnapshot
from membership.money import Money


class MemoryGateway(Checkouts, Changes, Payments, Disputes, Payouts, Catalogue, Platform):
    """A small payment provider for tests, and the levers to move it.

    `calls` lists what was asked, as (name, idempotency key or id). `unreachable` cuts the line before anything happens;
    `answers_lost` lets writes happen and loses their answers; `silent_about` are keys and ids that get none, `refuses`
    are names of calls that are refused. `events` are the messages not yet delivered.
    """

    def patient(self) -> "MemoryGateway":
        return self

    @property
    def events(self) -> list[GatewayEvent]:
        return self.world.events

    def pay_checkout(self, session_id: str, *, fails: bool = False, delayed: bool = False) -> CheckoutSnapshot:
        """Pay as a reader would: `fails` for a declined card, `delayed` for a bank that answers later.

        Pay a delayed one again to let the bank say yes, or no (`fails`).
        """
        checkout = checkouts.look_at(self.world, session_id)
        if checkout.status is CheckoutStatus.COMPLETE and not checkout.is_paid:
            return checkouts.answer_for_bank(self.world, checkout, fails=fails)
        if fails:
            return checkouts.decline(self.world, session_id)
        return checkouts.pay_checkout(self.world, session_id, is_delayed=delayed)

    def renew(self, subscription_id: str) -> SubscriptionSnapshot:
        return as_of_now(billing.renew(self.world, subscription_id))

    def fail_renewal(self, subscription_id: str) -> SubscriptionSnapshot:
        return as_of_now(billing.fail_renewal(self.world, subscription_id))

    def end(self, subscription_id: str, reason: str = "payment_failed") -> SubscriptionSnapshot:
        return as_of_now(billing.end(self.world, subscription_id, reason, utc_now()))

    def settle(self) -> None:
        payments.settle(self.world)

    def fail_refund(self, refund_id: str) -> None:
        """Let a refund come home again."""
        payments.fail_refund(self.world, refund_id)

    def send_back(self, payment_id: str) -> None:
        """Let a bank send back a debit that was paid."""
        payments.send_back(self.world, payment_id)
        changes.reopen(self.world, payment_id)

    def dispute(self, payment_id: str, amount: Money | None = None, *, inquiry: bool = False) -> str:
        """Let a bank take a payment back, or a part of it, or only ask; return the dispute's id."""
        return disputes.open_dispute(self.world, payment_id, amount, is_inquiry=inquiry)

    def close_dispute(self, dispute_id: str, *, won: bool) -> None:
        disputes.close(self.world, dispute_id, won=won)

    def warn_of_fraud(self, payment_id: str, *, actionable: bool = True) -> str:
        """Let a card network warn of a payment; return the warning's id."""
        return disputes.warn(self.world, payment_id, is_actionable=actionable)

    def pay_out(self) -> list[str]:
        """Send what is settled to the bank, one payout per currency; return their ids."""
        return payouts.pay_out(self.world)

    def arrive(self, payout_id: str) -> None:
        payouts.arrive(self.world, payout_id)

    def fail_payout(self, payout_id: str) -> None:
        payouts.fail(self.world, payout_id)

    def add_price(self, price_id: str, amount: Money, interval: str = "month") -> None:
        self.world.prices[price_id] = ListedPrice("", amount, interval)

    def deliver_body(self, event: GatewayEvent) -> tuple[bytes, str]:
        """Return what the provider would post now: the body and its signature header."""
        body = event.payload.encode()
        return body, signatures.sign(body, self.webhook_secrets[0], utc_now())
