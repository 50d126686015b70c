"""Which tiers there are, what they cost, and where the payment provider knows them."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from membership.money import Money
from membership.tiers.errors import TierExists, UnknownTier
from membership.tiers.models import Interval, Price, Tier


@dataclass(frozen=True, slots=True)
class TierDraft:
    """A tier to be; texts by language, prices by interval, flags as the sites ask for them."""

    slug: str
    name: dict[str, str]
    summary: dict[str, str]
    benefits: dict[str, list[str]]
    flags: tuple[str, ...]
    prices: tuple[tuple[Interval, Money], ...]
    vote_weight: int = 1
    position: int = field(default=0)


@dataclass(frozen=True, slots=True)
class PriceWish:
    """A price that the payment provider does not know yet."""

    lookup_key: str
    interval: Interval
    amount: Money


def list_tiers(session: Session) -> list[Tier]:
    """List every tier, retired ones too, in the order of the support page."""
    return list(session.scalars(select(Tier).order_by(Tier.position, Tier.id)))


def list_open_tiers(session: Session) -> list[Tier]:
    """List the tiers that take new patrons, in the order of the support page."""
    return list(session.scalars(select(Tier).where(Tier.retired_at.is_(None)).order_by(Tier.position, Tier.id)))


def get_tier(session: Session, slug: str) -> Tier:
    """Return a tier by its slug, or raise UnknownTier."""
    tier = session.scalar(select(Tier).filter_by(slug=slug))
    if tier is None:
        raise UnknownTier
    return tier


def get_open_price(session: Session, tier_slug: str, interval: Interval, currency: str) -> Price:
    """Return what a tier costs now; raises UnknownTier or TierRetired."""
    tier = get_tier(session, tier_slug)
    tier.admit()
    wanted = select(Price).filter_by(tier_id=tier.id, interval=interval, amount_currency=currency, retired_at=None)
    price = session.scalar(wanted)
    if price is None:
        raise UnknownTier
    return price


def find_price_of(session: Session, stripe_price_id: str) -> Price | None:
    """Return the price that the payment provider knows by this id, retired ones too."""
    return session.scalar(select(Price).filter_by(stripe_price_id=stripe_price_id))


def add_tier(session: Session, draft: TierDraft) -> Tier:
    """Open a tier with its prices; the payment provider learns of it by sync-catalogue. Raises TierExists."""
    if session.scalar(select(Tier.id).filter_by(slug=draft.slug)) is not None:
        raise TierExists
    tier = Tier(
        slug=draft.slug,
        name=draft.name,
        summary=draft.summary,
        benefits=draft.benefits,
        flags=list(draft.flags),
        vote_weight=draft.vote_weight,
        position=draft.position,
        prices=[_price(draft.slug, interval, amount) for interval, amount in draft.prices],
    )
    session.add(tier)
    session.flush()
    return tier


def _price(slug: str, interval: Interval, amount: Money) -> Price:
    # A price is never edited, so its amount belongs to its key.
    lookup_key = f"{slug}_{interval}_{amount.minor}_{amount.currency}"
    return Price(interval=interval, amount=amount, lookup_key=lookup_key)


def retire_tier(session: Session, slug: str, now: datetime) -> Tier:
    """Close a tier to new patrons; who is in it stays in it."""
    tier = get_tier(session, slug)
    tier.retired_at = tier.retired_at or now
    return tier


def list_unknown_prices(session: Session, slug: str) -> tuple[str, list[PriceWish]]:
    """Return a tier's product, and its open prices that the payment provider does not know yet."""
    tier = get_tier(session, slug)
    missing = [price for price in tier.prices if price.stripe_price_id is None and price.retired_at is None]
    return tier.stripe_product_id or "", [
        PriceWish(price.lookup_key, price.interval, price.amount) for price in missing
    ]


def record_product(session: Session, slug: str, stripe_product_id: str) -> None:
    """Keep the id by which the payment provider knows a tier."""
    get_tier(session, slug).stripe_product_id = stripe_product_id


def record_price(session: Session, lookup_key: str, stripe_price_id: str) -> None:
    """Keep the id by which the payment provider knows a price."""
    session.scalars(select(Price).filter_by(lookup_key=lookup_key)).one().stripe_price_id = stripe_price_id
