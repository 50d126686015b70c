"""Rounds: prepared and looked up."""

import secrets
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session, raiseload

from membership.audit import service as audit
from membership.clock import utc_now
from membership.tiers.errors import UnknownFlag
from membership.tiers.models import Tier
from membership.tiers.service import check_flags
from membership.topics.errors import SlugTaken
from membership.topics.rules import is_slug, word_title, word_why
from membership.voting import rules
from membership.voting.errors import FlagUnknown, TierUnknown, UnknownRound
from membership.voting.models import Round, RoundState, RoundTopic
from membership.voting.service.topics import take_topics

# Built once: a page of results is read by many.
_PUBLISHED = (
    select(Round).filter_by(slug=bindparam("slug"), state=RoundState.PUBLISHED).options(raiseload(Round.topics))
)


def create_round(session: Session, draft: rules.RoundDraft, *, actor: str) -> Round:
    """Prepare a round; its seed for ties is drawn here, before anybody votes. Raises the draft's refusals."""
    draft.check()
    rules.check_times(draft.opens_at, draft.closes_at, utc_now())
    _check_electorate(session, draft.electorate)
    if session.scalar(select(Round.id).filter_by(slug=draft.slug)) is not None:
        raise SlugTaken
    topics = take_topics(session, draft.topics)
    round = Round(
        slug=draft.slug,
        title=word_title(draft.title),
        intro=word_why(draft.intro, "intro"),
        state=RoundState.DRAFT,
        seats=draft.seats,
        **_rules(draft),
        tie_seed=secrets.token_hex(16),
        opens_at=draft.opens_at,
        closes_at=draft.closes_at,
        topics=[RoundTopic(position=position, topic=topic) for position, topic in enumerate(topics)],
    )
    session.add(round)
    session.flush()
    audit.note(session, actor=actor, action="round.created", subject=f"round:{draft.slug}", topics=list(draft.topics))
    return round


def _check_electorate(session: Session, asked: rules.Electorate) -> None:
    try:
        check_flags(session, asked.flags)
    except UnknownFlag as unknown:
        raise FlagUnknown(**unknown.values) from unknown
    wanted = {*asked.tiers, *asked.weights}
    known = set(session.scalars(select(Tier.slug).where(Tier.slug.in_(wanted))))
    if unknown_tiers := sorted(wanted - known):
        raise TierUnknown(tier=unknown_tiers[0])


def _rules(draft: rules.RoundDraft) -> dict[str, Any]:
    electorate = asdict(draft.electorate)
    return {**asdict(draft.terms), **electorate, "flags": list(electorate["flags"]), "tiers": list(electorate["tiers"])}


def get_round(session: Session, slug: str) -> Round:
    """Return a round, a draft too, or raise UnknownRound."""
    round = session.scalar(select(Round).filter_by(slug=slug)) if is_slug(slug) else None
    if round is None:
        raise UnknownRound
    return round


def get_announced_round(session: Session, slug: str) -> Round:
    """Return a round that readers may know of, or raise UnknownRound."""
    round = get_round(session, slug)
    if round.state is RoundState.DRAFT:
        raise UnknownRound
    return round


def find_published_round(session: Session, slug: str) -> Round | None:
    """Find a round whose result everybody sees, without its topics: a page of results tells of them itself."""
    return session.scalar(_PUBLISHED, {"slug": slug})


def list_rounds(session: Session) -> list[Round]:
    """Return all rounds, drafts too, the latest first."""
    return list(session.scalars(select(Round).order_by(Round.opens_at.desc(), Round.id.desc())))


def list_announced_rounds(session: Session) -> list[Round]:
    """Return the rounds that readers may know of, the latest first."""
    return [round for round in list_rounds(session) if round.state is not RoundState.DRAFT]


def list_due_to_open(session: Session, now: datetime) -> list[str]:
    """Return the slugs of drafts whose time has come, but for those that could not open then."""
    due = select(Round.slug).where(Round.state == RoundState.DRAFT, Round.opens_at <= now)
    due = due.where(Round.opening_failed_at.is_(None))
    return list(session.scalars(due.order_by(Round.opens_at)))


def list_due_to_publish(session: Session, now: datetime) -> list[str]:
    """Return the slugs of closed rounds whose result has been held back long enough."""
    held = session.scalars(select(Round).where(Round.state == RoundState.CLOSED).order_by(Round.closed_at))
    return [round.slug for round in held if round.publishes_at <= now]


def list_open(session: Session) -> list[str]:
    """Return the slugs of the rounds that are open."""
    return list(session.scalars(select(Round.slug).where(Round.state == RoundState.OPEN).order_by(Round.closes_at)))


def list_due_to_close(session: Session, now: datetime) -> list[str]:
    """Return the slugs of open rounds whose time is over."""
    due = select(Round.slug).where(Round.state == RoundState.OPEN, Round.closes_at <= now)
    return list(session.scalars(due.order_by(Round.closes_at)))
