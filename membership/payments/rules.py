"""How receipts are numbered, and how a refund goes forward only."""

from membership.payments.models import RefundStatus

# Balance transactions that move money between Stripe and the bank, in Stripe's words.
PAYOUTS = frozenset({"payout", "payout_reversal", "payout_cancel", "payout_failure"})
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
