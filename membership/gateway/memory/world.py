"""The provider's books in memory, and the messages that it writes."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import Protocol, TypeVar

from membership.clock import utc_now
from membership.gateway import signatures
from membership.gateway.errors import GatewayMissing
from membership.gateway.values import (
    CheckoutSnapshot,
    CouponWish,
    DisputeSnapshot,
    DonationCheckout,
    EndpointSnapshot,
    FraudWarningSnapshot,
    GatewayEvent,
    InvoiceSnapshot,
    PaymentSnapshot,
    PayoutSnapshot,
    RefundSnapshot,
    ReturnedDebit,
    SettlementSnapshot,
    SubscriptionCheckout,
    SubscriptionSnapshot,
)
from membership.money import Money

API_VERSION = "2026-10-28.endive"
T = TypeVar("T")


class Named(Protocol):
    @property
    def id(self) -> str: ...


class Dated(Named, Protocol):
    @property
    def created_at(self) -> datetime: ...


@dataclass(frozen=True, slots=True)
class ListedPrice:
    """A price in the provider's catalogue."""

    product_id: str
    amount: Money
    interval: str


@dataclass
class World:
    """Everything that the provider knows, by id and oldest first; `events` are the messages not yet delivered.

    `paid_out` says of a balance transaction with which payout it left. `rhythms` keep from when a subscription's months
    are counted, and how many of them were asked for; `carried` is what was too little to charge and comes with the next
    invoice; `bad_cards` are the customers whose card is declined.
    """

    customers: dict[str, str] = field(default_factory=dict)
    products: dict[str, str] = field(default_factory=dict)
    prices: dict[str, ListedPrice] = field(default_factory=dict)
    lookup_keys: dict[str, str] = field(default_factory=dict)
    wishes: dict[str, SubscriptionCheckout | DonationCheckout] = field(default_factory=dict)
    checkouts: dict[str, CheckoutSnapshot] = field(default_factory=dict)
    subscriptions: dict[str, SubscriptionSnapshot] = field(default_factory=dict)
    invoices: dict[str, InvoiceSnapshot] = field(default_factory=dict)
    payments: dict[str, PaymentSnapshot] = field(default_factory=dict)
    payment_times: dict[str, datetime] = field(default_factory=dict)
    returned: dict[str, ReturnedDebit] = field(default_factory=dict)
    refunds: dict[str, RefundSnapshot] = field(default_factory=dict)
    settlements: dict[str, SettlementSnapshot] = field(default_factory=dict)
    disputes: dict[str, DisputeSnapshot] = field(default_factory=dict)
    fraud_warnings: dict[str, FraudWarningSnapshot] = field(default_factory=dict)
    payouts: dict[str, PayoutSnapshot] = field(default_factory=dict)
    paid_out: dict[str, str] = field(default_factory=dict)
    coupons: dict[str, CouponWish] = field(default_factory=dict)
    endpoints: dict[str, EndpointSnapshot] = field(default_factory=dict)
    rhythms: dict[str, tuple[datetime, int]] = field(default_factory=dict)
    carried: dict[str, int] = field(default_factory=dict)
    bad_cards: set[str] = field(default_factory=set)
    events: list[GatewayEvent] = field(default_factory=list)
    history: list[GatewayEvent] = field(default_factory=list)
    numbers: "count[int]" = field(default_factory=lambda: count(1))

    def new_id(self, prefix: str) -> str:
        return f"{prefix}_memory{next(self.numbers)}"

    def tell(self, kind: str, object_id: str) -> None:
        """Write a message about an object."""
        body = {
            "id": self.new_id("evt"),
            "object": "event",
            "api_version": API_VERSION,
            "created": int(utc_now().timestamp()),
            "livemode": False,
            "type": kind,
            "data": {"object": {"id": object_id, "object": kind.rpartition(".")[0]}},
        }
        event = signatures.read(json.dumps(body).encode())
        self.events.append(event)
        self.history.append(event)


def find(objects: dict[str, T], object_id: str) -> T:
    """Return an object, or raise GatewayMissing."""
    if object_id not in objects:
        raise GatewayMissing
    return objects[object_id]


def second(moment: datetime) -> datetime:
    """Cut a moment to whole seconds, which is all that the provider keeps."""
    return moment.replace(microsecond=0)
