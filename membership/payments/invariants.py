"""What must always be true of payments and refunds, and of what the books say of them."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import timedelta

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from membership.clock import utc_now
from membership.ledger.models import INCOME, Account, Entry, JournalKind, JournalTransaction
from membership.ledger.service import balances
from membership.money import CURRENCIES
from membership.payments.models import (
    BalanceTransaction,
    Dispute,
    Payment,
    ReceiptCounter,
    Refund,
    RefundStatus,
)
from membership.payments.rules import RETURN

_SENT = [RefundStatus.PENDING, RefundStatus.SUCCEEDED]
# What came past Stripe is a payment, too; what a reversal mends has no row.
_WITH_A_ROW = set(JournalKind) - {JournalKind.REVERSAL}
# The sweeper and the reconciler have long had their turn by then.
LONGEST_WAIT = timedelta(days=1)


def wrongly_refunded(session: Session) -> list[str]:
    """List the payments that say another sum was given back than their refunds do."""
    own = Refund.payment_id == Payment.id
    sent = select(func.coalesce(func.sum(Refund.amount_minor), 0)).where(own, Refund.status.in_(_SENT))
    mixed = select(Refund.id).where(own, Refund.amount_currency != Payment.gross_currency)
    wrong = or_(Payment.refunded_minor != sent.scalar_subquery(), mixed.exists())
    return _receipts(session, wrong)


def wrongly_booked(session: Session) -> list[str]:
    """List the currencies in which the journal holds other sums than the payments."""
    held: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for (account, currency), minor in balances(session, kinds=_WITH_A_ROW).items():
        held[currency][0] -= minor if account in INCOME else 0
        held[currency][1] += minor if account is Account.REFUNDS else 0
    sums = select(Payment.gross_currency, func.sum(Payment.gross_minor), func.sum(Payment.refunded_minor))
    for currency, gross, refunded in session.execute(sums.group_by(Payment.gross_currency)):
        held[currency][0] -= int(gross)
        held[currency][1] -= int(refunded)
    return sorted(
        f"{currency}: {income=} {refunds=}" for currency, (income, refunds) in held.items() if income or refunds
    )


def unknown_currencies(session: Session) -> list[str]:
    """List the payments in a currency that we do not know the minor units of."""
    return _receipts(session, Payment.gross_currency.not_in(CURRENCIES))


def lost_receipts(session: Session) -> list[str]:
    """List the years whose receipts are not numbered from one without a gap."""
    last = {counter.year: counter.last for counter in session.scalars(select(ReceiptCounter))}
    given = _numbers_by_year(session.scalars(select(Payment.receipt_number)))
    years = sorted(last.keys() | given.keys())
    return [str(year) for year in years if given.get(year, set()) != set(range(1, last.get(year, 0) + 1))]


def _numbers_by_year(receipts: Iterable[str]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    for receipt in receipts:
        _, year, number = receipt.split("-")
        found[int(year)].add(int(number))
    return found


def forgotten_refunds(session: Session) -> list[str]:
    """List the refunds that were written down and never got an answer."""
    old = Refund.created_at < utc_now() - LONGEST_WAIT
    found = select(Refund.reference).where(Refund.status == RefundStatus.STARTED, old)
    return list(session.scalars(found.order_by(Refund.id)))


def _receipts(session: Session, wrong: ColumnElement[bool]) -> list[str]:
    return list(session.scalars(select(Payment.receipt_number).where(wrong).order_by(Payment.receipt_number)))


def settled_otherwise(session: Session) -> list[str]:
    """List the lines of Stripe's own account that the books tell otherwise, or still do not tell after a day."""
    held = Account.STRIPE
    stripe_leg = (
        select(func.sum(Entry.amount_minor))
        .join(JournalTransaction, JournalTransaction.id == Entry.transaction_id)
        .where(Entry.account == held, Entry.amount_currency == BalanceTransaction.currency)
        .where(JournalTransaction.stripe_balance_transaction_id == BalanceTransaction.stripe_balance_transaction_id)
        .correlate(BalanceTransaction)
        .scalar_subquery()
    )
    late = BalanceTransaction.created_at < utc_now() - LONGEST_WAIT
    differs = stripe_leg != BalanceTransaction.net_minor
    forgotten = stripe_leg.is_(None) & late & (BalanceTransaction.net_minor != 0)
    name = BalanceTransaction.stripe_balance_transaction_id
    return list(session.scalars(select(name).where(or_(differs, forgotten)).order_by(name)))


def returned_otherwise(session: Session) -> list[str]:
    """List the payments that count although their debit came back, and the currencies that the books tell otherwise."""
    gone = select(BalanceTransaction.id).where(
        BalanceTransaction.stripe_source_id == Payment.stripe_charge_id, BalanceTransaction.category == RETURN
    )
    standing = _receipts(session, Payment.returned_at.is_(None) & gone.exists())
    sums = select(Payment.gross_currency, func.sum(Payment.gross_minor)).where(Payment.returned_at.is_not(None))
    ours = {currency: int(minor) for currency, minor in session.execute(sums.group_by(Payment.gross_currency))}
    held = balances(session, kinds={JournalKind.RETURN}).items()
    booked = {currency: minor for (account, currency), minor in held if account is Account.RETURNED_DEBITS}
    return standing + sorted(one for one in ours.keys() | booked.keys() if ours.get(one) != booked.get(one))


def overdrawn_payments(session: Session) -> list[str]:
    """List the payments of which a bank disputes more than came in.

    What was sent back may be disputed all the same, so both together can be more than the payment.
    """
    more = Dispute.amount_minor > Payment.gross_minor
    other = Dispute.amount_currency != Payment.gross_currency
    return _receipts(session, select(Dispute.id).where(Dispute.payment_id == Payment.id, or_(more, other)).exists())


INVARIANTS: dict[str, Callable[[Session], list[str]]] = {
    "I2 the books equal Stripe's own account": settled_otherwise,
    "I8 no more is disputed than came in": overdrawn_payments,
    "I8 debits that came back do not count": returned_otherwise,
    "I8 refunds add up": wrongly_refunded,
    "I8 journal equals payments": wrongly_booked,
    "I13 receipts without a gap": lost_receipts,
    "I14 payment currencies known": unknown_currencies,
    "I18 refunds answered": forgotten_refunds,
}
