"""What became of a standing order on its patron's wish: another price, a stop, a rise that she was told of."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from membership.db import Base
from membership.subscriptions.models.orders import Subscription
from membership.tiers.models import Price, PriceRise


class ChangeStatus(StrEnum):
    """STARTED: our row exists. DONE: it is changed or planned. WAITING: for its payment. FAILED: it was refused."""

    STARTED = "started"
    DONE = "done"
    WAITING = "waiting"
    FAILED = "failed"


class ChangeMoment(StrEnum):
    """When another price begins: at once, charged for the rest of the period; or when the period ends."""

    NOW = "now"
    PERIOD_END = "period_end"


class SubscriptionChange(Base):
    """The wish for another price, committed before Stripe is asked; one per subscription waits for its answer."""

    __tablename__ = "subscription_changes"
    __table_args__ = (
        Index(
            "uq_subscription_changes_started",
            "subscription_id",
            unique=True,
            sqlite_where=text("status = 'started'"),
            postgresql_where=text("status = 'started'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(unique=True)
    subscription_id: Mapped[int] = mapped_column(ForeignKey("subscriptions.id"), index=True)
    price_id: Mapped[int] = mapped_column(ForeignKey("prices.id"))
    moment: Mapped[ChangeMoment]
    status: Mapped[ChangeStatus]
    counted_from: Mapped[datetime]
    created_at: Mapped[datetime]
    subscription: Mapped[Subscription] = relationship(lazy="joined")
    price: Mapped[Price] = relationship(lazy="joined")


class StopReason(StrEnum):
    """Why somebody stops, if she likes to tell."""

    MONEY = "money"
    TIME = "time"
    COVERAGE = "coverage"
    TECHNICAL = "technical"
    ONCE = "once"
    OTHER = "other"


class Stop(Base):
    """That somebody asked to stop: by which door, and why if she told."""

    __tablename__ = "stops"

    id: Mapped[int] = mapped_column(primary_key=True)
    subscription_id: Mapped[int] = mapped_column(ForeignKey("subscriptions.id"), index=True)
    door: Mapped[str]
    reason: Mapped[StopReason | None]
    words: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]


class RiseNotice(Base):
    """That one subscriber was told of a rise: when it will first be asked of her, and since when it is."""

    __tablename__ = "rise_notices"
    __table_args__ = (UniqueConstraint("rise_id", "subscription_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    rise_id: Mapped[int] = mapped_column(ForeignKey("price_rises.id"))
    subscription_id: Mapped[int] = mapped_column(ForeignKey("subscriptions.id"), index=True)
    told_at: Mapped[datetime]
    due_at: Mapped[datetime]
    moved_at: Mapped[datetime | None]
    rise: Mapped[PriceRise] = relationship(lazy="joined")
    subscription: Mapped[Subscription] = relationship(lazy="joined")
