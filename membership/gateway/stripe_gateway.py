"""The payment gateway over Stripe's API: the only module that knows the `stripe` package."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

import stripe
import structlog

from membership.clock import utc_now
from membership.config import Settings
from membership.gateway import parameters, signatures, translation
from membership.gateway.errors import GatewayMissing, GatewayRefused, GatewayUnreachable
from membership.gateway.events import HANDLED
from membership.gateway.values import (
    AccountSnapshot,
    CheckoutSnapshot,
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

# A hanging line costs at most the second number twice and a short pause: less than the ten seconds a reader may wait.
TIMEOUT = (3, 4)
RETRIES = 1
CHARGE = "latest_charge.balance_transaction"
SETTLEMENT = "balance_transaction"

log = structlog.get_logger("membership.gateway")
Theirs = TypeVar("Theirs", bound=stripe.StripeObject)
Ours = TypeVar("Ours")


class StripeGateway:
    """What we ask of Stripe."""

    def __init__(self, client: stripe.StripeClient, webhook_secrets: list[str]) -> None:
        self._v1 = client.v1
        self._webhook_secrets = webhook_secrets

    @classmethod
    def from_settings(cls, settings: Settings) -> "StripeGateway":
        """Make the client that these settings describe; nothing is asked yet."""
        stripe.enable_telemetry = False
        client = stripe.StripeClient(
            settings.stripe_api_key.get_secret_value(),
            base_addresses={"api": settings.stripe_api_base} if settings.stripe_api_base else {},
            http_client=stripe.RequestsClient(timeout=TIMEOUT),
            max_network_retries=RETRIES,
        )
        return cls(client, settings.webhook_secrets())

    def create_customer(self, *, email: str, name: str, reference: str, key: str) -> str:
        params = parameters.customer(email, name, reference)
        with _in_our_words():
            return self._v1.customers.create(params, {"idempotency_key": key}).id

    def open_subscription_checkout(self, wish: SubscriptionCheckout, *, key: str) -> CheckoutSnapshot:
        return self._open(parameters.subscription_checkout(wish), key)

    def open_donation_checkout(self, wish: DonationCheckout, *, key: str) -> CheckoutSnapshot:
        return self._open(parameters.donation_checkout(wish), key)

    def expire_checkout(self, session_id: str) -> CheckoutSnapshot:
        with _in_our_words():
            return translation.checkout(self._v1.checkout.sessions.expire(session_id))

    def get_checkout(self, session_id: str) -> CheckoutSnapshot:
        with _in_our_words():
            return translation.checkout(self._v1.checkout.sessions.retrieve(session_id))

    def list_checkouts(self, since: datetime) -> Iterator[CheckoutSnapshot]:
        return _all(self._v1.checkout.sessions.list, parameters.page(since=since), translation.checkout)

    def get_subscription(self, subscription_id: str) -> SubscriptionSnapshot:
        as_of = utc_now()
        with _in_our_words():
            return translation.subscription(self._v1.subscriptions.retrieve(subscription_id), as_of)

    def list_subscriptions(self) -> Iterator[SubscriptionSnapshot]:
        read = partial(translation.subscription, as_of=utc_now())
        return _all(self._v1.subscriptions.list, parameters.page(status="all"), read)

    def cancel_at_period_end(self, subscription_id: str, *, key: str) -> SubscriptionSnapshot:
        return self._update(subscription_id, {"cancel_at_period_end": True}, key)

    def undo_cancellation(self, subscription_id: str, *, key: str) -> SubscriptionSnapshot:
        with _in_our_words():
            found = self._v1.subscriptions.retrieve(subscription_id)
        # The portal may set a date alone, and a key stands for one body only.
        if found.cancel_at and not found.cancel_at_period_end:
            return self._update(subscription_id, {"cancel_at": ""}, f"{key}:date")
        return self._update(subscription_id, {"cancel_at_period_end": False}, key)

    def cancel_now(self, subscription_id: str, *, key: str) -> SubscriptionSnapshot:
        with _in_our_words():
            self._v1.subscriptions.cancel(subscription_id, {}, {"idempotency_key": key})
        return self.get_subscription(subscription_id)

    def get_invoice(self, invoice_id: str) -> InvoiceSnapshot:
        with _in_our_words():
            return translation.invoice(self._v1.invoices.retrieve(invoice_id, {"expand": ["payments"]}))

    def list_invoices(self, since: datetime) -> Iterator[InvoiceSnapshot]:
        return _all(self._v1.invoices.list, parameters.page("payments", since=since), translation.invoice)

    def list_invoices_of(self, subscription_id: str) -> Iterator[InvoiceSnapshot]:
        asked = parameters.page("payments", subscription=subscription_id)
        return _all(self._v1.invoices.list, asked, translation.invoice)

    def get_payment(self, payment_intent_id: str) -> PaymentSnapshot:
        asked = parameters.page(SETTLEMENT, payment_intent=payment_intent_id)
        refunds = tuple(_all(self._v1.refunds.list, asked, translation.refund))
        with _in_our_words():
            intent = self._v1.payment_intents.retrieve(payment_intent_id, {"expand": [CHARGE]})
            return translation.payment(intent, refunds)

    def list_payments(self, since: datetime) -> Iterator[PaymentSnapshot]:
        return _all(self._v1.payment_intents.list, parameters.page(CHARGE, since=since), translation.payment)

    def payment_of_charge(self, charge_id: str) -> str | None:
        with _in_our_words():
            return translation.id_of(self._v1.charges.retrieve(charge_id).payment_intent)

    def invoice_of_payment(self, payment_intent_id: str) -> str | None:
        asked = parameters.page(payment={"type": "payment_intent", "payment_intent": payment_intent_id})
        with _in_our_words():
            links = self._v1.invoice_payments.list(asked).data
            return translation.id_of(links[0].invoice) if links else None

    def refund(self, payment_intent_id: str, amount: Money, *, reference: str, key: str) -> RefundSnapshot:
        params = parameters.refund(payment_intent_id, amount, reference) | {"expand": [SETTLEMENT]}
        with _in_our_words():
            return translation.refund(self._v1.refunds.create(params, {"idempotency_key": key}))

    def get_refund(self, refund_id: str) -> RefundSnapshot:
        with _in_our_words():
            return translation.refund(self._v1.refunds.retrieve(refund_id, {"expand": [SETTLEMENT]}))

    def list_refunds(self, since: datetime) -> Iterator[RefundSnapshot]:
        return _all(self._v1.refunds.list, parameters.page(SETTLEMENT, since=since), translation.refund)

    def list_settlements(self, since: datetime) -> Iterator[SettlementSnapshot]:
        return _all(self._v1.balance_transactions.list, parameters.page(since=since), translation.settlement)

    def read_event(self, payload: bytes, signature: str, now: datetime) -> GatewayEvent:
        return signatures.read_signed(payload, signature, self._webhook_secrets, now)

    def list_events(self, since: datetime) -> Iterator[GatewayEvent]:
        return _all(self._v1.events.list, parameters.page(since=since, types=list(HANDLED)), translation.event)

    def sync_product(self, product_id: str | None, *, name: str, reference: str, key: str) -> str:
        with _in_our_words():
            if product_id is not None:
                return self._v1.products.update(product_id, {"name": name}).id
            return self._v1.products.create(parameters.product(name, reference), {"idempotency_key": key}).id

    def sync_price(self, *, product_id: str, amount: Money, interval: str, lookup_key: str, key: str) -> str:
        params = parameters.price(product_id, amount, interval, lookup_key)
        with _in_our_words():
            current = self._v1.prices.list({"lookup_keys": [lookup_key], "active": True}).data
            if current and translation.terms(current[0]) == (product_id, amount, interval):
                return current[0].id
            return self._v1.prices.create(params, {"idempotency_key": key}).id

    def create_endpoint(self, url: str, *, key: str) -> tuple[str, str]:
        params = parameters.endpoint(url, stripe.api_version)
        with _in_our_words():
            made = self._v1.webhook_endpoints.create(params, {"idempotency_key": key})
            return made.id, made.secret or ""

    def get_account(self) -> AccountSnapshot:
        with _in_our_words():
            found = self._v1.accounts.retrieve_current()
            return AccountSnapshot(found.id, found.default_currency or "", found.country or "")

    def _open(self, params: Any, key: str) -> CheckoutSnapshot:
        with _in_our_words():
            return translation.checkout(self._v1.checkout.sessions.create(params, {"idempotency_key": key}))

    def _update(self, subscription_id: str, params: Any, key: str) -> SubscriptionSnapshot:
        with _in_our_words():
            self._v1.subscriptions.update(subscription_id, params, {"idempotency_key": key})
        # Asked anew: to a key that was used before Stripe answers what it answered then.
        return self.get_subscription(subscription_id)


def _all(
    ask: Callable[[Any], stripe.ListObject[Theirs]], params: Any, said: Callable[[Theirs], Ours]
) -> Iterator[Ours]:
    with _in_our_words():
        for found in ask(params).auto_paging_iter():
            yield said(found)


@contextmanager
def _in_our_words() -> Iterator[None]:
    """Turn Stripe's errors into ours; their words may quote a reader's data, so only their kind is kept."""
    try:
        yield
    except stripe.StripeError as error:
        log.warning("stripe", kind=type(error).__name__, code=error.code, stripe_request=error.request_id)
        raise _refusal(error) from None


def _refusal(error: stripe.StripeError) -> GatewayRefused | GatewayUnreachable:
    status = error.http_status or 0
    if isinstance(error, stripe.RateLimitError) or status == 409 or not 400 <= status < 500:
        return GatewayUnreachable()
    return GatewayMissing() if error.code == "resource_missing" else GatewayRefused()
