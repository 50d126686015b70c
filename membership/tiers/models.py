"""Levels of support: what they are called, what they cost, what they switch on."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, composite, mapped_column, relationship

from membership.db import Base
from membership.money import Money
from membership.tiers.errors import TierRetired


class Interval(StrEnum):
    MONTH = "month"
    YEAR = "year"


class Tier(Base):
    """A level of recurring support, and the access flags it switches on; texts are kept per language."""

    __tablename__ = "tiers"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[dict[str, str]]
    summary: Mapped[dict[str, str]]
    benefits: Mapped[dict[str, Any]]
    flags: Mapped[list[str]]
    vote_weight: Mapped[int] = mapped_column(default=1)
    position: Mapped[int] = mapped_column(default=0)
    stripe_product_id: Mapped[str | None] = mapped_column(unique=True)
    retired_at: Mapped[datetime | None]
    prices: Mapped[list["Price"]] = relationship(back_populates="tier", lazy="selectin", order_by="Price.amount_minor")

    def admit(self) -> None:
        """Raise TierRetired unless the tier still takes new patrons."""
        if self.retired_at is not None:
            raise TierRetired


class Price(Base):
    """What a tier costs per interval in a currency; never edited, only retired."""

    __tablename__ = "prices"
    __table_args__ = (
        CheckConstraint("amount_minor > 0", name="amount_positive"),
        CheckConstraint("length(amount_currency) = 3", name="currency_known"),
        Index(
            "uq_prices_open",
            "tier_id",
            "interval",
            "amount_currency",
            unique=True,
            sqlite_where=text("retired_at IS NULL"),
            postgresql_where=text("retired_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    tier_id: Mapped[int] = mapped_column(ForeignKey("tiers.id"))
    interval: Mapped[Interval]
    amount_minor: Mapped[int]
    amount_currency: Mapped[str]
    amount: Mapped[Money] = composite("amount_minor", "amount_currency")
    lookup_key: Mapped[str] = mapped_column(unique=True)
    stripe_price_id: Mapped[str | None] = mapped_column(unique=True)
    retired_at: Mapped[datetime | None]
    tier: Mapped[Tier] = relationship(back_populates="prices", lazy="joined")
