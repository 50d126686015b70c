"""The proof of a payout: each of Stripe's lines beside what the books hold for it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from membership.ledger.models import Account, Entry, JournalTransaction
from membership.money import Money
from membership.payments.models import BalanceTransaction, Payout
from membership.reports.errors import UnknownPayout


@dataclass(frozen=True, slots=True)
class ProofLine:
    """One balance transaction; `booked` is what it moved in our books, none when it is not in them."""

    stripe_balance_transaction_id: str
    stripe_source_id: str | None
    category: str
    is_ours: bool
    created_at: datetime
    net: Money
    booked: Money | None

    @property
    def is_matched(self) -> bool:
        return self.booked == self.net


@dataclass(frozen=True, slots=True)
class PayoutProof:
    """A payout and its lines; `is_complete` is false while Stripe has not told them all."""

    stripe_payout_id: str
    status: str
    amount: Money
    arrives_at: datetime
    is_complete: bool
    lines: tuple[ProofLine, ...]

    @property
    def matched(self) -> Money:
        return self._sum([line for line in self.lines if line.is_matched])

    @property
    def unmatched(self) -> tuple[ProofLine, ...]:
        return tuple(line for line in self.lines if not line.is_matched)

    @property
    def difference(self) -> Money:
        """What reached the bank and is not explained by lines that the books hold."""
        return self.amount - self.matched

    @property
    def is_proven(self) -> bool:
        return self.is_complete and not self.unmatched and not self.difference.minor

    def _sum(self, lines: list[ProofLine]) -> Money:
        return Money(sum(line.net.minor for line in lines), self.amount.currency)


def prove_payout(session: Session, stripe_payout_id: str) -> PayoutProof:
    """Match a payout line by line with the journal; raises UnknownPayout."""
    payout = session.scalar(select(Payout).filter_by(stripe_payout_id=stripe_payout_id))
    if payout is None:
        raise UnknownPayout
    return PayoutProof(
        stripe_payout_id,
        payout.status.value,
        payout.amount,
        payout.arrives_at,
        payout.is_complete,
        _lines(session, payout.id),
    )


def list_payouts(session: Session, most: int = 50) -> list[PayoutProof]:
    """Prove the latest payouts, newest first."""
    latest = select(Payout.stripe_payout_id).order_by(Payout.created_at.desc(), Payout.id.desc()).limit(most)
    return [prove_payout(session, one) for one in session.scalars(latest)]


def _lines(session: Session, payout_id: int) -> tuple[ProofLine, ...]:
    line = BalanceTransaction
    booked = (
        select(func.sum(Entry.amount_minor))
        .join(JournalTransaction, JournalTransaction.id == Entry.transaction_id)
        .where(Entry.account == Account.STRIPE, Entry.amount_currency == line.currency)
        .where(JournalTransaction.stripe_balance_transaction_id == line.stripe_balance_transaction_id)
        .correlate(line)
        .scalar_subquery()
    )
    found = session.execute(select(line, booked).where(line.payout_id == payout_id).order_by(line.created_at, line.id))
    return tuple(
        ProofLine(
            one.stripe_balance_transaction_id,
            one.stripe_source_id,
            one.category,
            one.is_ours,
            one.created_at,
            Money(one.net_minor, one.currency),
            None if minor is None else Money(int(minor), one.currency),
        )
        for one, minor in found
    )
