"""A ballot cast: one read under lock and few writes, since at the close everybody comes at once."""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, select, update
from sqlalchemy.orm import Session

from membership.clock import utc_now
from membership.inserts import put_or_replace
from membership.patrons.models import Ban, Patron, SignIn
from membership.patrons.rules import hash_of
from membership.patrons.service import check_name
from membership.topics.models import Topic
from membership.voting import rules
from membership.voting.errors import MayNotVote, NameMissing
from membership.voting.models import Ballot, BallotLink, RollEntry, Round, RoundState, RoundTopic, admit
from membership.voting.service.rolls import get_entry


@dataclass(frozen=True, slots=True)
class Opener:
    """What opens a ballot: a link from a letter, before the sign-in of this browser; both as the tokens they are."""

    link: str = ""
    sign_in: str = ""


@dataclass(frozen=True, slots=True)
class Booth:
    """A voter at her ballot, her round held so that it does not close before she is done."""

    round_id: int
    entry_id: int
    weight: int
    terms: rules.Terms
    slugs: list[str]
    moment: datetime


_LINKED = (
    select(RollEntry.patron_id)
    .join(BallotLink, BallotLink.roll_entry_id == RollEntry.id)
    .join(Round, BallotLink.round_id == Round.id)
    .join(Patron, RollEntry.patron_id == Patron.id)
    .where(BallotLink.token_hash == bindparam("link_hash"), Round.slug == bindparam("slug"))
    .where(RollEntry.struck_at.is_(None), Patron.erasure_asked_at.is_(None))
    .scalar_subquery()
)
_SIGNED_IN = (
    select(SignIn.patron_id)
    .where(SignIn.token_hash == bindparam("sign_in_hash"), SignIn.ended_at.is_(None))
    .where(SignIn.expires_at > bindparam("now"))
    .scalar_subquery()
)
_SHUT_OUT = select(Ban.id).where(Ban.patron_id == RollEntry.patron_id, Ban.lifted_at.is_(None)).exists()
# Built once. A row for each topic on the ballot. All who cast hold the round side by side, as their ballots' reference
# to it would anyway, and who closes or extends it waits for them.
_BOOTHS = (
    select(
        Round.id,
        Round.state,
        Round.closes_at,
        Round.method,
        Round.budget,
        Round.top_score,
        Round.is_anonymous,
        RollEntry.id.label("entry_id"),
        RollEntry.weight,
        Topic.slug,
    )
    .join(RollEntry, RollEntry.round_id == Round.id)
    .join(RoundTopic, RoundTopic.round_id == Round.id)
    .join(Topic, Topic.id == RoundTopic.topic_id)
    .where(Round.slug == bindparam("slug"), Round.state != RoundState.DRAFT, RollEntry.struck_at.is_(None))
    .where(~_SHUT_OUT)
    .order_by(RoundTopic.position)
    .with_for_update(read=True, key_share=True, of=Round)
)
_BOOTHS_OF_OPENERS = _BOOTHS.where(RollEntry.patron_id == func.coalesce(_LINKED, _SIGNED_IN))
_BOOTHS_OF_PATRONS = _BOOTHS.where(RollEntry.patron_id == bindparam("patron_id"))
_VOTED = (
    update(RollEntry)
    .where(RollEntry.id == bindparam("entry_id"), RollEntry.struck_at.is_(None), RollEntry.patron_id.is_not(None))
    .values(voted_at=bindparam("moment"))
)


def find_booth(current: Connection, slug: str, opener: Opener, now: datetime) -> Booth | None:
    """Find the ballot that a browser opens; none if nobody who may vote is known there. Raises RoundClosed."""
    hashes = {"link_hash": hash_of(opener.link), "sign_in_hash": hash_of(opener.sign_in)}
    return _enter(current, _BOOTHS_OF_OPENERS, {"slug": slug, "now": now, **hashes}, now)


def find_booth_of(current: Connection, slug: str, patron_id: int, now: datetime) -> Booth | None:
    """Find a patron's ballot; none if she is not on the roll, or the round is a draft. Raises RoundClosed."""
    return _enter(current, _BOOTHS_OF_PATRONS, {"slug": slug, "patron_id": patron_id}, now)


def _enter(current: Connection, asked: Any, about: Mapping[str, Any], now: datetime) -> Booth | None:
    rows = current.execute(asked, about).all()
    if not rows:
        return None
    # Waiting for the lock takes time, and the closing time may pass meanwhile.
    first, moment = rows[0], max(now, utc_now())
    admit(first.state, first.closes_at, moment)
    terms = rules.Terms(
        method=first.method, budget=first.budget, top_score=first.top_score, is_anonymous=first.is_anonymous
    )
    return Booth(first.id, first.entry_id, first.weight, terms, [row.slug for row in rows], moment)


def fill_in(current: Connection, booth: Booth, marks: Iterable[str] | Mapping[str, int], *, name: str = "") -> None:
    """Put a voter's marks in place of earlier ones, signed if the round wants it; her receipt stays the same.

    It goes to her by letter soon after (`confirm_some`).
    Raises MayNotVote, NameMissing, NameTooLong, or what `rules.mark` refuses.
    """
    marked = rules.mark(marks, booth.slugs, booth.terms)
    signed = None if booth.terms.is_anonymous else _sign(name)
    # Her line on the roll is locked first, so that two of her devices take turns.
    if not current.execute(_VOTED, {"entry_id": booth.entry_id, "moment": booth.moment}).rowcount:
        raise MayNotVote
    fresh = {
        "round_id": booth.round_id,
        "roll_entry_id": booth.entry_id,
        "receipt": rules.write_receipt(secrets.token_bytes(rules.RECEIPT_BYTES)),
        "weight": booth.weight,
        "marks": marked,
        "name": signed,
    }
    put_or_replace(current, Ballot, fresh, key="roll_entry_id", replaced=("marks", "name"))


def _sign(name: str) -> str:
    signed = check_name(name)
    if not signed:
        raise NameMissing
    return signed


def cast_ballot(
    session: Session,
    round: Round,
    patron: Patron,
    marks: Iterable[str] | Mapping[str, int],
    now: datetime,
    *,
    name: str = "",
) -> Ballot:
    """Record the patron's marks, put on the roll with them if it is open. Return her ballot.

    Raises RoundNotOpen, RoundClosed, MayNotVote, or what `fill_in` refuses.
    """
    session.flush()
    connection = session.connection()
    booth = find_booth_of(connection, round.slug, patron.id, now)
    if booth is None:
        _join(session, round, patron, now)
        booth = find_booth_of(connection, round.slug, patron.id, now)
        assert booth
    fill_in(connection, booth, marks, name=name)
    hers = select(Ballot).filter_by(roll_entry_id=booth.entry_id).execution_options(populate_existing=True)
    return session.scalars(hers).one()


def _join(session: Session, round: Round, patron: Patron, now: datetime) -> None:
    session.refresh(round, ["state", "closes_at"], with_for_update={"read": True})
    moment = max(now, utc_now())
    round.admit(moment)
    get_entry(session, round, patron, moment, lock=True)
