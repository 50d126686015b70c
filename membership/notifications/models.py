"""Where sites want to be told, what they were told last, and what is told until it arrives."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from membership.access.models import Site
from membership.db import Base


class SiteEndpoint(Base):
    """The address at which a site is told; `failing_since` is the first failure after the last success.

    Readers whom the site knew when it registered the address, up to `known_through`, are not told of at first.
    """

    __tablename__ = "site_endpoints"
    __table_args__ = (
        CheckConstraint("(disabled_at IS NULL) = (disabled_why IS NULL)", name="disabled_for_a_reason"),
        CheckConstraint("(former_sealed IS NULL) = (former_until IS NULL)", name="former_has_an_end"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"), unique=True)
    url: Mapped[str]
    secret_sealed: Mapped[str]
    former_sealed: Mapped[str | None]
    former_until: Mapped[datetime | None]
    known_through: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    failing_since: Mapped[datetime | None]
    disabled_at: Mapped[datetime | None]
    disabled_why: Mapped[str | None]
    site: Mapped[Site] = relationship(lazy="joined")


class ToldDecision(Base):
    """What a site was told last of a reader; to be looked at again at `check_at`, if nothing happens before."""

    __tablename__ = "told_decisions"
    __table_args__ = (UniqueConstraint("site_id", "subject"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    subject: Mapped[str]
    state: Mapped[str]
    tier: Mapped[str | None]
    flags: Mapped[list[str]]
    valid_until: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=0)
    check_at: Mapped[datetime] = mapped_column(index=True)


class Notification(Base):
    """One message to a site, kept as the bytes that are signed, until long after it arrived."""

    __tablename__ = "notifications"
    __table_args__ = (
        CheckConstraint("attempts >= 0", name="attempts_counted"),
        Index("ix_notifications_site_id_created_at", "site_id", "created_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    kind: Mapped[str]
    body: Mapped[str]
    created_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    tried_at: Mapped[datetime | None]
    next_at: Mapped[datetime | None]
    outcome: Mapped[str | None]
    delivered_at: Mapped[datetime | None]


class ConnectionCheck(Base):
    """What the last test of a site's connection found; under way until it has finished."""

    __tablename__ = "connection_checks"

    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"), primary_key=True)
    asked_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    findings: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
