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
    QUARTER = "quarter"
    YEAR = "year"

    @property
    def months(self) -> int:
        return _MONTHS[self]


_MONTHS = {Interval.MONTH: 1, Interval.QUARTER: 3, Interval.YEAR: 12}


class PriceKind(StrEnum):
    """LISTED: on the support page. CONCESSION: for whom that is too much, on trust. CHOSEN: what a reader named."""

    LISTED = "listed"
    CONCESSION = "concession"
    CHOSEN = "chosen"


class Flag(Base):
    """An access flag that staff defined, beside those that every newsroom has (`tiers.rules.BUILT_IN`)."""

    __tablename__ = "flags"

    slug: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[dict[str, str]]


_OFFERED = text("retired_at IS NULL AND kind <> 'chosen'")


class Tier(Base):
    """A level of recurring support, and the access flags it switches on; texts are kept per language.

    Its policy: access goes on `grace_days` after a renewal first failed, a second letter goes out after
    `reminder_days` of them, the support ends after `give_up_days`; it may be paused for `pause_months` at most.
    """

    __tablename__ = "tiers"
    __table_args__ = (
        CheckConstraint("grace_days BETWEEN 0 AND give_up_days", name="grace_within_patience"),
        CheckConstraint("reminder_days BETWEEN 1 AND give_up_days", name="reminder_within_patience"),
        CheckConstraint("pause_months BETWEEN 0 AND 3", name="pause_short"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[dict[str, str]]
    summary: Mapped[dict[str, str]]
    benefits: Mapped[dict[str, Any]]
    flags: Mapped[list[str]]
    vote_weight: Mapped[int] = mapped_column(default=1)
    position: Mapped[int] = mapped_column(default=0)
    takes_more: Mapped[bool] = mapped_column(default=True)
    grace_days: Mapped[int] = mapped_column(default=14)
    reminder_days: Mapped[int] = mapped_column(default=7)
    give_up_days: Mapped[int] = mapped_column(default=28)
    pause_months: Mapped[int] = mapped_column(default=3)
    stripe_product_id: Mapped[str | None] = mapped_column(unique=True)
    retired_at: Mapped[datetime | None]
    prices: Mapped[list["Price"]] = relationship(back_populates="tier", lazy="selectin", order_by="Price.amount_minor")

    def admit(self) -> None:
        """Raise TierRetired unless the tier still takes new patrons."""
        if self.retired_at is not None:
            raise TierRetired


class Price(Base):
    """What a tier costs per interval in a currency; never edited, only retired; one of a kind is offered at a time."""

    __tablename__ = "prices"
    __table_args__ = (
        CheckConstraint("amount_minor > 0", name="amount_positive"),
        CheckConstraint("length(amount_currency) = 3", name="currency_known"),
        Index(
            "uq_prices_open",
            "tier_id",
            "interval",
            "amount_currency",
            "kind",
            unique=True,
            sqlite_where=_OFFERED,
            postgresql_where=_OFFERED,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    tier_id: Mapped[int] = mapped_column(ForeignKey("tiers.id"))
    kind: Mapped[PriceKind] = mapped_column(default=PriceKind.LISTED)
    interval: Mapped[Interval]
    amount_minor: Mapped[int]
    amount_currency: Mapped[str]
    amount: Mapped[Money] = composite("amount_minor", "amount_currency")
    lookup_key: Mapped[str] = mapped_column(unique=True)
    stripe_price_id: Mapped[str | None] = mapped_column(unique=True)
    retired_at: Mapped[datetime | None]
    tier: Mapped[Tier] = relationship(back_populates="prices", lazy="joined")


class PriceRise(Base):
    """A higher price for those who are in a tier already, from a day on that they are told in time."""

    __tablename__ = "price_rises"

    id: Mapped[int] = mapped_column(primary_key=True)
    price_id: Mapped[int] = mapped_column(ForeignKey("prices.id"), unique=True)
    takes_effect_at: Mapped[datetime]
    announced_at: Mapped[datetime]
    called_off_at: Mapped[datetime | None]
    price: Mapped[Price] = relationship(lazy="joined")


class CouponDuration(StrEnum):
    """For how many payments a coupon counts: the first, those of some months, all."""

    ONCE = "once"
    REPEATING = "repeating"
    FOREVER = "forever"


class Coupon(Base):
    """A code that makes a tier cheaper: by a share, or by an amount in one currency; `uses` counts what was paid."""

    __tablename__ = "coupons"
    __table_args__ = (
        CheckConstraint("(percent_off IS NULL) <> (amount_off_minor IS NULL)", name="one_discount"),
        CheckConstraint("percent_off BETWEEN 1 AND 100", name="percent_possible"),
        CheckConstraint("amount_off_minor > 0", name="amount_positive"),
        CheckConstraint("(amount_off_minor IS NULL) = (amount_off_currency IS NULL)", name="amount_has_a_currency"),
        CheckConstraint("(duration = 'repeating') = (months IS NOT NULL)", name="repeating_has_months"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    tier_id: Mapped[int | None] = mapped_column(ForeignKey("tiers.id"))
    percent_off: Mapped[int | None]
    amount_off_minor: Mapped[int | None]
    amount_off_currency: Mapped[str | None]
    duration: Mapped[CouponDuration]
    months: Mapped[int | None]
    most_uses: Mapped[int | None]
    uses: Mapped[int] = mapped_column(default=0)
    ends_at: Mapped[datetime | None]
    stripe_coupon_id: Mapped[str | None] = mapped_column(unique=True)
    stripe_promotion_code_id: Mapped[str | None] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]

    @property
    def is_used_up(self) -> bool:
        """Whether it was used as often as it may be."""
        return self.most_uses is not None and self.uses >= self.most_uses
