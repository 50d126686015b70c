"""A price that rises for those who are in a tier already: announced, told to each, called off."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from membership.money import Money
from membership.tiers import rules
from membership.tiers.errors import NotARise, UnknownTier
from membership.tiers.models import Interval, PriceKind, PriceRise
from membership.tiers.service.prices import get_open_price, offer_prices


def announce_rise(
    session: Session, slug: str, price: tuple[Interval, Money], takes_effect_at: datetime, now: datetime
) -> PriceRise:
    """Offer a tier at a higher price now, and let it rise from a day on for those who pay less.

    Raises UnknownTier, NotARise or RiseTooSoon.
    """
    interval, amount = price
    before = get_open_price(session, slug, interval, amount.currency)
    rules.admit_rise(before.amount, amount, takes_effect_at, now)
    (after,) = offer_prices(session, slug, [price], now, PriceKind.LISTED)
    if session.scalar(select(PriceRise.id).filter_by(price_id=after.id)) is not None:
        raise NotARise
    rise = PriceRise(price=after, takes_effect_at=takes_effect_at, announced_at=now)
    session.add(rise)
    session.flush()
    return rise


def call_off_rise(session: Session, rise_id: int, now: datetime) -> PriceRise:
    """Let those who were not moved yet keep what they pay; raises UnknownTier."""
    rise = session.get(PriceRise, rise_id)
    if rise is None:
        raise UnknownTier
    rise.called_off_at = rise.called_off_at or now
    return rise


def list_rises(session: Session) -> list[PriceRise]:
    """List the rises that were not called off, the earliest first."""
    running = select(PriceRise).where(PriceRise.called_off_at.is_(None))
    return list(session.scalars(running.order_by(PriceRise.takes_effect_at, PriceRise.id)))
