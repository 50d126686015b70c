"""What must always be true of the journal."""

from collections.abc import Callable

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from membership.ledger.models import Account, Entry, JournalTransaction
from membership.money import CURRENCIES


def unbalanced(session: Session) -> list[str]:
    """List the movements whose legs do not sum to zero in a currency, or that have none."""
    summed = select(Entry.transaction_id).group_by(Entry.transaction_id, Entry.amount_currency)
    wrong = summed.having(func.sum(Entry.amount_minor) != 0)
    whole = select(Entry.transaction_id)
    found = select(JournalTransaction.cause).where(
        or_(JournalTransaction.id.in_(wrong), JournalTransaction.id.not_in(whole))
    )
    return list(session.scalars(found.order_by(JournalTransaction.cause)))


def settled_without_trace(session: Session) -> list[str]:
    """List the movements on the Stripe account that name no balance transaction of Stripe, and the other way round."""
    moved = select(Entry.transaction_id).where(Entry.account == Account.STRIPE)
    named = JournalTransaction.stripe_balance_transaction_id.is_not(None)
    found = select(JournalTransaction.cause).where(named != JournalTransaction.id.in_(moved))
    return list(session.scalars(found.order_by(JournalTransaction.cause)))


def unknown_currencies(session: Session) -> list[str]:
    """List the entries in a currency that we do not know the minor units of."""
    found = select(Entry.id).where(Entry.amount_currency.not_in(CURRENCIES)).order_by(Entry.id)
    return [f"entry {number}" for number in session.scalars(found)]


INVARIANTS: dict[str, Callable[[Session], list[str]]] = {
    "I1 journal sums to zero": unbalanced,
    "I2 each Stripe movement has its balance transaction": settled_without_trace,
    "I14 journal currencies known": unknown_currencies,
}
