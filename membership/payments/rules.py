"""How receipts are numbered, what news may still change, and which accounts a balance transaction moves."""

from membership.gateway.values import SettlementSnapshot
from membership.ledger.models import Account
from membership.ledger.service import Leg, exchanged
from membership.money import Money
from membership.payments.models import DisputeStatus, PayoutStatus, RefundStatus

# Balance transactions that move money between Stripe and the bank, in Stripe's words.
PAYOUTS = frozenset({"payout", "payout_reversal", "payout_cancel", "payout_failure"})
SALES = frozenset({"charge", "refund", "refund_failure"})
DISPUTES = frozenset({"dispute", "dispute_reversal"})
# A bank debit that came back, in Stripe's word for its reports.
RETURN = "charge_failure"
# A payment that a bank has still to decide about, in Stripe's word.
ON_ITS_WAY = "processing"
# What Stripe itself charges for its services, without any payment.
_OWN_FEES = frozenset({"fee", "tax", "network_cost"})
_TOPUPS = frozenset({"topup", "topup_reversal"})
_STRIPE_WORDS = {
    "succeeded": RefundStatus.SUCCEEDED,
    "failed": RefundStatus.FAILED,
    "canceled": RefundStatus.FAILED,
}
_ORDER = (RefundStatus.STARTED, RefundStatus.PENDING, RefundStatus.SUCCEEDED, RefundStatus.FAILED)


def receipt_number(year: int, number: int) -> str:
    """Return the number on a receipt: R-2026-000001."""
    return f"R-{year}-{number:06d}"


def refund_status(known: RefundStatus, stripe_word: str) -> RefundStatus:
    """Return the status of a refund after news of it: it may fail after it succeeded, but never the other way round."""
    told = _STRIPE_WORDS.get(stripe_word, RefundStatus.PENDING)
    return max(known, told, key=_ORDER.index)


_DISPUTE_WORDS = {
    "won": DisputeStatus.WON,
    "lost": DisputeStatus.LOST,
    "warning_closed": DisputeStatus.CLOSED,
    "prevented": DisputeStatus.CLOSED,
}
_DISPUTE_ORDER = (
    DisputeStatus.INQUIRY,
    DisputeStatus.OPEN,
    DisputeStatus.CLOSED,
    DisputeStatus.LOST,
    DisputeStatus.WON,
)
_PAYOUT_ORDER = tuple(PayoutStatus)


def dispute_status(known: DisputeStatus | None, stripe_word: str) -> DisputeStatus:
    """Return the status of a dispute after news of it; only an appeal opens it again."""
    is_asked = stripe_word.startswith("warning_")
    told = _DISPUTE_WORDS.get(stripe_word, DisputeStatus.INQUIRY if is_asked else DisputeStatus.OPEN)
    if known is None or (known is DisputeStatus.LOST and stripe_word.startswith("appeal_")):
        return told
    return max(known, told, key=_DISPUTE_ORDER.index)


def payout_status(known: PayoutStatus | None, stripe_word: str) -> PayoutStatus:
    """Return the status of a payout after news of it: it may fail after it was paid, but never the other way round."""
    told = PayoutStatus(stripe_word)
    return told if known is None else max(known, told, key=_PAYOUT_ORDER.index)


def legs_of(settlement: SettlementSnapshot, sold: Money) -> list[Leg]:
    """Return what a balance transaction moves; `sold` is the amount of its charge, refund or dispute.

    Stripe may have converted it: then two currencies meet. What a bank wants for its trouble is a fee of its own kind.
    """
    against = Account.DISPUTES if settlement.category in DISPUTES else Account.CLEARING
    fees = Account.DISPUTE_FEES if settlement.category in DISPUTES | {RETURN} else Account.FEES
    moved = settlement.gross
    if moved.currency != sold.currency:
        moved = sold if settlement.gross.minor > 0 else -sold
    return exchanged([(Account.STRIPE, settlement.net), (fees, settlement.fee), (against, -moved)])


def loose_legs_of(settlement: SettlementSnapshot) -> list[Leg]:
    """Return what a balance transaction moves of the account as a whole: a payout, a fee of Stripe's own, a top-up."""
    stripe = (Account.STRIPE, settlement.net)
    if settlement.category in PAYOUTS:
        return [stripe, (Account.FEES, settlement.fee), (Account.TRANSIT, -settlement.gross)]
    if settlement.category in _OWN_FEES:
        return [stripe, (Account.FEES, -settlement.net)]
    return [stripe, (Account.FEES, settlement.fee), (Account.BANK, -settlement.gross)]


def is_of_the_account(category: str) -> bool:
    """Whether a balance transaction belongs to the account as a whole, whatever is sold there."""
    return category in PAYOUTS | _OWN_FEES | _TOPUPS
