"""The roll: the one place where the right to vote is decided. docs/voting.md says the same in words."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from membership.access import service as access
from membership.access.service import Member
from membership.audit import service as audit
from membership.inserts import put_unless_known
from membership.patrons.models import Patron
from membership.patrons.service.people import is_shut_out
from membership.subscriptions.models import Invoice, InvoiceStatus, Subscription
from membership.tiers.models import Tier
from membership.voting import rules
from membership.voting.errors import JoinedLater, MayNotVote, NotOnRoll, RollEmpty, ShutOut, StruckOff
from membership.voting.models import Ballot, RollEntry, Round, RoundGuest, RoundState

# Time that was paid for and is over; who left and came back keeps what she had.
PAID_MONTH = timedelta(days=30)
GUEST = "guest of the newsroom"
VOTED = RollEntry.voted_at


def list_voters(session: Session, round: Round, now: datetime) -> list[dict[str, Any]]:
    """Return the lines of the roll as they would be if the round opened now."""
    lines = {member.patron_id: _line(round, member) for member in _list_eligible(session, round, now)}
    for guest in session.scalars(select(RoundGuest).filter_by(round_id=round.id)):
        lines.setdefault(guest.patron_id, _guest_line(guest))
    return [lines[patron_id] for patron_id in sorted(lines)]


def freeze_roll(session: Session, round: Round, now: datetime) -> int:
    """Write down who may vote, and return how many they are. Raises RollEmpty."""
    lines = list_voters(session, round, now)
    if not lines:
        raise RollEmpty
    session.execute(insert(RollEntry), lines)
    return len(lines)


def list_weights(session: Session, round: Round) -> dict[str, int]:
    """Return the weight of every tier on the roll, to be published; in the order in which tiers are offered."""
    found = select(RollEntry.tier, RollEntry.weight).filter_by(round_id=round.id).where(RollEntry.tier.is_not(None))
    weights = {tier: weight for tier, weight in session.execute(found.distinct().order_by(RollEntry.tier)) if tier}
    offered = session.scalars(select(Tier.slug).order_by(Tier.position, Tier.id))
    ordered = [slug for slug in offered if slug in weights]
    return {tier: weights[tier] for tier in dict.fromkeys([*ordered, *weights])}


def list_planned_weights(session: Session, round: Round) -> dict[str, int]:
    """Return the weight of a vote by each tier that can be on the roll; once the round has opened, that are on it."""
    if round.state is not RoundState.DRAFT:
        return round.weights
    wanted = round.electorate
    tiers = session.scalars(select(Tier).order_by(Tier.position, Tier.id))
    return {
        tier.slug: wanted.weigh(tier.slug, tier.vote_weight)
        for tier in tiers
        if set(tier.flags) & set(wanted.flags) and (not wanted.tiers or tier.slug in wanted.tiers)
    }


def describe_roll(session: Session, round: Round) -> dict[str, Any]:
    """Return what everybody may know of a roll: how many, how many struck off, who came to vote."""
    counted = (
        select(RollEntry.tier, func.max(RollEntry.weight), func.count(), func.count(VOTED))
        .where(RollEntry.round_id == round.id, RollEntry.struck_at.is_(None))
        .group_by(RollEntry.tier)
    )
    cells, weights = dict[str, tuple[int, int]](), dict[str, int]()
    for tier, weight, members, voted in session.execute(counted):
        cells[tier or rules.OTHERS], weights[tier or rules.OTHERS] = (members, voted), weight
    struck = select(func.count()).where(RollEntry.round_id == round.id, RollEntry.struck_at.is_not(None))
    return {
        "roll": {"members": sum(members for members, _ in cells.values())},
        "struck_off": session.scalar(struck) or 0,
        "turnout": [asdict(cell) for cell in rules.count_turnout(cells, weights)],
    }


def get_entry(session: Session, round: Round, patron: Patron, now: datetime, *, lock: bool = False) -> RollEntry:
    """Return the patron's line on the roll, added now if the roll is open.

    Raises MayNotVote, or why in particular: JoinedLater, StruckOff, ShutOut.
    """
    entry = _find_entry(session, round, patron, lock=lock)
    if entry is None and round.is_open_roll and lock:
        _join(session, round, patron, now)
        entry = _find_entry(session, round, patron, lock=lock)
    if entry is None:
        raise _why_not(session, round, patron, now)
    if entry.struck_at is not None:
        raise StruckOff
    if is_shut_out(session, patron.id):
        raise ShutOut
    return entry


def may_join(session: Session, round: Round, patron: Patron, now: datetime) -> bool:
    """Whether somebody who is not on the roll yet would be put on it with her ballot."""
    return weight_of(session, round, patron, now) > 0


def weight_of(session: Session, round: Round, patron: Patron, now: datetime) -> int:
    """Return the weight of a vote that would be put on an open roll with its ballot; 0 where there is none."""
    if not round.is_open_roll or _find_entry(session, round, patron, lock=False) is not None:
        return 0
    line = _find_line(session, round, patron, now)
    return int(line["weight"]) if line else 0


def strike_off(session: Session, round: Round, entry: RollEntry, now: datetime, *, reason: str, actor: str) -> None:
    """Take a vote away before the round closes, with its ballot; counted openly. Raises ReasonMissing or NotOnRoll.

    The caller holds the round's lock and has checked that it is still taking ballots.
    """
    reason = rules.check_reason(reason)
    if entry.round_id != round.id or entry.struck_at is not None:
        raise NotOnRoll
    ballot = session.scalar(select(Ballot).filter_by(roll_entry_id=entry.id))
    if ballot is not None:
        session.delete(ballot)
    entry.struck_at, entry.struck_why, entry.voted_at = now, reason, None
    audit.note(session, actor=actor, action="round.struck_off", subject=f"round:{round.slug}", reason=reason)


def _find_entry(session: Session, round: Round, patron: Patron, *, lock: bool) -> RollEntry | None:
    mine = select(RollEntry).filter_by(round_id=round.id, patron_id=patron.id)
    if lock:
        # Her own entry is locked, so that two of her devices take turns.
        mine = mine.with_for_update().execution_options(populate_existing=True)
    return session.scalar(mine)


def _join(session: Session, round: Round, patron: Patron, now: datetime) -> None:
    line = _find_line(session, round, patron, now)
    if line is not None:
        put_unless_known(session, RollEntry, line)


def _find_line(session: Session, round: Round, patron: Patron, now: datetime) -> dict[str, Any] | None:
    members = _list_eligible(session, round, now, only=patron.id)
    return _line(round, members[0]) if members else None


def _why_not(session: Session, round: Round, patron: Patron, now: datetime) -> MayNotVote:
    return JoinedLater() if _list_eligible(session, round, now, only=patron.id) else MayNotVote()


def _list_eligible(session: Session, round: Round, now: datetime, *, only: int | None = None) -> list[Member]:
    wanted = round.electorate
    found: dict[int, Member] = {}
    for flag in wanted.flags:
        for member in _holders(session, flag, now, only):
            if not wanted.tiers or member.tier_slug in wanted.tiers:
                found.setdefault(member.patron_id, member)
    if not wanted.min_months:
        return list(found.values())
    paid = _paid_time(session, found, now)
    return [member for member in found.values() if paid[member.patron_id] >= wanted.min_months * PAID_MONTH]


def _holders(session: Session, flag: str, now: datetime, only: int | None) -> Iterable[Member]:
    if only is None:
        return access.list_members(session, flag, now)
    grant = access.decide_for(session, only, now).best_with(flag)
    return [] if grant is None else [Member(only, grant.level.slug, grant.level.weight, grant.reason)]


def _paid_time(session: Session, patrons: Iterable[int], now: datetime) -> Mapping[int, timedelta]:
    wanted, paid = set(patrons), defaultdict[int, timedelta](timedelta)
    periods = (
        select(Subscription.patron_id, Invoice.period_starts_at, Invoice.period_ends_at)
        .join(Invoice, Invoice.subscription_id == Subscription.id)
        .where(Invoice.status == InvoiceStatus.PAID, Invoice.revoked_at.is_(None), Invoice.period_starts_at < now)
    )
    if len(wanted) == 1:
        periods = periods.where(Subscription.patron_id.in_(wanted))
    for patron_id, starts_at, ends_at in session.execute(periods):
        if patron_id in wanted:
            paid[patron_id] += min(ends_at, now) - starts_at
    return paid


def _line(round: Round, member: Member) -> dict[str, Any]:
    return {
        "round_id": round.id,
        "patron_id": member.patron_id,
        "weight": round.electorate.weigh(member.tier_slug, member.weight),
        "reason": member.reason,
        "tier": member.tier_slug,
    }


def _guest_line(guest: RoundGuest) -> dict[str, Any]:
    return {
        "round_id": guest.round_id,
        "patron_id": guest.patron_id,
        "weight": 1,
        "reason": f"{GUEST}: {guest.reason}",
        "tier": None,
    }
