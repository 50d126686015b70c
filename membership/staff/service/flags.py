"""What staff do to access flags, noted for good; from pages and commands alike."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from membership.audit.service import note
from membership.tiers import service as tiers
from membership.tiers.errors import FlagInUse
from membership.tiers.models import Flag
from membership.voting.models import OVER, Round


def define_flag(session: Session, slug: str, name: dict[str, str], *, actor: str) -> Flag:
    """Define a flag. Raises FlagExists."""
    flag = tiers.define_flag(session, slug, name)
    note(session, actor=actor, action="flag.defined", subject=f"flag:{slug}")
    return flag


def set_tiers(session: Session, flag: str, wanted: Collection[str], *, actor: str) -> None:
    """Let exactly these tiers switch a flag on, for everybody in them at once. Raises UnknownTier or UnknownFlag."""
    tiers.check_flags(session, [flag])
    had = {tier.slug for tier in tiers.tiers_with(session, flag)}
    for slug in sorted(set(wanted) - had):
        attach_flag(session, slug, flag, actor=actor)
    for slug in sorted(had - set(wanted)):
        detach_flag(session, slug, flag, actor=actor)


def attach_flag(session: Session, tier: str, flag: str, *, actor: str) -> None:
    """Let a tier switch a flag on. Raises UnknownTier or UnknownFlag."""
    tiers.attach_flag(session, tier, flag)
    note(session, actor=actor, action="flag.attached", subject=f"flag:{flag}", tier=tier)


def detach_flag(session: Session, tier: str, flag: str, *, actor: str) -> None:
    """Let a tier switch a flag on no more. Raises UnknownTier."""
    tiers.detach_flag(session, tier, flag)
    note(session, actor=actor, action="flag.detached", subject=f"flag:{flag}", tier=tier)


def remove_flag(session: Session, slug: str, *, actor: str) -> None:
    """Forget a flag that no tier and no vote needs. Raises UnknownFlag or FlagInUse."""
    asking = select(Round.flags).where(Round.state.not_in(OVER))
    if any(slug in flags for flags in session.scalars(asking)):
        raise FlagInUse
    tiers.remove_flag(session, slug)
    note(session, actor=actor, action="flag.removed", subject=f"flag:{slug}")
