"""Topics: something to cover, from suggestion to published article."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy.orm import Mapped, mapped_column

from membership.db import Base


class TopicState(StrEnum):
    SUGGESTED = "suggested"
    SHORTLISTED = "shortlisted"
    ON_BALLOT = "on_ballot"
    CHOSEN = "chosen"
    NOT_CHOSEN = "not_chosen"
    ASSIGNED = "assigned"
    PUBLISHED = "published"
    DROPPED = "dropped"


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
