"""Time that a patron holds a tier and that no subscription pays for, and how money becomes such time."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, composite, mapped_column, relationship

from membership.db import Base
from membership.money import Money
from membership.tiers.models import Tier


class TermSource(StrEnum):
    """GIFT: somebody gave it. OFFLINE: money that came past Stripe. DONATION: a one-off gift by card."""

    GIFT = "gift"
    OFFLINE = "offline"
    DONATION = "donation"


class Term(Base):
    """A stretch of time in which a patron holds a tier; `cause` (what gave it) is unique, so none is given twice.

    Whoever gives again and again by bank is never a day late by our fault: until `awaited_until` the next one may come.
    """

    __tablename__ = "terms"
    __table_args__ = (
        CheckConstraint("ends_at > starts_at", name="period_forward"),
        CheckConstraint("awaited_until >= ends_at", name="awaited_after_the_end"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    patron_id: Mapped[int] = mapped_column(ForeignKey("patrons.id"), index=True)
    tier_id: Mapped[int] = mapped_column(ForeignKey("tiers.id"))
    source: Mapped[TermSource]
    cause: Mapped[str] = mapped_column(unique=True)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    awaited_until: Mapped[datetime]
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    tier: Mapped[Tier] = relationship(lazy="joined")


class TermPolicy(Base):
    """In one currency: so much money is a month of a tier, up to so many months; a policy per currency."""

    __tablename__ = "term_policies"
    __table_args__ = (
        CheckConstraint("month_minor > 0", name="month_positive"),
        CheckConstraint("most_months > 0", name="most_months_positive"),
        CheckConstraint("patience_days >= 0", name="patience_not_negative"),
    )

    month_currency: Mapped[str] = mapped_column(primary_key=True)
    month_minor: Mapped[int]
    month: Mapped[Money] = composite("month_minor", "month_currency")
    tier_id: Mapped[int] = mapped_column(ForeignKey("tiers.id"))
    most_months: Mapped[int]
    patience_days: Mapped[int]
    counts_cards: Mapped[bool]
    tier: Mapped[Tier] = relationship(lazy="joined")
