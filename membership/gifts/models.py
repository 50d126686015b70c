"""Memberships bought for somebody else: who has them, and what became of their codes."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from membership.db import Base
from membership.donations.models import Donation
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
