"""Topics, rounds, the roll of who may vote, and the ballots."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from membership.db import Base
from membership.voting.errors import RoundClosed, RoundNotOpen
from membership.voting.rules import read_result


class TopicState(StrEnum):
    SUGGESTED = "suggested"
    SHORTLISTED = "shortlisted"
    ON_BALLOT = "on_ballot"
    CHOSEN = "chosen"
    NOT_CHOSEN = "not_chosen"
    ASSIGNED = "assigned"
    PUBLISHED = "published"
    DROPPED = "dropped"


class RoundState(StrEnum):
    DRAFT = "draft"
    OPEN = "open"
    CLOSED = "closed"


class Method(StrEnum):
    APPROVAL = "approval"


class Topic(Base):
    """Something to cover, from suggestion to published article; texts are kept per language."""

    __tablename__ = "topics"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    title: Mapped[dict[str, str]]
    why: Mapped[dict[str, str]]
    state: Mapped[TopicState]
    article_url: Mapped[str | None]
    created_at: Mapped[datetime]


class Round(Base):
    """A vote over topics; method, seats, roll and tie seed are fixed when it opens."""

    __tablename__ = "rounds"
    __table_args__ = (
        CheckConstraint("seats > 0", name="seats_positive"),
        CheckConstraint("closes_at > opens_at", name="closes_after_opening"),
        CheckConstraint("(state <> 'draft') = (opened_at IS NOT NULL)", name="opened_has_a_time"),
        CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name="closed_has_a_time"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    title: Mapped[dict[str, str]]
    intro: Mapped[dict[str, str]]
    method: Mapped[Method]
    state: Mapped[RoundState]
    seats: Mapped[int]
    tie_seed: Mapped[str]
    opens_at: Mapped[datetime]
    closes_at: Mapped[datetime]
    opened_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    result: Mapped[dict[str, Any] | None]
    topics: Mapped[list["RoundTopic"]] = relationship(lazy="selectin", order_by="RoundTopic.position")

    @property
    def slugs(self) -> list[str]:
        """The topics' slugs, in the order of the ballot."""
        return [entry.topic.slug for entry in self.topics]

    @property
    def chosen(self) -> list[str]:
        """The slugs of the chosen topics, best first; none before the round is closed."""
        return read_result(self.result).chosen if self.result else []

    def is_taking(self, now: datetime) -> bool:
        """Whether a choice counts at this moment; the closing time itself is too late, counted or not."""
        return self.state is RoundState.OPEN and now < self.closes_at

    def admit(self, now: datetime) -> None:
        """Raise RoundNotOpen or RoundClosed unless a choice counts at this moment."""
        if self.state is RoundState.DRAFT:
            raise RoundNotOpen
        if not self.is_taking(now):
            raise RoundClosed


class RoundTopic(Base):
    """A topic on a round's ballot."""

    __tablename__ = "round_topics"
    __table_args__ = (UniqueConstraint("round_id", "position"),)

    round_id: Mapped[int] = mapped_column(ForeignKey("rounds.id"), primary_key=True)
    topic_id: Mapped[int] = mapped_column(ForeignKey("topics.id"), primary_key=True)
    position: Mapped[int]
    topic: Mapped[Topic] = relationship(lazy="joined")


class RollEntry(Base):
    """One patron who may vote in a round, with what weight and why; frozen when the round opens."""

    __tablename__ = "roll_entries"
    __table_args__ = (
        UniqueConstraint("round_id", "patron_id"),
        CheckConstraint("weight BETWEEN 1 AND 3", name="weight_capped"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("rounds.id"), index=True)
    patron_id: Mapped[int] = mapped_column(ForeignKey("patrons.id"), index=True)
    weight: Mapped[int]
    reason: Mapped[str]
    voted_at: Mapped[datetime | None]


class Ballot(Base):
    """One voter's marks; `roll_entry_id` is the seal, broken off for ever when the round closes."""

    __tablename__ = "ballots"
    __table_args__ = (CheckConstraint("weight BETWEEN 1 AND 3", name="weight_capped"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("rounds.id"), index=True)
    roll_entry_id: Mapped[int | None] = mapped_column(ForeignKey("roll_entries.id"), unique=True)
    receipt: Mapped[str] = mapped_column(unique=True)
    weight: Mapped[int]
    marks: Mapped[list[str]]
