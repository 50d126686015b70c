"""Which tiers there are, and where the payment provider knows them."""

from dataclasses import asdict, dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from membership.money import Money
from membership.tiers import rules
from membership.tiers.errors import PolicyImpossible, TierExists, UnknownTier
from membership.tiers.models import Interval, Price, PriceKind, Tier


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


def new_price(slug: str, interval: Interval, amount: Money, kind: PriceKind = PriceKind.LISTED) -> Price:
    """Make a price that the payment provider does not know yet."""
    return Price(kind=kind, interval=interval, amount=amount, lookup_key=rules.lookup_key(slug, interval, amount))


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
        prices=[new_price(draft.slug, interval, amount) for interval, amount in draft.prices],
    )
    session.add(tier)
    session.flush()
    return tier


def retire_tier(session: Session, slug: str, now: datetime) -> Tier:
    """Close a tier to new patrons; who is in it stays in it."""
    tier = get_tier(session, slug)
    tier.retired_at = tier.retired_at or now
    return tier


def record_product(session: Session, slug: str, stripe_product_id: str) -> None:
    """Keep the id by which the payment provider knows a tier."""
    get_tier(session, slug).stripe_product_id = stripe_product_id


@dataclass(frozen=True, slots=True)
class Policy:
    """What a tier bears: days and months; None leaves one as it is."""

    grace_days: int | None = None
    reminder_days: int | None = None
    give_up_days: int | None = None
    pause_months: int | None = None
    takes_more: bool | None = None


def set_policy(session: Session, slug: str, policy: Policy) -> Tier:
    """Set what a tier bears, for those who are in it, too; raises PolicyImpossible."""
    tier = get_tier(session, slug)
    for name, value in asdict(policy).items():
        setattr(tier, name, getattr(tier, name) if value is None else value)
    if max(tier.grace_days, tier.reminder_days) > tier.give_up_days:
        raise PolicyImpossible
    return tier
