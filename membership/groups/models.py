"""Groups that hold seats of a tier, and who was invited to a seat and took it."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from membership.db import Base
from membership.patrons.models import Patron
from membership.payments.models import Payment
from membership.tiers.models import Tier

MOST_SEATS = 5_000


class SeatEnd(StrEnum):
    """Why an invitation or a seat is no more.

    WITHDRAWN and TAKEN_BACK by the group's manager or by staff, LEFT by its holder, GROUP_ENDED with all others,
    EXPIRED because nobody took it, MERGED into another seat of hers, BANNED and ERASED with her account.
    """

    WITHDRAWN = "withdrawn"
    TAKEN_BACK = "taken_back"
    LEFT = "left"
    GROUP_ENDED = "group_ended"
    EXPIRED = "expired"
    MERGED = "merged"
    BANNED = "banned"
    ERASED = "erased"


class Group(Base):
    """A library, school, company or family: so many seats of a tier, looked after by one patron.

    Without `ends_at` it goes on until staff end it. Without a manager, who was erased, it waits for staff to name one.
    `payment_id` is what paid for it past Stripe, if anything did. `warned_at` is when it was written that it ends soon.
    """

    __tablename__ = "groups"
    __table_args__ = (
        CheckConstraint(f"seats BETWEEN 1 AND {MOST_SEATS}", name="seats_in_bounds"),
        CheckConstraint("ends_at >= starts_at", name="period_forward"),
        CheckConstraint("ended_at IS NULL OR (ends_at IS NOT NULL AND end_reason <> '')", name="ended_for_a_reason"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    tier_id: Mapped[int] = mapped_column(ForeignKey("tiers.id"))
    seats: Mapped[int]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]
    manager_id: Mapped[int | None] = mapped_column(ForeignKey("patrons.id"), index=True)
    note: Mapped[str] = mapped_column(default="")
    payment_id: Mapped[int | None] = mapped_column(ForeignKey("payments.id"))
    created_at: Mapped[datetime]
    warned_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str] = mapped_column(default="")
    tier: Mapped[Tier] = relationship(lazy="joined")
    manager: Mapped[Patron | None] = relationship(lazy="joined")
    payment: Mapped[Payment | None] = relationship()

    def is_over(self, now: datetime) -> bool:
        """Whether its seats give nothing any more."""
        return self.ended_at is not None or (self.ends_at is not None and self.ends_at <= now)


_IN_FORCE = text("ended_at IS NULL")


class Seat(Base):
    """An invitation to a seat, and the seat once somebody has taken it; of its code only the hash is kept.

    `email` is the invited address, which the manager sees; whoever takes the seat may sign in with another one.
    `told_at` is when its holder was told that she has lost it.
    """

    __tablename__ = "seats"
    __table_args__ = (
        CheckConstraint("(patron_id IS NULL) = (taken_at IS NULL)", name="taken_by_somebody"),
        CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name="ended_by_something"),
        Index("ix_seats_group_id", "group_id"),
        Index(
            "uq_seats_of_a_patron",
            "group_id",
            "patron_id",
            unique=True,
            sqlite_where=_IN_FORCE,
            postgresql_where=_IN_FORCE,
        ),
        Index(
            "uq_seats_of_an_address",
            "group_id",
            "email",
            unique=True,
            sqlite_where=_IN_FORCE,
            postgresql_where=_IN_FORCE,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id"))
    email: Mapped[str | None]
    locale: Mapped[str]
    code_hash: Mapped[str | None] = mapped_column(unique=True)
    times_sent: Mapped[int]
    sent_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    patron_id: Mapped[int | None] = mapped_column(ForeignKey("patrons.id"), index=True)
    taken_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[SeatEnd | None]
    told_at: Mapped[datetime | None]
    group: Mapped[Group] = relationship()

    def end(self, why: SeatEnd, now: datetime) -> None:
        """End the invitation or the seat; its link opens nothing any more."""
        self.ended_at, self.ended_by = now, why
