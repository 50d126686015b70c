"""The payment gateway over the books in memory."""

from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

from membership.clock import utc_now
from membership.gateway import signatures
from membership.gateway.errors import GatewayRefused, GatewayUnreachable
from membership.gateway.memory import billing, payments
from membership.gateway.memory.world import Dated, ListedPrice, World, find, second
from membership.gateway.values import (
    AccountSnapshot,
    CheckoutSnapshot,
    CheckoutStatus,
    DonationCheckout,
    GatewayEvent,
    InvoiceSnapshot,
    PaymentSnapshot,
    RefundSnapshot,
    SettlementSnapshot,
    SubscriptionCheckout,
    SubscriptionSnapshot,
)
from membership.money import Money

REQUESTED = "cancellation_requested"
T = TypeVar("T")
D = TypeVar("D", bound=Dated)


class MemoryGateway:
    """A small payment provider for tests, and the levers to move it.

    `calls` lists what was asked, as (name, idempotency key or id). `unreachable` cuts the line before anything happens;
    `answers_lost` lets writes happen and loses their answers; `silent_about` are keys and ids that get none, `refuses`
    are names of calls that are refused. `events` are the messages not yet delivered.
    """

    def __init__(self, webhook_secrets: list[str]) -> None:
        self.webhook_secrets = webhook_secrets
        self.unreachable = False
        self.answers_lost = False
        self.silent_about: set[str] = set()
        self.refuses: set[str] = set()
        self.calls: list[tuple[str, str]] = []
        self.world = World()
        self._answers: dict[str, tuple[Hashable, Any]] = {}

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
        return _now(billing.renew(self.world, subscription_id))

    def fail_renewal(self, subscription_id: str) -> SubscriptionSnapshot:
        return _now(billing.fail_renewal(self.world, subscription_id))

    def end(self, subscription_id: str, reason: str = "payment_failed") -> SubscriptionSnapshot:
        return _now(billing.end(self.world, subscription_id, reason, utc_now()))

    def settle(self) -> None:
        payments.settle(self.world)

    def add_price(self, price_id: str, amount: Money, interval: str = "month") -> None:
        self.world.prices[price_id] = ListedPrice("", amount, interval)

    def deliver_body(self, event: GatewayEvent) -> tuple[bytes, str]:
        """Return what the provider would post now: the body and its signature header."""
        body = event.payload.encode()
        return body, signatures.sign(body, self.webhook_secrets[0], utc_now())

    def create_customer(self, *, email: str, name: str, reference: str, key: str) -> str:
        def act() -> str:
            customer_id = self.world.new_id("cus")
            self.world.customers[customer_id] = email
            return customer_id

        return self._once("create_customer", key, (email, name, reference), act)

    def open_subscription_checkout(self, wish: SubscriptionCheckout, *, key: str) -> CheckoutSnapshot:
        return self._once(
            "open_subscription_checkout", key, wish, lambda: billing.open_checkout(self.world, wish, wish.customer_id)
        )

    def open_donation_checkout(self, wish: DonationCheckout, *, key: str) -> CheckoutSnapshot:
        return self._once("open_donation_checkout", key, wish, lambda: billing.open_checkout(self.world, wish, None))

    def expire_checkout(self, session_id: str) -> CheckoutSnapshot:
        checkout = self._ask("expire_checkout", session_id, self.world.checkouts)
        if checkout.status is not CheckoutStatus.OPEN:
            raise GatewayRefused
        return billing.expire(self.world, checkout)

    def get_checkout(self, session_id: str) -> CheckoutSnapshot:
        self._ask("get_checkout", session_id, self.world.checkouts)
        return billing.look_at(self.world, session_id)

    def list_checkouts(self, since: datetime) -> Iterator[CheckoutSnapshot]:
        for checkout in self._list("list_checkouts", self.world.checkouts.values(), since):
            yield billing.look_at(self.world, checkout.id)

    def get_subscription(self, subscription_id: str) -> SubscriptionSnapshot:
        return _now(self._ask("get_subscription", subscription_id, self.world.subscriptions))

    def list_subscriptions(self) -> Iterator[SubscriptionSnapshot]:
        self._called("list_subscriptions", "")
        yield from map(_now, reversed(list(self.world.subscriptions.values())))

    def cancel_at_period_end(self, subscription_id: str, *, key: str) -> SubscriptionSnapshot:
        def act() -> SubscriptionSnapshot:
            ends_at = billing.living(self.world, subscription_id).period_ends_at
            return billing.change(self.world, subscription_id, cancel_at=ends_at)

        return _now(self._once("cancel_at_period_end", key, subscription_id, act))

    def undo_cancellation(self, subscription_id: str, *, key: str) -> SubscriptionSnapshot:
        act = partial(billing.change, self.world, subscription_id)
        return _now(self._once("undo_cancellation", key, subscription_id, act))

    def cancel_now(self, subscription_id: str, *, key: str) -> SubscriptionSnapshot:
        return _now(self._once("cancel_now", key, subscription_id, lambda: self.end(subscription_id, REQUESTED)))

    def get_invoice(self, invoice_id: str) -> InvoiceSnapshot:
        return self._ask("get_invoice", invoice_id, self.world.invoices)

    def list_invoices(self, since: datetime) -> Iterator[InvoiceSnapshot]:
        yield from self._list("list_invoices", self.world.invoices.values(), since)

    def list_invoices_of(self, subscription_id: str) -> Iterator[InvoiceSnapshot]:
        self._called("list_invoices_of", subscription_id)
        mine = [one for one in self.world.invoices.values() if one.subscription_id == subscription_id]
        yield from reversed(mine)

    def get_payment(self, payment_intent_id: str) -> PaymentSnapshot:
        payment = self._ask("get_payment", payment_intent_id, self.world.payments)
        mine = [one for one in self.world.refunds.values() if one.payment_intent_id == payment_intent_id]
        return replace(payment, refunds=tuple(reversed(mine)))

    def list_payments(self, since: datetime) -> Iterator[PaymentSnapshot]:
        self._called("list_payments", since.isoformat())
        made = self.world.payment_times
        yield from reversed([one for one in self.world.payments.values() if made[one.id] >= second(since)])

    def payment_of_charge(self, charge_id: str) -> str | None:
        charges = {str(one.charge_id): one.id for one in self.world.payments.values()}
        return self._ask("payment_of_charge", charge_id, charges)

    def invoice_of_payment(self, payment_intent_id: str) -> str | None:
        self._called("invoice_of_payment", payment_intent_id)
        return next(
            (one.id for one in self.world.invoices.values() if payment_intent_id in one.payment_intent_ids), None
        )

    def refund(self, payment_intent_id: str, amount: Money, *, reference: str, key: str) -> RefundSnapshot:
        asked = (payment_intent_id, amount, reference)
        return self._once("refund", key, asked, lambda: payments.refund(self.world, *asked))

    def get_refund(self, refund_id: str) -> RefundSnapshot:
        return self._ask("get_refund", refund_id, self.world.refunds)

    def list_refunds(self, since: datetime) -> Iterator[RefundSnapshot]:
        yield from self._list("list_refunds", self.world.refunds.values(), since)

    def list_settlements(self, since: datetime) -> Iterator[SettlementSnapshot]:
        yield from self._list("list_settlements", self.world.settlements.values(), since)

    def read_event(self, payload: bytes, signature: str, now: datetime) -> GatewayEvent:
        return signatures.read_signed(payload, signature, self.webhook_secrets, now)

    def list_events(self, since: datetime) -> Iterator[GatewayEvent]:
        yield from self._list("list_events", self.world.history, since)

    def sync_product(self, product_id: str | None, *, name: str, reference: str, key: str) -> str:
        def act() -> str:
            if product_id is not None:
                find(self.world.products, product_id)
            known = product_id or self.world.new_id("prod")
            self.world.products[known] = name
            return known

        return self._once("sync_product", key, (product_id, name, reference), act)

    def sync_price(self, *, product_id: str, amount: Money, interval: str, lookup_key: str, key: str) -> str:
        wanted = ListedPrice(product_id, amount, interval)

        def act() -> str:
            find(self.world.products, product_id)
            price_id = self.world.new_id("price")
            self.world.prices[price_id] = wanted
            self.world.lookup_keys[lookup_key] = price_id
            return price_id

        current = self.world.lookup_keys.get(lookup_key, "")
        if self.world.prices.get(current) == wanted:
            self._called("sync_price", key)
            return current
        return self._once("sync_price", key, (wanted, lookup_key), act)

    def create_endpoint(self, url: str, *, key: str) -> tuple[str, str]:
        return self._once("create_endpoint", key, url, lambda: (self.world.new_id("we"), self.world.new_id("whsec")))

    def get_account(self) -> AccountSnapshot:
        self._called("get_account", "")
        return AccountSnapshot("acct_memory", "eur", "DE")

    def _called(self, name: str, subject: str) -> None:
        self.calls.append((name, subject))
        if self.unreachable or subject in self.silent_about:
            raise GatewayUnreachable
        if name in self.refuses:
            raise GatewayRefused

    def _ask(self, name: str, object_id: str, objects: dict[str, T]) -> T:
        self._called(name, object_id)
        return find(objects, object_id)

    def _list(self, name: str, objects: Iterable[D], since: datetime) -> Iterator[D]:
        self._called(name, since.isoformat())
        return reversed([one for one in objects if one.created_at >= second(since)])

    def _once(self, name: str, key: str, request: Hashable, act: Callable[[], T]) -> T:
        """Do what a key asks for once; afterwards give the same answer, and refuse another request under it."""
        self._called(name, key)
        if key not in self._answers:
            self._answers[key] = ((name, request), act())
        asked, answer = self._answers[key]
        if asked != (name, request):
            raise GatewayRefused
        if self.answers_lost:
            raise GatewayUnreachable
        found: T = answer
        return found


def _now(subscription: SubscriptionSnapshot) -> SubscriptionSnapshot:
    return replace(subscription, as_of=utc_now())
