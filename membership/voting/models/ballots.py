"""The roll of who may vote, and the ballots."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from membership.db import Base

UNCONFIRMED = text("voted_at IS NOT NULL AND confirmed_at IS NULL")


class RollEntry(Base):
    """One patron who may vote in a round, with what weight and why; frozen when the round opens.

    `tier` is the slug of the tier that gave the vote, None for a guest. Who is struck off before the close
    (`struck_at`) keeps the line on the roll, so that it is counted openly, but has no vote and no ballot. A line of
    nobody is that of a patron who was erased.
    `confirmed_at` is when the letter with her receipt was written.
    """

    __tablename__ = "roll_entries"
    __table_args__ = (
        UniqueConstraint("round_id", "patron_id"),
        CheckConstraint("weight BETWEEN 1 AND 3", name="weight_capped"),
        Index("ix_roll_entries_unconfirmed", "round_id", sqlite_where=UNCONFIRMED, postgresql_where=UNCONFIRMED),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("rounds.id"), index=True)
    patron_id: Mapped[int | None] = mapped_column(ForeignKey("patrons.id"), index=True)
    weight: Mapped[int]
    reason: Mapped[str]
    tier: Mapped[str | None]
    voted_at: Mapped[datetime | None]
    confirmed_at: Mapped[datetime | None]
    struck_at: Mapped[datetime | None]
    struck_why: Mapped[str | None]


class BallotLink(Base):
    """A way from a letter to one ballot of one round, kept as a hash; it is gone when the round closes."""

    __tablename__ = "ballot_links"
    __table_args__ = (UniqueConstraint("roll_entry_id", "kind"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("rounds.id"), index=True)
    roll_entry_id: Mapped[int] = mapped_column(ForeignKey("roll_entries.id"))
    kind: Mapped[str]
    token_hash: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime]


class Ballot(Base):
    """One voter's marks; `roll_entry_id` is the seal, broken off for ever when the round closes.

    `marks` are slugs (approval, single, and ranked in order of preference) or numbers by slug (score, dots).
    `name` is what a voter signs with where the ballots of a round are not anonymous.
    """

    __tablename__ = "ballots"
    __table_args__ = (CheckConstraint("weight BETWEEN 1 AND 3", name="weight_capped"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("rounds.id"), index=True)
    roll_entry_id: Mapped[int | None] = mapped_column(ForeignKey("roll_entries.id"), unique=True)
    receipt: Mapped[str] = mapped_column(unique=True)
    weight: Mapped[int]
    marks: Mapped[Any] = mapped_column(JSON)
    name: Mapped[str | None]
