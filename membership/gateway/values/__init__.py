"""What a payment provider tells us, in our own words: frozen values, amounts in minor units, times aware UTC."""

from membership.gateway.values.changes import CouponWish, Preview, PriceChange
from membership.gateway.values.checkouts import (
    CHECKOUT_LIFE,
    LAST_MOMENT_TO_ASK,
    CheckoutSnapshot,
    CheckoutStatus,
    DonationCheckout,
    SubscriptionCheckout,
)
from membership.gateway.values.disputes import DisputeSnapshot, FraudWarningSnapshot
from membership.gateway.values.payments import (
    ChargeSnapshot,
    PaymentSnapshot,
    RefundSnapshot,
    ReturnedDebit,
    SettlementSnapshot,
)
from membership.gateway.values.payouts import PayoutSnapshot
from membership.gateway.values.platform import AccountSnapshot, EndpointSnapshot, GatewayEvent
from membership.gateway.values.subscriptions import InvoiceSnapshot, SubscriptionSnapshot

__all__ = [
    "CHECKOUT_LIFE",
    "LAST_MOMENT_TO_ASK",
    "AccountSnapshot",
    "ChargeSnapshot",
    "CheckoutSnapshot",
    "CheckoutStatus",
    "CouponWish",
    "DisputeSnapshot",
    "DonationCheckout",
    "EndpointSnapshot",
    "FraudWarningSnapshot",
    "GatewayEvent",
    "InvoiceSnapshot",
    "PaymentSnapshot",
    "PayoutSnapshot",
    "Preview",
    "PriceChange",
    "RefundSnapshot",
    "ReturnedDebit",
    "SettlementSnapshot",
    "SubscriptionCheckout",
    "SubscriptionSnapshot",
]
