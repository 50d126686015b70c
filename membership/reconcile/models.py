"""How far a walk over Stripe's lists came, what it has seen that must be looked at closely, and what it found."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from membership.db import Base

_OPEN = text("ended_at IS NULL")


class Checkpoint(Base):
    """The moment up to which one of Stripe's lists has been compared."""

    __tablename__ = "checkpoints"

    name: Mapped[str] = mapped_column(primary_key=True)
    reached_at: Mapped[datetime]


class Walk(Base):
    """One walk over everything: `step` and `after` say where it goes on, whoever was cut off there.

    `others` counts what it saw of products that are not ours, by kind.
    """

    __tablename__ = "walks"
    __table_args__ = (
        Index("uq_walks_open", "is_dry", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_walks_ended_at", "ended_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    is_dry: Mapped[bool]
    since: Mapped[datetime]
    started_at: Mapped[datetime]
    step: Mapped[str | None]
    after: Mapped[str | None]
    seen: Mapped[int] = mapped_column(default=0)
    others: Mapped[dict[str, Any]]
    ended_at: Mapped[datetime | None]


class Sighting(Base):
    """Something that Stripe told and that our rows may not say; those with one `key` are recorded together.

    `body` is what Stripe told, for as long as the walk has not come to it.
    """

    __tablename__ = "sightings"
    __table_args__ = (
        UniqueConstraint("walk_id", "object_id"),
        Index("ix_sightings_walk_id_key", "walk_id", "key"),
        Index("ix_sightings_walk_id_happened_at", "walk_id", "happened_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    walk_id: Mapped[int] = mapped_column(ForeignKey("walks.id"))
    kind: Mapped[str]
    object_id: Mapped[str]
    key: Mapped[str]
    happened_at: Mapped[datetime]
    body: Mapped[str]


class SightingName(Base):
    """A name by which what is seen later says that it belongs to something seen before."""

    __tablename__ = "sighting_names"

    walk_id: Mapped[int] = mapped_column(ForeignKey("walks.id"), primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str]


class WalkFinding(Base):
    """One difference that a walk found, why it arose, and whether it is gone now."""

    __tablename__ = "walk_findings"
    __table_args__ = (
        UniqueConstraint("walk_id", "object_id", "what"),
        Index("ix_walk_findings_walk_id_key", "walk_id", "key"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    walk_id: Mapped[int] = mapped_column(ForeignKey("walks.id"))
    key: Mapped[str]
    object_id: Mapped[str]
    what: Mapped[str]
    cause: Mapped[str]
    is_repaired: Mapped[bool]
