"""Rounds: prepared, opened with their roll and rules frozen, closed with their seal broken for good."""

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from membership.access import service as access
from membership.audit import service as audit
from membership.jobs.service import enqueue
from membership.voting import rules
from membership.voting.errors import (
    RollEmpty,
    RoundNotDraft,
    RoundNotOpen,
    RoundOver,
    SlugTaken,
    TopicTaken,
    UnknownRound,
    UnknownTopic,
)
from membership.voting.models import Ballot, Method, RollEntry, Round, RoundState, RoundTopic, Topic, TopicState
from membership.voting.service.ballots import VOTE, list_ballots, lock_round
from membership.voting.service.letters import forget_receipts

_FREE = (TopicState.SUGGESTED, TopicState.SHORTLISTED, TopicState.NOT_CHOSEN)


def create_round(session: Session, draft: rules.RoundDraft, *, actor: str) -> Round:
    """Prepare a round; its seed for ties is drawn here, before anybody votes. Raises the draft's refusals."""
    draft.check()
    if session.scalar(select(Round.id).filter_by(slug=draft.slug)) is not None:
        raise SlugTaken
    topics = _get_topics(session, draft.topics)
    round = Round(
        slug=draft.slug,
        title=dict(draft.title),
        intro=dict(draft.intro),
        method=Method.APPROVAL,
        state=RoundState.DRAFT,
        seats=draft.seats,
        tie_seed=secrets.token_hex(16),
        opens_at=draft.opens_at,
        closes_at=draft.closes_at,
        topics=[RoundTopic(position=position, topic=topic) for position, topic in enumerate(topics)],
    )
    session.add(round)
    session.flush()
    audit.note(session, actor=actor, action="round.created", subject=f"round:{draft.slug}", topics=list(draft.topics))
    return round


def _get_topics(session: Session, slugs: Sequence[str]) -> list[Topic]:
    # Locked in one order for all, so that no two rounds take the same topic.
    locked = select(Topic).where(Topic.slug.in_(slugs)).order_by(Topic.id).with_for_update()
    found = {topic.slug: topic for topic in session.scalars(locked.execution_options(populate_existing=True))}
    if set(found) != set(slugs):
        raise UnknownTopic
    topics = [found[slug] for slug in slugs]
    for topic in topics:
        if topic.state not in _FREE:
            raise TopicTaken(topic=topic.title["en"])
    return topics


def get_round(session: Session, slug: str) -> Round:
    """Return a round, a draft too, or raise UnknownRound."""
    round = session.scalar(select(Round).filter_by(slug=slug)) if rules.is_slug(slug) else None
    if round is None:
        raise UnknownRound
    return round


def get_announced_round(session: Session, slug: str) -> Round:
    """Return a round that readers may know of, or raise UnknownRound."""
    round = get_round(session, slug)
    if round.state is RoundState.DRAFT:
        raise UnknownRound
    return round


def list_rounds(session: Session) -> list[Round]:
    """Return all rounds, drafts too, the latest first."""
    return list(session.scalars(select(Round).order_by(Round.opens_at.desc(), Round.id.desc())))


def list_announced_rounds(session: Session) -> list[Round]:
    """Return the rounds that readers may know of, the latest first."""
    return [round for round in list_rounds(session) if round.state is not RoundState.DRAFT]


def list_due_to_open(session: Session, now: datetime) -> list[str]:
    """Return the slugs of drafts whose time has come and is not over."""
    due = select(Round.slug).where(Round.state == RoundState.DRAFT, Round.opens_at <= now, Round.closes_at > now)
    return list(session.scalars(due.order_by(Round.opens_at)))


def list_due_to_close(session: Session, now: datetime) -> list[str]:
    """Return the slugs of open rounds whose time is over."""
    due = select(Round.slug).where(Round.state == RoundState.OPEN, Round.closes_at <= now)
    return list(session.scalars(due.order_by(Round.closes_at)))


def open_round(session: Session, round: Round, now: datetime, actor: str) -> None:
    """Open a draft: freeze who may vote and with what weight, and put its topics on the ballot.

    This is the one place where the right to vote is decided: whoever is on the roll keeps her vote in this round,
    and whoever joins later waits for the next. Raises RoundNotDraft, RoundOver, RollEmpty or TopicTaken.
    """
    moment = lock_round(session, round, now)
    if round.state is not RoundState.DRAFT:
        raise RoundNotDraft
    if moment >= round.closes_at:
        raise RoundOver
    members = _freeze_roll(session, round, moment)
    for topic in _get_topics(session, round.slugs):
        topic.state = TopicState.ON_BALLOT
    round.state, round.opened_at = RoundState.OPEN, moment
    audit.note(session, actor=actor, action="round.opened", subject=f"round:{round.slug}", roll=members)


def _freeze_roll(session: Session, round: Round, now: datetime) -> int:
    members = access.list_members(session, VOTE, now)
    if not members:
        raise RollEmpty
    roll = [
        {
            "round_id": round.id,
            "patron_id": member.patron_id,
            "weight": rules.cap(member.weight),
            "reason": member.reason,
        }
        for member in members
    ]
    session.execute(insert(RollEntry), roll)
    return len(roll)


def close_round(session: Session, round: Round, now: datetime, actor: str, *, reason: str = "") -> None:
    """Close an open round: count it, keep the result, cut every ballot from its voter. Raises RoundNotOpen."""
    moment = lock_round(session, round, now)
    if round.state is not RoundState.OPEN:
        raise RoundNotOpen
    ballots = list_ballots(session, round)
    round.state, round.closed_at = RoundState.CLOSED, moment
    round.result = rules.record(_facts(session, round), ballots)
    _break_seal(session, round, ballots, moment)
    for entry in round.topics:
        entry.topic.state = TopicState.CHOSEN if entry.topic.slug in round.chosen else TopicState.NOT_CHOSEN
    enqueue(session, "rounds.tell", f"rounds.tell:{round.slug}", {"round": round.slug})
    enqueue(session, "rounds.scrub", f"rounds.scrub:{round.slug}", {})
    audit.note(session, actor=actor, action="round.closed", subject=f"round:{round.slug}", reason=reason)


def _facts(session: Session, round: Round) -> dict[str, Any]:
    counted = select(func.count(), func.coalesce(func.sum(RollEntry.weight), 0)).filter_by(round_id=round.id)
    members, weight = session.execute(counted).one()
    assert round.opened_at
    assert round.closed_at
    return {
        "format": rules.FORMAT,
        "round": round.slug,
        "title": round.title,
        "method": round.method.value,
        "seats": round.seats,
        "tie_seed": round.tie_seed,
        "opened_at": round.opened_at.isoformat(),
        "closed_at": round.closed_at.isoformat(),
        "topics": [{"slug": entry.topic.slug, "title": entry.topic.title} for entry in round.topics],
        "roll": {"members": members, "weight": int(weight)},
    }


def _break_seal(session: Session, round: Round, ballots: Sequence[dict[str, Any]], now: datetime) -> None:
    forget_receipts(session, round, now)
    # New rows in the order of random receipts: neither a link nor an id nor a place on disk tells whose they were.
    session.execute(delete(Ballot).where(Ballot.round_id == round.id))
    if ballots:
        session.execute(insert(Ballot), [{**ballot, "round_id": round.id, "roll_entry_id": None} for ballot in ballots])
