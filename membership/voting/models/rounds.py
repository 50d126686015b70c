"""Rounds, their guests, and the topics on their ballots.

A round's rules are columns, written while it is a draft and frozen when it opens: `terms` and `electorate` read them
as the values that `rules` counts with. A draft that could not open when its time came keeps since when, and as
`opening_failure` the name of the refusal. What a closed round gave is `result`, which readers see once it is published,
and `transfers`, the steps of ranked ballots; its public record is a `RoundRecord`, kept as it is served.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from membership.db import Base
from membership.topics.models import Topic
from membership.voting.errors import RoundClosed, RoundNotOpen, RoundOver
from membership.voting.rules import Electorate, Method, Terms, read_result


class RoundState(StrEnum):
    DRAFT = "draft"
    OPEN = "open"
    CLOSED = "closed"
    PUBLISHED = "published"


OVER = (RoundState.CLOSED, RoundState.PUBLISHED)


def is_taking(state: RoundState, closes_at: datetime, now: datetime) -> bool:
    """Whether a choice counts at this moment in a round of this state; the closing time itself is too late."""
    return state is RoundState.OPEN and now < closes_at


def admit(state: RoundState, closes_at: datetime, now: datetime) -> None:
    """Raise RoundNotOpen or RoundClosed unless a choice counts at this moment."""
    if state is RoundState.DRAFT:
        raise RoundNotOpen
    if not is_taking(state, closes_at, now):
        raise RoundClosed


class Round(Base):
    """A vote over topics, draft, open, closed and published; its rules are frozen when it opens."""

    __tablename__ = "rounds"
    __table_args__ = (
        CheckConstraint("seats > 0", name="seats_positive"),
        CheckConstraint("closes_at > opens_at", name="closes_after_opening"),
        CheckConstraint("(state <> 'draft') = (opened_at IS NOT NULL)", name="opened_has_a_time"),
        CheckConstraint("(state IN ('closed', 'published')) = (closed_at IS NOT NULL)", name="closed_has_a_time"),
        CheckConstraint("(state = 'published') = (published_at IS NOT NULL)", name="published_has_a_time"),
        CheckConstraint("(method = 'dots') = (budget IS NOT NULL)", name="dots_have_a_budget"),
        CheckConstraint("(method = 'score') = (top_score IS NOT NULL)", name="scores_have_a_top"),
        CheckConstraint("quorum_percent BETWEEN 0 AND 100", name="quorum_is_a_share"),
        CheckConstraint("min_months >= 0 AND hold_hours >= 0", name="spans_not_negative"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    title: Mapped[dict[str, str]]
    intro: Mapped[dict[str, str]]
    method: Mapped[Method]
    state: Mapped[RoundState]
    seats: Mapped[int]
    budget: Mapped[int | None]
    top_score: Mapped[int | None]
    quorum_percent: Mapped[int] = mapped_column(default=0)
    is_anonymous: Mapped[bool] = mapped_column(default=True)
    is_live: Mapped[bool] = mapped_column(default=False)
    hold_hours: Mapped[int] = mapped_column(default=0)
    flags: Mapped[list[str]] = mapped_column(default=lambda: ["vote"])
    tiers: Mapped[list[str]] = mapped_column(default=list)
    min_months: Mapped[int] = mapped_column(default=0)
    weights: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    is_open_roll: Mapped[bool] = mapped_column(default=False)
    tie_seed: Mapped[str]
    opens_at: Mapped[datetime]
    closes_at: Mapped[datetime]
    extensions: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    early_end: Mapped[dict[str, Any] | None]
    opened_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    published_at: Mapped[datetime | None]
    opening_failed_at: Mapped[datetime | None]
    opening_failure: Mapped[str | None]
    standing: Mapped[dict[str, Any] | None] = mapped_column(JSON, deferred=True)
    result: Mapped[dict[str, Any] | None]
    transfers: Mapped[dict[str, Any] | None] = mapped_column(deferred=True)
    topics: Mapped[list["RoundTopic"]] = relationship(lazy="selectin", order_by="RoundTopic.position")

    @property
    def slugs(self) -> list[str]:
        """The topics' slugs, in the order of the ballot."""
        return [entry.topic.slug for entry in self.topics]

    @property
    def terms(self) -> Terms:
        """How it is voted and counted."""
        return Terms(
            method=self.method,
            budget=self.budget,
            top_score=self.top_score,
            quorum_percent=self.quorum_percent,
            is_anonymous=self.is_anonymous,
            is_live=self.is_live,
            hold_hours=self.hold_hours,
        )

    @property
    def electorate(self) -> Electorate:
        """Who may vote, and with what weight."""
        return Electorate(
            flags=tuple(self.flags),
            tiers=tuple(self.tiers),
            min_months=self.min_months,
            weights=self.weights,
            is_open_roll=self.is_open_roll,
        )

    @property
    def chosen(self) -> list[str]:
        """The slugs of the chosen topics, best first; none before the result is published."""
        return read_result(self.result).chosen if self.result and self.state is RoundState.PUBLISHED else []

    @property
    def is_kept_back(self) -> bool:
        """Whether so few voted, or with one of the weights, that of its result only what was chosen is told."""
        return self.result is not None and read_result(self.result).is_kept_back

    @property
    def is_over(self) -> bool:
        """Whether it is closed and counted, published or not."""
        return self.state in OVER

    @property
    def earlier_ends(self) -> list[tuple[datetime, str]]:
        """When it was to close before it was extended, and why it was."""
        return [(datetime.fromisoformat(told["was"]), told["reason"]) for told in self.extensions]

    @property
    def ended_early(self) -> tuple[datetime, str] | None:
        """When it was to close, and why it was closed before; None where it closed at its time."""
        told = self.early_end
        return (datetime.fromisoformat(told["was"]), told["reason"]) if told else None

    @property
    def repairs(self) -> list[tuple[datetime, str, list[str]]]:
        """When its result was put right, why, and what had been told as chosen until then."""
        told = self.result.get("repairs", []) if self.result else []
        return [(datetime.fromisoformat(one["at"]), one["reason"], one["chosen"]) for one in told]

    @property
    def most_marks(self) -> int:
        """How much one vote of weight one can give a topic."""
        return self.top_score or self.budget or 1

    @property
    def publishes_at(self) -> datetime:
        """When the result of a round that is closed, or will be, is shown to everybody."""
        return (self.closed_at or self.closes_at) + timedelta(hours=self.hold_hours)

    def is_taking(self, now: datetime) -> bool:
        """Whether a choice counts at this moment; the closing time itself is too late, counted or not."""
        return is_taking(self.state, self.closes_at, now)

    def check_running(self, now: datetime) -> None:
        """Raise RoundNotOpen or RoundOver unless the newsroom can still change something about an open round."""
        if self.state is not RoundState.OPEN:
            raise RoundNotOpen
        if not self.is_taking(now):
            raise RoundOver

    def admit(self, now: datetime) -> None:
        """Raise RoundNotOpen or RoundClosed unless a choice counts at this moment."""
        admit(self.state, self.closes_at, now)


class RoundRecord(Base):
    """The public record of a closed round, byte for byte, with the SHA-256 of its bytes."""

    __tablename__ = "round_records"

    round_id: Mapped[int] = mapped_column(ForeignKey("rounds.id"), primary_key=True)
    sha256: Mapped[str]
    body: Mapped[str] = mapped_column(deferred=True)


class RoundGuest(Base):
    """A guest of the newsroom in a round: on its roll without being a member, with a weight of one."""

    __tablename__ = "round_guests"

    round_id: Mapped[int] = mapped_column(ForeignKey("rounds.id"), primary_key=True)
    patron_id: Mapped[int] = mapped_column(ForeignKey("patrons.id"), primary_key=True, index=True)
    reason: Mapped[str]


class RoundTopic(Base):
    """A topic on a round's ballot."""

    __tablename__ = "round_topics"
    __table_args__ = (UniqueConstraint("round_id", "position"),)

    round_id: Mapped[int] = mapped_column(ForeignKey("rounds.id"), primary_key=True)
    topic_id: Mapped[int] = mapped_column(ForeignKey("topics.id"), primary_key=True)
    position: Mapped[int]
    topic: Mapped[Topic] = relationship(lazy="joined")
