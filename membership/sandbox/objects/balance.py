"""What moves the balance: a transaction for each movement, and the payouts that send it to the bank."""

from dataclasses import dataclass

from membership.sandbox.objects import nulls
from membership.sandbox.store import Object
from membership.sandbox.world import World

DAY = 24 * 3600
BANK_ACCOUNT = "ba_1SandboxOpenDaily"
# Each category of Stripe's reports, with the type of a transaction that falls into it.
TYPES = {
    "advance": "advance",
    "advance_funding": "advance_funding",
    "charge": "charge",
    "charge_failure": "payment_failure_refund",
    "climate_order_purchase": "climate_order_purchase",
    "climate_order_refund": "climate_order_refund",
    "connect_collection_transfer": "connect_collection_transfer",
    "connect_reserved_funds": "reserved_funds",
    "contribution": "contribution",
    "dispute": "adjustment",
    "dispute_reversal": "adjustment",
    "fee": "stripe_fee",
    "other_adjustment": "adjustment",
    "payout": "payout",
    "payout_reversal": "payout_failure",
    "platform_earning": "application_fee",
    "platform_earning_refund": "application_fee_refund",
    "refund": "refund",
    "refund_failure": "refund_failure",
    "risk_reserved_funds": "reserve_transaction",
    "tax": "tax_fee",
    "topup": "topup",
    "topup_reversal": "topup_reversal",
    "transfer": "transfer",
    "transfer_reversal": "transfer_refund",
}


@dataclass(frozen=True)
class Worth:
    """An amount in the currency that the balance is kept in; `rate` is None where nothing was exchanged."""

    amount: int
    currency: str
    rate: float | None = None


def transaction(world: World, worth: Worth, category: str, *, fee: int = 0, **given: object) -> Object:
    """Render a movement of the balance; amounts that leave are negative."""
    own = {
        "id": world.store.new_id("balance_transaction"),
        "object": "balance_transaction",
        "amount": worth.amount,
        "available_on": world.now(),
        "balance_type": "payments",
        "created": world.now(),
        "currency": worth.currency,
        "description": None,
        "exchange_rate": worth.rate,
        "fee": fee,
        "fee_details": [_fee(fee, worth.currency, category)] if fee else [],
        "net": worth.amount - fee,
        "reporting_category": category,
        "source": None,
        "status": "available",
        "type": TYPES[category],
    }
    return own | given


def _fee(amount: int, currency: str, category: str) -> Object:
    description = "Dispute fee" if category.startswith("dispute") else "Stripe processing fees"
    own: Object = {"amount": amount, "application": None, "currency": currency}
    return own | {"description": description, "type": "stripe_fee"}


def payout(world: World, amount: int, currency: str, *, is_automatic: bool, **given: object) -> Object:
    """Render money that is on its way to the bank."""
    own = {
        "id": world.store.new_id("payout"),
        "object": "payout",
        "amount": amount,
        "arrival_date": (world.now() // DAY + 1) * DAY,
        "automatic": is_automatic,
        "created": world.now(),
        "currency": currency,
        "description": "STRIPE PAYOUT" if is_automatic else None,
        "destination": BANK_ACCOUNT,
        "livemode": False,
        "metadata": {},
        "method": "standard",
        "reconciliation_status": "in_progress" if is_automatic else "not_applicable",
        "source_type": "card",
        "status": "pending",
        "trace_id": {"status": "pending", "value": None},
        "type": "bank_account",
    }
    empty = nulls(
        "application_fee application_fee_amount balance_transaction failure_balance_transaction failure_code "
        "failure_message original_payout payout_method reversed_by statement_descriptor"
    )
    return empty | own | given
