"""Topics, what became of them step by step, how they were worded, and who stands behind them."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from membership.db import Base
from membership.patrons.models import Patron


class TopicState(StrEnum):
    SUGGESTED = "suggested"
    MERGED = "merged"
    DECLINED = "declined"
    SHORTLISTED = "shortlisted"
    ON_BALLOT = "on_ballot"
    CHOSEN = "chosen"
    NOT_CHOSEN = "not_chosen"
    ASSIGNED = "assigned"
    PUBLISHED = "published"
    DROPPED = "dropped"


class Topic(Base):
    """Something to cover, from suggestion to published article; texts are kept per language.

    A suggestion is seen by its author and by staff alone until `listed_at`; `edition` counts how often it was worded.
    """

    __tablename__ = "topics"
    __table_args__ = (
        CheckConstraint("(state = 'merged') = (merged_into_id IS NOT NULL)", name="merged_into_another"),
        CheckConstraint("merged_into_id <> id", name="merged_not_into_itself"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    title: Mapped[dict[str, str]]
    why: Mapped[dict[str, str]]
    links: Mapped[list[str]] = mapped_column(default=list, server_default="[]")
    state: Mapped[TopicState]
    edition: Mapped[int] = mapped_column(default=1, server_default="1")
    suggested_by_id: Mapped[int | None] = mapped_column(ForeignKey("patrons.id"), index=True)
    listed_at: Mapped[datetime | None]
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("topics.id"), index=True)
    assignee: Mapped[str | None]
    due_on: Mapped[date | None]
    article_url: Mapped[str | None]
    created_at: Mapped[datetime]
    merged_into: Mapped["Topic | None"] = relationship(remote_side="Topic.id", lazy="raise")


class TopicStep(Base):
    """One change of a topic's state: when, by whom, and why where a reason is owed.

    A step into the state that it has is another address or day told; its reason is what was told before.
    """

    __tablename__ = "topic_steps"

    id: Mapped[int] = mapped_column(primary_key=True)
    topic_id: Mapped[int] = mapped_column(ForeignKey("topics.id"), index=True)
    at: Mapped[datetime]
    actor: Mapped[str]
    state: Mapped[TopicState]
    reason: Mapped[str]


class TopicEdition(Base):
    """How a topic was worded before somebody edited it; readers see that of `is_shown` editions."""

    __tablename__ = "topic_editions"
    __table_args__ = (UniqueConstraint("topic_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    topic_id: Mapped[int] = mapped_column(ForeignKey("topics.id"))
    number: Mapped[int]
    title: Mapped[dict[str, str]]
    why: Mapped[dict[str, str]]
    links: Mapped[list[str]]
    replaced_at: Mapped[datetime]
    replaced_by: Mapped[str]
    reason: Mapped[str]
    is_shown: Mapped[bool] = mapped_column(default=False, server_default=false())


class TopicFollower(Base):
    """One person's part in a topic: she wants it covered (`supports`), she wants to hear of it (`follows`), or both."""

    __tablename__ = "topic_followers"

    topic_id: Mapped[int] = mapped_column(ForeignKey("topics.id"), primary_key=True)
    patron_id: Mapped[int] = mapped_column(ForeignKey("patrons.id"), primary_key=True, index=True)
    supports: Mapped[bool]
    follows: Mapped[bool]
    since: Mapped[datetime]


class TopicComment(Base):
    """What somebody had to say about a topic, signed as she chose; hidden by staff, never silently deleted."""

    __tablename__ = "topic_comments"

    id: Mapped[int] = mapped_column(primary_key=True)
    topic_id: Mapped[int] = mapped_column(ForeignKey("topics.id"), index=True)
    patron_id: Mapped[int | None] = mapped_column(ForeignKey("patrons.id"), index=True)
    signed_as: Mapped[str]
    text: Mapped[str]
    created_at: Mapped[datetime]
    hidden_at: Mapped[datetime | None]
    hidden_reason: Mapped[str | None]
    patron: Mapped[Patron | None] = relationship(lazy="raise")


class HouseRules(Base):
    """What the newsroom decided about suggestions, in a single row; `per_tier` overrides `per_month` by tier."""

    __tablename__ = "house_rules"
    __table_args__ = (CheckConstraint("id = 1", name="single"), CheckConstraint("per_month >= 0", name="not_negative"))

    id: Mapped[int] = mapped_column(primary_key=True)
    per_month: Mapped[int]
    per_tier: Mapped[dict[str, Any]]
    lists_at_once: Mapped[bool]
    has_comments: Mapped[bool]
