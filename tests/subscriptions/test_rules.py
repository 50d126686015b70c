"""What invoices pay for, and which news is too old to believe."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from membership.subscriptions import rules
from membership.subscriptions.models import (
    IntentStatus,
    Invoice,
    InvoiceStatus,
    Subscription,
    SubscriptionIntent,
    SubscriptionStatus,
)
from membership.subscriptions.rules import Standing
from tests.subscriptions.making import ENDED, INVOICE, MONTH, SNAPSHOT, START


def invoice(status, months=1, **fields):
    return Invoice(status=status, period_ends_at=START + months * MONTH, **fields)


def test_access_lasts_to_the_end_of_the_last_paid_period():
    invoices = [invoice(InvoiceStatus.PAID, 2), invoice(InvoiceStatus.PAID, 1), invoice(InvoiceStatus.OPEN, 3)]

    assert rules.paid_through(invoices) == START + 2 * MONTH


def test_a_revoked_period_carries_no_access():
    assert rules.paid_through([invoice(InvoiceStatus.PAID, revoked_at=START)]) is None
    assert rules.paid_through([]) is None


def test_patience_counts_from_the_oldest_failure_that_is_still_unpaid():
    invoices = [
        invoice(InvoiceStatus.PAID, first_failed_at=START),
        invoice(InvoiceStatus.OPEN, first_failed_at=START + 2 * MONTH),
        invoice(InvoiceStatus.UNCOLLECTIBLE, first_failed_at=START + MONTH),
        invoice(InvoiceStatus.OPEN),
    ]

    assert rules.failing_since(invoices) == START + MONTH
    assert rules.grace_until(START, 14) == START + timedelta(days=14)
    assert rules.failing_since([]) is None


@pytest.mark.parametrize(
    ("status", "cancel_at", "standing"),
    [
        (SubscriptionStatus.INCOMPLETE, None, Standing.STARTING),
        (SubscriptionStatus.ACTIVE, None, Standing.ACTIVE),
        (SubscriptionStatus.TRIALING, START, Standing.ENDING),
        (SubscriptionStatus.ACTIVE, START, Standing.ENDING),
        (SubscriptionStatus.PAST_DUE, START, Standing.LATE),
        (SubscriptionStatus.UNPAID, None, Standing.LATE),
        (SubscriptionStatus.PAUSED, None, Standing.PAUSED),
        (SubscriptionStatus.ENDED, START, Standing.ENDED),
        (SubscriptionStatus.EXPIRED, None, Standing.ENDED),
    ],
)
def test_late_ending_and_ended_are_different_words(status, cancel_at, standing):
    assert rules.standing_of(Subscription(status=status, cancel_at=cancel_at)) is standing


@pytest.mark.parametrize("word", ["active", "past_due", "unpaid", "paused", "trialing", "incomplete"])
def test_most_words_of_the_provider_are_ours(word):
    assert rules.status_of(word).value == word


def test_the_provider_s_two_ends_are_told_apart():
    assert rules.status_of("canceled") is SubscriptionStatus.ENDED
    assert rules.status_of("incomplete_expired") is SubscriptionStatus.EXPIRED


def test_a_new_word_of_the_provider_is_not_guessed():
    with pytest.raises(ValueError, match="sleeping"):
        rules.status_of("sleeping")


def test_an_end_is_final_and_a_period_only_moves_on():
    running = Subscription(status=SubscriptionStatus.ACTIVE, period_starts_at=START, as_of=START)
    over = Subscription(status=SubscriptionStatus.ENDED, period_starts_at=START, as_of=START)

    assert rules.is_stale(over, SNAPSHOT)
    assert not rules.is_stale(over, ENDED)
    assert not rules.is_stale(running, SNAPSHOT)
    assert rules.is_stale(running, replace(SNAPSHOT, period_starts_at=START - MONTH))
    assert rules.is_stale(running, replace(SNAPSHOT, as_of=START - MONTH))


@given(st.lists(st.sampled_from([status.value for status in InvoiceStatus]), max_size=6))
def test_news_of_an_invoice_never_undoes_an_end(words):
    status = InvoiceStatus.DRAFT
    for word in words:
        before, status = status, rules.invoice_status(status, replace(INVOICE, status=word))

        assert before not in {InvoiceStatus.PAID, InvoiceStatus.VOID} or status is before


@pytest.mark.parametrize(
    ("status", "left", "may"),
    [
        (IntentStatus.OPEN, timedelta(minutes=1), True),
        (IntentStatus.OPEN, timedelta(), False),
        (IntentStatus.STARTED, timedelta(minutes=36), True),
        (IntentStatus.STARTED, timedelta(minutes=35), False),
    ],
)
def test_a_wish_is_asked_again_while_the_provider_would_take_it(status, left, may):
    intent = SubscriptionIntent(status=status, price_id=1, expires_at=START + left)

    assert rules.may_still_be_asked(intent, 1, None, START) is may
    assert not rules.may_still_be_asked(intent, 2, None, START)
