"""Memberships bought for somebody else: who has them, and what became of their codes."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from membership.db import Base
from membership.donations.models import Donation
from membership.subscriptions.models import Subscription
from membership.tiers.models import Tier


class Gift(Base):
    """A membership for somebody else, paid by a donation of its own; of its code only the hash is kept.

    `public_id` opens the giver's page. Without a `recipient_email` the code goes to the giver, to be printed.
    """

    __tablename__ = "gifts"
    __table_args__ = (
        CheckConstraint("months > 0", name="months_positive"),
        CheckConstraint("(redeemed_at IS NULL) = (patron_id IS NULL)", name="redeemed_by_somebody"),
        CheckConstraint("(sent_at IS NULL) = (code_hash IS NULL)", name="sent_with_a_code"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True)
    donation_id: Mapped[int] = mapped_column(ForeignKey("donations.id"), unique=True)
    tier_id: Mapped[int] = mapped_column(ForeignKey("tiers.id"))
    months: Mapped[int]
    giver_name: Mapped[str]
    recipient_name: Mapped[str]
    recipient_email: Mapped[str | None]
    recipient_locale: Mapped[str]
    words: Mapped[str]
    send_at: Mapped[datetime]
    announced_at: Mapped[datetime | None]
    code_hash: Mapped[str | None] = mapped_column(unique=True)
    sent_at: Mapped[datetime | None]
    patron_id: Mapped[int | None] = mapped_column(ForeignKey("patrons.id"), index=True)
    redeemed_at: Mapped[datetime | None]
    voided_at: Mapped[datetime | None]
    donation: Mapped[Donation] = relationship(lazy="joined")
    tier: Mapped[Tier] = relationship(lazy="joined")

    @property
    def cause(self) -> str:
        """Name the gift where it gives time."""
        return f"gift:{self.id}"


class PauseStatus(StrEnum):
    """WANTED: Stripe is to be asked. PAUSED: it agreed. OVER: she pays herself again, or went her own way."""

    WANTED = "wanted"
    PAUSED = "paused"
    OVER = "over"


class GiftPause(Base):
    """That what somebody pays herself rests while a gift runs; committed before Stripe is asked.

    Nothing is asked of her before `until`, which moves when the gift is taken back.
    """

    __tablename__ = "gift_pauses"

    id: Mapped[int] = mapped_column(primary_key=True)
    gift_id: Mapped[int] = mapped_column(ForeignKey("gifts.id"), unique=True)
    subscription_id: Mapped[int] = mapped_column(ForeignKey("subscriptions.id"), index=True)
    status: Mapped[PauseStatus] = mapped_column(index=True)
    until: Mapped[datetime]
    changed_at: Mapped[datetime]
    subscription: Mapped[Subscription] = relationship(lazy="joined")
    gift: Mapped[Gift] = relationship(lazy="joined")
