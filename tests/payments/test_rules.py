"""How receipts are numbered, and how a refund goes forward only."""

import pytest

from membership.payments.models import RefundStatus
from membership.payments.rules import receipt_number, refund_status


def test_receipts_sort_as_they_were_written():
    assert receipt_number(2026, 7) == "R-2026-000007"


@pytest.mark.parametrize(
    ("known", "word", "now"),
    [
        ("started", "succeeded", "succeeded"),
        ("started", "requires_action", "pending"),
        ("pending", "pending", "pending"),
        ("succeeded", "pending", "succeeded"),
        ("succeeded", "failed", "failed"),
        ("pending", "canceled", "failed"),
        ("failed", "succeeded", "failed"),
    ],
)
def test_a_refund_goes_forward_only(known, word, now):
    assert refund_status(RefundStatus(known), word) == now
