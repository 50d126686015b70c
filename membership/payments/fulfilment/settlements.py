"""Balance transactions: kept as Stripe tells them, and booked once; each is somebody's sale, or the account's own."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from membership.db import insert_unless_known
from membership.gateway.values import SettlementSnapshot
from membership.ledger.models import Account, JournalKind, JournalTransaction
from membership.ledger.service import Leg, book
from membership.money import Money
from membership.payments import rules
from membership.payments.models import BalanceTransaction


def settle(session: Session, settlement: SettlementSnapshot, kind: JournalKind, sold: Money) -> None:
    """Book a balance transaction of a charge, refund or dispute of ours, whose amount is `sold`."""
    _book(session, settlement, kind, rules.legs_of(settlement, sold))


def settle_for_the_account(session: Session, settlement: SettlementSnapshot) -> None:
    """Book a payout, a fee of Stripe's own, a top-up."""
    kind = JournalKind.PAYOUT if settlement.category in rules.PAYOUTS else JournalKind.OTHER
    _book(session, settlement, kind, rules.loose_legs_of(settlement))


def settle_for_others(session: Session, settlement: SettlementSnapshot) -> None:
    """Book what moved for products that are not ours, so that the account in the books is the one at Stripe."""
    keep(session, settlement, is_ours=False)
    book(session, _cause(settlement), JournalKind.OTHER, settlement.created_at, _for_others(settlement), settlement.id)


def keep(session: Session, settlement: SettlementSnapshot, *, is_ours: bool) -> bool:
    """Keep a balance transaction as Stripe tells it; return whether it is new."""
    values = {
        "stripe_balance_transaction_id": settlement.id,
        "stripe_source_id": settlement.source_id,
        "category": settlement.category,
        "gross_minor": settlement.gross.minor,
        "fee_minor": settlement.fee.minor,
        "net_minor": settlement.net.minor,
        "currency": settlement.net.currency,
        "is_ours": is_ours,
        "created_at": settlement.created_at,
    }
    return insert_unless_known(session, BalanceTransaction, values) is not None


def _book(session: Session, settlement: SettlementSnapshot, kind: JournalKind, legs: list[Leg]) -> None:
    if keep(session, settlement, is_ours=True):
        book(session, _cause(settlement), kind, settlement.created_at, legs, settlement.id)
        return
    kept = session.scalars(
        select(BalanceTransaction)
        .filter_by(stripe_balance_transaction_id=settlement.id)
        .execution_options(populate_existing=True)
    ).one()
    if not kept.is_ours:
        kept.is_ours = True
        _claim(session, settlement, kind, legs)


def _claim(session: Session, settlement: SettlementSnapshot, kind: JournalKind, legs: list[Leg]) -> None:
    booked = select(JournalTransaction.id).filter_by(stripe_balance_transaction_id=settlement.id)
    if session.scalar(booked) is None:
        book(session, _cause(settlement), kind, settlement.created_at, legs, settlement.id)
        return
    # It was taken for another product's. What is on the account stays; only what it was for is put right.
    right = [(Account.OTHERS, amount) if account is Account.STRIPE else (account, amount) for account, amount in legs]
    book(session, f"reclassified:{settlement.id}", kind, settlement.created_at, right)


def _for_others(settlement: SettlementSnapshot) -> list[Leg]:
    return [(Account.STRIPE, settlement.net), (Account.OTHERS, -settlement.net)]


def _cause(settlement: SettlementSnapshot) -> str:
    return f"settlement:{settlement.id}"
