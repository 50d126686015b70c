"""What came in and who is here: views over the payments, the journal and the decisions."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Subquery, and_, case, func, literal, literal_column, or_, select, union_all
from sqlalchemy import Row as Found
from sqlalchemy.orm import Session

from membership.access import service as access
from membership.clock import utc_now
from membership.ledger.models import Account, Entry, JournalTransaction
from membership.money import Money
from membership.payments.models import Payment, Refund
from membership.reports import rules
from membership.reports.rules import Cell, Figures, MonthReport, Purpose, Row, Window
from membership.subscriptions.models import Subscription, SubscriptionStatus
from membership.tiers.models import Tier
from membership.tiers.service import list_tiers

BATCH = 500

_PURPOSE = case((Payment.donation_id.is_not(None), Purpose.DONATION.value), else_=Purpose.SUBSCRIPTION.value)
_ORIGIN = (
    Payment.receipt_number,
    _PURPOSE.label("purpose"),
    func.coalesce(Tier.slug, "").label("tier"),
    Payment.source,
)
_NOUGHT: ColumnElement[int] = literal_column("0")


def _movements() -> Subquery:
    paid = select(
        Payment.paid_at.label("moment"),
        literal(False).label("is_refund"),
        *_ORIGIN,
        Payment.gross_currency.label("currency"),
        Payment.gross_minor.label("gross"),
        _NOUGHT.label("refunded"),
        Payment.fee_minor.label("fee"),
    ).outerjoin(Tier, Tier.id == Payment.tier_id)
    # A refund counts when the journal says that it moved, and again, the other way, if it came back.
    back = (
        select(
            JournalTransaction.occurred_at,
            literal(True),
            *_ORIGIN,
            Entry.amount_currency,
            _NOUGHT,
            Entry.amount_minor,
            _NOUGHT,
        )
        .join(Entry, Entry.transaction_id == JournalTransaction.id)
        .join(Refund, _books(Refund.stripe_refund_id))
        .join(Payment, Payment.id == Refund.payment_id)
        .outerjoin(Tier, Tier.id == Payment.tier_id)
        .where(Entry.account == Account.REFUNDS)
    )
    return union_all(paid, back).subquery("movements")


def _books(stripe_refund_id: Any) -> Any:
    causes = ("refund:", "refund_failed:")
    return or_(*(JournalTransaction.cause == literal(cause).concat(stripe_refund_id) for cause in causes))


MOVEMENTS = _movements()


def list_rows(session: Session, window: Window) -> Iterator[Row]:
    """Yield what moved in a window, oldest first, a batch at a time and as of one moment."""
    moved = select(MOVEMENTS).where(MOVEMENTS.c.moment >= window.since, MOVEMENTS.c.moment < window.until)
    ordered = moved.order_by(MOVEMENTS.c.moment, MOVEMENTS.c.receipt_number, MOVEMENTS.c.is_refund)
    for found in session.execute(ordered.execution_options(yield_per=BATCH)):
        yield _row(found)


def _row(found: Found[Any]) -> Row:
    return Row(
        moment=found.moment,
        is_refund=bool(found.is_refund),
        receipt_number=found.receipt_number,
        purpose=Purpose(found.purpose),
        tier=found.tier,
        source=found.source,
        gross=Money(found.gross, found.currency),
        refunded=Money(found.refunded, found.currency),
        fee=None if found.fee is None else Money(found.fee, found.currency),
    )


def list_cells(session: Session, windows: Sequence[Window]) -> list[Cell]:
    """Add up what moved in each of some windows that do not overlap."""
    moved = MOVEMENTS.c
    within = [and_(moved.moment >= window.since, moved.moment < window.until) for window in windows]
    place = case(*((condition, index) for index, condition in enumerate(within)))
    placed = select(MOVEMENTS, place.label("place")).where(or_(*within)).subquery()
    keys = (placed.c.place, placed.c.currency, placed.c.purpose, placed.c.tier, placed.c.source)
    summed = select(*keys, *_sums(placed)).group_by(*keys)
    return [_cell(found, windows[found.place].month) for found in session.execute(summed)]


def _sums(placed: Subquery) -> tuple[Any, ...]:
    is_payment = case((placed.c.is_refund, 0), else_=1)
    return (
        func.sum(is_payment).label("payments"),
        func.sum(1 - is_payment).label("refunds"),
        func.sum(placed.c.gross).label("gross"),
        func.sum(placed.c.refunded).label("refunded"),
        func.coalesce(func.sum(placed.c.fee), 0).label("fee"),
        func.sum(case((placed.c.fee.is_(None), 1), else_=0)).label("unknown_fees"),
    )


def _cell(found: Found[Any], month: date) -> Cell:
    return Cell(
        month=month,
        currency=found.currency,
        purpose=Purpose(found.purpose),
        tier=found.tier,
        source=found.source,
        payments=int(found.payments),
        gross=int(found.gross),
        fee=int(found.fee),
        unknown_fees=int(found.unknown_fees),
        refunds=int(found.refunds),
        refunded=int(found.refunded),
    )


def month_report(session: Session, month: date, timezone: str) -> MonthReport:
    """Report what came in during a month of the publication's zone, per currency and never across currencies."""
    window = rules.window_of(month, timezone)
    cells = list_cells(session, [window])
    return MonthReport(
        window=window,
        as_of=utc_now(),
        totals=rules.totals(cells),
        by_purpose=rules.parts(cells, lambda cell: cell.purpose.value),
        by_tier=rules.parts(cells, lambda cell: cell.tier),
        by_source=rules.parts(cells, lambda cell: cell.source),
        begun=count_begun(session, window),
        ended=count_ended(session, window),
    )


def list_months(session: Session, last: date, timezone: str, count: int = 12) -> list[tuple[date, list[Figures]]]:
    """Return the figures of the last months up to this one, the earliest first; an empty month has none."""
    windows = rules.months_until(last, count, timezone)
    cells = list_cells(session, windows)
    return [(window.month, rules.totals([cell for cell in cells if cell.month == window.month])) for window in windows]


def compare(session: Session, month: date, timezone: str, now: datetime) -> tuple[list[Figures], list[Figures]]:
    """Return the figures of a month so far, and of the same stretch of the month before."""
    window = rules.so_far(rules.window_of(month, timezone), now)
    before = rules.same_stretch(rules.window_of(rules.step(month, -1), timezone), window)
    cells = list_cells(session, [window, before])
    present = [cell for cell in cells if cell.month == month]
    past = [cell for cell in cells if cell.month != month]
    currencies = sorted({cell.currency for cell in cells})
    return [rules.add_up(present, currency) for currency in currencies], [
        rules.add_up(past, currency) for currency in currencies
    ]


def count_members(session: Session, now: datetime) -> Counter[str]:
    """Count who holds at least one flag now, by the slug of the tier that gives it."""
    tier_of: dict[int, str] = {}
    for flag in rules.covering(tier.flags for tier in list_tiers(session)):
        for member in access.list_members(session, flag, now):
            tier_of.setdefault(member.patron_id, member.tier_slug)
    return Counter(tier_of.values())


def count_begun(session: Session, window: Window) -> int:
    """Count the subscriptions that began in a window and were paid for."""
    never_paid = (SubscriptionStatus.INCOMPLETE, SubscriptionStatus.EXPIRED)
    began = select(func.count()).where(
        Subscription.started_at >= window.since,
        Subscription.started_at < window.until,
        Subscription.status.not_in(never_paid),
    )
    return session.scalar(began) or 0


def count_ended(session: Session, window: Window) -> int:
    """Count the subscriptions that ended in a window."""
    over = select(func.count()).where(
        Subscription.ended_at >= window.since,
        Subscription.ended_at < window.until,
        Subscription.status == SubscriptionStatus.ENDED,
    )
    return session.scalar(over) or 0
