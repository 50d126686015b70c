"""What must always be true of the reports."""

from collections import Counter
from collections.abc import Callable

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from membership.ledger.models import Account
from membership.ledger.service import balances
from membership.reports.service.counted import MOVEMENTS

_BOOKED = {
    Account.SUBSCRIPTION_INCOME: ("gross", -1),
    Account.DONATION_INCOME: ("gross", -1),
    Account.GIFT_INCOME: ("gross", -1),
    Account.GRANT_INCOME: ("gross", -1),
    Account.COVERED_FEES: ("covered", -1),
    Account.REFUNDS: ("refunded", 1),
    Account.RETURNED_DEBITS: ("returned", 1),
    Account.DISPUTES: ("disputed", 1),
    Account.DISPUTE_FEES: ("dispute_fees", 1),
    Account.WRITE_OFFS: ("written_off", 1),
}
_TOLD = ("gross", "covered", "refunded", "returned", "disputed", "dispute_fees", "written_off")


def reports_equal_the_journal(session: Session) -> list[str]:
    """Name the sums, per currency, that reports and journal tell differently."""
    booked: Counter[tuple[str, str]] = Counter()
    for (account, currency), minor in balances(session).items():
        if account in _BOOKED:
            name, sign = _BOOKED[account]
            booked[name, currency] += sign * minor
    reported = _reported(session)
    return sorted(
        f"{name} in {currency}"
        for name, currency in booked.keys() | reported.keys()
        if booked[name, currency] != reported[name, currency]
    )


def _reported(session: Session) -> Counter[tuple[str, str]]:
    sums = (func.sum(MOVEMENTS.c[name]) for name in _TOLD)
    currency_of = MOVEMENTS.c.currency
    reported: Counter[tuple[str, str]] = Counter()
    for currency, *told in session.execute(select(currency_of, *sums).group_by(currency_of)):
        for name, minor in zip(_TOLD, told, strict=True):
            reported[name, currency] = int(minor)
    return reported


INVARIANTS: dict[str, Callable[[Session], list[str]]] = {
    "I19 reports equal the journal": reports_equal_the_journal,
}
