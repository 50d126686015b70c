"""Every movement of money as reports count it: one query that rows, sums and exports all read."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Subquery, and_, case, func, literal, literal_column, or_, select, union_all
from sqlalchemy import Row as Found
from sqlalchemy.orm import Session

from membership.donations import models as donations
from membership.donations.models import Donation
from membership.ledger.models import Account, Entry, JournalTransaction
from membership.money import Money
from membership.payments.models import Payment, Refund
from membership.reports.rules import Cell, Purpose, Row, Window
from membership.tiers.models import Tier

BATCH = 500

_PURPOSE = case(
    (Donation.purpose == donations.Purpose.MEMBERSHIP, Purpose.GIFT.value),
    (Payment.donation_id.is_not(None), Purpose.DONATION.value),
    else_=Purpose.SUBSCRIPTION.value,
)
# What a donor added for the fees is income, and no gift.
_COVERED = func.coalesce(Donation.cover_minor, 0)
_ORIGIN = (
    Payment.receipt_number,
    _PURPOSE.label("purpose"),
    func.coalesce(Tier.slug, "").label("tier"),
    Payment.source,
)
_NOUGHT: ColumnElement[int] = literal_column("0")
_PAID = select(
    Payment.paid_at.label("moment"),
    literal(False).label("is_refund"),
    *_ORIGIN,
    Payment.gross_currency.label("currency"),
    (Payment.gross_minor - _COVERED).label("gross"),
    _COVERED.label("covered"),
    _NOUGHT.label("refunded"),
    Payment.fee_minor.label("fee"),
)
_PAID = _PAID.outerjoin(Tier, Tier.id == Payment.tier_id).outerjoin(Donation, Donation.id == Payment.donation_id)
# A refund counts when the journal says that it moved, and again, the other way, if it came back.
_CAUSES = [literal(cause).concat(Refund.stripe_refund_id) for cause in ("refund:", "refund_failed:")]
_CAUSES.append(literal("refund_offline:").concat(Refund.reference))
_REFUNDED = (
    select(
        JournalTransaction.occurred_at,
        literal(True),
        *_ORIGIN,
        Entry.amount_currency,
        _NOUGHT,
        _NOUGHT,
        Entry.amount_minor,
        _NOUGHT,
    )
    .join(Entry, Entry.transaction_id == JournalTransaction.id)
    .join(Refund, JournalTransaction.cause.in_(_CAUSES))
    .join(Payment, Payment.id == Refund.payment_id)
    .outerjoin(Tier, Tier.id == Payment.tier_id)
    .outerjoin(Donation, Donation.id == Payment.donation_id)
    .where(Entry.account == Account.REFUNDS)
)
MOVEMENTS = union_all(_PAID, _REFUNDED).subquery("movements")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """Which movements are wanted; None asks for all, an empty tier or source for those without one."""

    currency: str | None = None
    purpose: str | None = None
    tier: str | None = None
    source: str | None = None


def list_rows(
    session: Session, window: Window, cut: Cut | None = None, *, offset: int = 0, most: int | None = None
) -> Iterator[Row]:
    """Yield what moved in a window, oldest first, a batch at a time and as of one moment."""
    moved = select(MOVEMENTS).where(_within(MOVEMENTS, window), *_wanted(cut or Cut()))
    ordered = moved.order_by(MOVEMENTS.c.moment, MOVEMENTS.c.receipt_number, MOVEMENTS.c.is_refund)
    page = ordered.offset(offset).limit(most)
    with session.execute(page.execution_options(yield_per=BATCH)) as found:
        yield from map(_row, found)


def _within(movements: Subquery, window: Window) -> ColumnElement[bool]:
    return and_(movements.c.moment >= window.since, movements.c.moment < window.until)


def _wanted(cut: Cut) -> Iterator[ColumnElement[bool]]:
    for name in ("currency", "purpose", "tier", "source"):
        if (value := getattr(cut, name)) is not None:
            yield MOVEMENTS.c[name] == value


def _row(found: Found[Any]) -> Row:
    return Row(
        moment=found.moment,
        is_refund=bool(found.is_refund),
        receipt_number=found.receipt_number,
        purpose=Purpose(found.purpose),
        tier=found.tier,
        source=found.source,
        gross=Money(found.gross, found.currency),
        covered=Money(found.covered, found.currency),
        refunded=Money(found.refunded, found.currency),
        fee=None if found.fee is None else Money(found.fee, found.currency),
    )


def list_cells(session: Session, windows: Sequence[Window]) -> list[Cell]:
    """Add up what moved in each of some windows that do not overlap."""
    within = [_within(MOVEMENTS, window) for window in windows]
    place = case(*((condition, index) for index, condition in enumerate(within)))
    placed = select(MOVEMENTS, place.label("place")).where(or_(*within)).subquery()
    keys = (placed.c.place, placed.c.currency, placed.c.purpose, placed.c.tier, placed.c.source)
    summed = select(*keys, *_sums(placed)).group_by(*keys)
    return [_cell(found, windows[found.place].month) for found in session.execute(summed)]


def _sums(placed: Subquery) -> tuple[ColumnElement[int], ...]:
    is_payment = case((placed.c.is_refund, 0), else_=1)
    return (
        func.sum(is_payment).label("payments"),
        func.sum(1 - is_payment).label("refunds"),
        func.sum(placed.c.gross).label("gross"),
        func.sum(placed.c.covered).label("covered"),
        func.sum(placed.c.refunded).label("refunded"),
        func.coalesce(func.sum(placed.c.fee), 0).label("fee"),
        func.sum(case((placed.c.fee.is_(None), 1), else_=0)).label("unknown_fees"),
    )


def _cell(found: Found[Any], month: date) -> Cell:
    counted = ("payments", "gross", "covered", "fee", "unknown_fees", "refunds", "refunded")
    return Cell(
        month=month,
        currency=found.currency,
        purpose=Purpose(found.purpose),
        tier=found.tier,
        source=found.source,
        **{name: int(getattr(found, name)) for name in counted},
    )
