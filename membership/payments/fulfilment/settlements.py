"""Balance transactions: kept as Stripe tells them, and booked once; each is somebody's sale, or the account's own."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from membership.gateway.values import SettlementSnapshot
from membership.inserts import insert_all_unless_known
from membership.ledger.models import Account, JournalKind, JournalTransaction
from membership.ledger.service import Leg, Movement, book, book_all
from membership.money import Money
from membership.payments import rules
from membership.payments.models import BalanceTransaction


@dataclass(frozen=True, slots=True)
class Settling:
    """A balance transaction, and what it moves in the books."""

    settlement: SettlementSnapshot
    kind: JournalKind
    legs: list[Leg]

    @classmethod
    def of_sale(cls, settlement: SettlementSnapshot, kind: JournalKind, sold: Money) -> "Settling":
        """Return that of a charge, refund or dispute of ours, whose amount is `sold`."""
        return cls(settlement, kind, rules.legs_of(settlement, sold))

    @property
    def movement(self) -> Movement:
        told = self.settlement
        return Movement(_cause(told), self.kind, told.created_at, self.legs, told.id)


def settle(session: Session, settlement: SettlementSnapshot, kind: JournalKind, sold: Money) -> None:
    """Book a balance transaction of a charge, refund or dispute of ours, whose amount is `sold`."""
    settle_all(session, [Settling.of_sale(settlement, kind, sold)])


def settle_for_the_account(session: Session, settlement: SettlementSnapshot) -> None:
    """Book a payout, a fee of Stripe's own, a top-up."""
    kind = JournalKind.PAYOUT if settlement.category in rules.PAYOUTS else JournalKind.OTHER
    settle_all(session, [Settling(settlement, kind, rules.loose_legs_of(settlement))])


def settle_all(session: Session, settlings: Sequence[Settling]) -> None:
    """Book balance transactions of ours, each once."""
    new = _keep(session, [one.settlement for one in settlings], is_ours=True)
    book_all(session, [one.movement for one in settlings if one.settlement.id in new])
    for one in settlings:
        if one.settlement.id not in new:
            _settle_again(session, one)


def settle_for_others(session: Session, settlement: SettlementSnapshot) -> None:
    """Book what moved for products that are not ours, so that the account in the books is the one at Stripe."""
    keep(session, settlement, is_ours=False)
    book(session, _cause(settlement), JournalKind.OTHER, settlement.created_at, _for_others(settlement), settlement.id)


def keep(session: Session, settlement: SettlementSnapshot, *, is_ours: bool) -> bool:
    """Keep a balance transaction as Stripe tells it; return whether it is new."""
    return settlement.id in _keep(session, [settlement], is_ours=is_ours)


def _keep(session: Session, settlements: Sequence[SettlementSnapshot], *, is_ours: bool) -> Collection[str]:
    rows = [
        {
            "stripe_balance_transaction_id": one.id,
            "stripe_source_id": one.source_id,
            "category": one.category,
            "gross_minor": one.gross.minor,
            "fee_minor": one.fee.minor,
            "net_minor": one.net.minor,
            "currency": one.net.currency,
            "is_ours": is_ours,
            "created_at": one.created_at,
        }
        for one in settlements
    ]
    return insert_all_unless_known(
        session, BalanceTransaction, rows, BalanceTransaction.stripe_balance_transaction_id
    ).keys()


def _settle_again(session: Session, settling: Settling) -> None:
    kept = session.scalars(
        select(BalanceTransaction)
        .filter_by(stripe_balance_transaction_id=settling.settlement.id)
        .execution_options(populate_existing=True)
    ).one()
    if not kept.is_ours:
        kept.is_ours = True
        _claim(session, settling)


def _claim(session: Session, settling: Settling) -> None:
    told = settling.settlement
    booked = select(JournalTransaction.id).filter_by(stripe_balance_transaction_id=told.id)
    if session.scalar(booked) is None:
        book_all(session, [settling.movement])
        return
    # It was taken for another product's. What is on the account stays; only what it was for is put right.
    right = [
        (Account.OTHERS, amount) if account is Account.STRIPE else (account, amount)
        for account, amount in settling.legs
    ]
    book(session, f"reclassified:{told.id}", settling.kind, told.created_at, right)


def _for_others(settlement: SettlementSnapshot) -> list[Leg]:
    return [(Account.STRIPE, settlement.net), (Account.OTHERS, -settlement.net)]


def _cause(settlement: SettlementSnapshot) -> str:
    return f"settlement:{settlement.id}"
