"""What the provider takes of each class of payment: configured by staff, never a formula in code."""

from collections.abc import Sequence

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from membership.donations import rules
from membership.donations.errors import CoverOutdated, FeesUnreadable
from membership.donations.models import FeeRate
from membership.donations.rules import Cover, FeeSchedule
from membership.money import Money, exponent_of

MOST_BASIS_POINTS = 2000


def set_fees(session: Session, currency: str, schedule: FeeSchedule, position: int = 0) -> FeeRate:
    """Say what is taken of a class of payments in a currency. Raises UnknownCurrency or FeesUnreadable."""
    exponent_of(currency)
    if not 0 <= schedule.basis_points <= MOST_BASIS_POINTS or schedule.fixed_minor < 0 or schedule.cap_minor == 0:
        raise FeesUnreadable
    rate = session.scalar(select(FeeRate).filter_by(currency=currency, kind=schedule.kind))
    if rate is None:
        rate = FeeRate(currency=currency, kind=schedule.kind)
        session.add(rate)
    rate.name, rate.position = dict(schedule.name), position
    rate.basis_points, rate.fixed_minor, rate.cap_minor = (
        schedule.basis_points,
        schedule.fixed_minor,
        schedule.cap_minor,
    )
    session.flush()
    return rate


def forget_fees(session: Session, currency: str, kind: str) -> None:
    """Let donors cover the fees of a class of payments no more."""
    session.execute(delete(FeeRate).filter_by(currency=currency, kind=kind))


def list_fees(session: Session) -> Sequence[FeeRate]:
    """List what is configured, in the order that readers see."""
    return session.scalars(select(FeeRate).order_by(FeeRate.currency, FeeRate.position, FeeRate.id)).all()


def list_schedules(session: Session, currency: str) -> list[FeeSchedule]:
    """List what is taken in a currency, in the order that readers see."""
    return [_schedule(rate) for rate in list_fees(session) if rate.currency == currency]


def _schedule(rate: FeeRate) -> FeeSchedule:
    return FeeSchedule(rate.kind, rate.basis_points, rate.fixed_minor, rate.cap_minor, rate.name)


def list_covers(session: Session, gift: Money) -> list[Cover]:
    """List what may be added to a gift so that all of it arrives."""
    return rules.covers_of(gift, list_schedules(session, gift.currency))


def cover_as_shown(session: Session, gift: Money, shown: str) -> int:
    """Return what is added to a gift, in minor units: what she was shown and chose (`kind:minor`), nothing if nothing.

    Raises CoverOutdated when that is not what it would be now: nobody pays a sum that she has not seen.
    """
    if not shown:
        return 0
    known = {f"{cover.kind}:{cover.amount.minor}": cover.amount.minor for cover in list_covers(session, gift)}
    if shown not in known:
        raise CoverOutdated
    return known[shown]
