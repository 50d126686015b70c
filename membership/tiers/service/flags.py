"""Access flags: those that every newsroom has and those that staff define, and which tiers switch them on."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from membership.tiers.errors import FlagExists, FlagInUse, UnknownFlag
from membership.tiers.models import Flag, Tier
from membership.tiers.rules import BUILT_IN
from membership.tiers.service.tiers import get_tier, list_tiers


def list_flags(session: Session) -> list[Flag]:
    """List the flags that staff defined, by name."""
    return list(session.scalars(select(Flag).order_by(Flag.slug)))


def check_flags(session: Session, slugs: Sequence[str]) -> None:
    """Raise UnknownFlag unless each is built in or defined."""
    known = BUILT_IN | set(session.scalars(select(Flag.slug).where(Flag.slug.in_(slugs))))
    if unknown := [slug for slug in slugs if slug not in known]:
        raise UnknownFlag(flag=unknown[0])


def define_flag(session: Session, slug: str, name: dict[str, str]) -> Flag:
    """Define a flag that tiers can switch on and sites can ask for. Raises FlagExists."""
    if slug in BUILT_IN or session.get(Flag, slug) is not None:
        raise FlagExists
    flag = Flag(slug=slug, name=name)
    session.add(flag)
    session.flush()
    return flag


def attach_flag(session: Session, tier_slug: str, flag: str) -> Tier:
    """Let a tier switch a flag on, for everybody in it at once. Raises UnknownTier or UnknownFlag."""
    tier = get_tier(session, tier_slug)
    check_flags(session, [flag])
    tier.flags = [*(one for one in tier.flags if one != flag), flag]
    return tier


def detach_flag(session: Session, tier_slug: str, flag: str) -> Tier:
    """Let a tier switch a flag on no more. Raises UnknownTier."""
    tier = get_tier(session, tier_slug)
    tier.flags = [one for one in tier.flags if one != flag]
    return tier


def tiers_with(session: Session, flag: str) -> list[Tier]:
    """List the tiers that switch a flag on, retired ones too: people may still be in them."""
    return [tier for tier in list_tiers(session) if flag in tier.flags]


def remove_flag(session: Session, slug: str) -> None:
    """Forget a flag that staff defined. Raises UnknownFlag, for built-in ones too, or FlagInUse."""
    flag = session.get(Flag, slug)
    if flag is None:
        raise UnknownFlag(flag=slug)
    if tiers_with(session, slug):
        raise FlagInUse
    session.delete(flag)
