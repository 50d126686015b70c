"""A patron's standing order for a tier: the wish, and the mirror of what Stripe says it is."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from membership.db import Base
from membership.patrons.models import Patron
from membership.tiers.models import Coupon, Price

_WAITING = text("status IN ('started', 'open')")
_LIVE = text("status NOT IN ('ended', 'expired') AND NOT is_surplus")


class IntentStatus(StrEnum):
    """STARTED: our row exists. OPEN: Stripe holds a checkout. The rest is final."""

    STARTED = "started"
    OPEN = "open"
    COMPLETED = "completed"
    EXPIRED = "expired"
    FAILED = "failed"


class SubscriptionStatus(StrEnum):
    INCOMPLETE = "incomplete"
    TRIALING = "trialing"
    ACTIVE = "active"
    PAST_DUE = "past_due"
    UNPAID = "unpaid"
    PAUSED = "paused"
    ENDED = "ended"
    EXPIRED = "expired"

    @property
    def is_final(self) -> bool:
        return self in {SubscriptionStatus.ENDED, SubscriptionStatus.EXPIRED}


class InvoiceStatus(StrEnum):
    DRAFT = "draft"
    OPEN = "open"
    PAID = "paid"
    VOID = "void"
    UNCOLLECTIBLE = "uncollectible"


class RevokedBy(StrEnum):
    """Why a period that was paid for does not count: the money went back, a bank holds it, or a bank sent it back."""

    REFUND = "refund"
    DISPUTE = "dispute"
    FRAUD_WARNING = "fraud_warning"
    RETURN = "return"


class SubscriptionIntent(Base):
    """The wish to subscribe, committed before Stripe is asked; one per patron waits at a time.

    `refusal` is why the bank did not pay the first debit, where that ended it.
    """

    __tablename__ = "subscription_intents"
    __table_args__ = (
        Index(
            "uq_subscription_intents_waiting",
            "patron_id",
            unique=True,
            sqlite_where=_WAITING,
            postgresql_where=_WAITING,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(unique=True)
    patron_id: Mapped[int] = mapped_column(ForeignKey("patrons.id"), index=True)
    price_id: Mapped[int] = mapped_column(ForeignKey("prices.id"))
    status: Mapped[IntentStatus]
    source: Mapped[str] = mapped_column(default="")
    browser_hash: Mapped[str] = mapped_column(default="")
    locale: Mapped[str] = mapped_column(default="en")
    coupon_id: Mapped[int | None] = mapped_column(ForeignKey("coupons.id"))
    stripe_session_id: Mapped[str | None] = mapped_column(unique=True)
    checkout_url: Mapped[str | None]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    trial_ends_at: Mapped[datetime | None]
    refusal: Mapped[str | None]
    patron: Mapped[Patron] = relationship(lazy="joined")
    price: Mapped[Price] = relationship(lazy="joined")
    coupon: Mapped[Coupon | None] = relationship(lazy="joined")


class Subscription(Base):
    """A standing order as Stripe last described it; `is_surplus` marks a second live one, which staff must look at.

    Nothing is asked before `paused_until`; the price will be another one from `next_price_at` on; a change of price
    waits for its payment until `pending_until`; `set_aside_price` was planned when she stopped, and is planned again if
    she goes on after all. `rests_until` ends a pause that a gift brings, which the letter about the gift tells of.
    One that `is_cut_off` did not stop by itself: money that went back, or might, ended it, and what is still good of
    what was paid counts to its end.
    """

    __tablename__ = "subscriptions"
    __table_args__ = (
        Index("uq_subscriptions_live", "patron_id", unique=True, sqlite_where=_LIVE, postgresql_where=_LIVE),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    patron_id: Mapped[int] = mapped_column(ForeignKey("patrons.id"), index=True)
    price_id: Mapped[int] = mapped_column(ForeignKey("prices.id"))
    stripe_subscription_id: Mapped[str] = mapped_column(unique=True)
    stripe_item_id: Mapped[str]
    status: Mapped[SubscriptionStatus]
    is_surplus: Mapped[bool] = mapped_column(default=False)
    source: Mapped[str] = mapped_column(default="")
    started_at: Mapped[datetime]
    period_starts_at: Mapped[datetime]
    period_ends_at: Mapped[datetime]
    cancel_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str | None]
    is_cut_off: Mapped[bool] = mapped_column(default=False)
    paused_until: Mapped[datetime | None]
    next_price_id: Mapped[int | None] = mapped_column(ForeignKey("prices.id"))
    next_price_at: Mapped[datetime | None]
    rests_until: Mapped[datetime | None]
    set_aside_price_id: Mapped[int | None] = mapped_column(ForeignKey("prices.id"))
    pending_until: Mapped[datetime | None]
    as_of: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)
    patron: Mapped[Patron] = relationship(lazy="joined")
    price: Mapped[Price] = relationship(lazy="joined", foreign_keys=price_id)
    next_price: Mapped[Price | None] = relationship(lazy="joined", foreign_keys=next_price_id)
    set_aside_price: Mapped[Price | None] = relationship(lazy="joined", foreign_keys=set_aside_price_id)
    invoices: Mapped[list["Invoice"]] = relationship(
        lazy="raise", order_by="Invoice.created_at", back_populates="subscription"
    )

    __mapper_args__ = {"version_id_col": version}


class VersionMark(Base):
    """The highest version of a standing order that was ever seen: none may go down."""

    __tablename__ = "version_marks"

    subscription_id: Mapped[int] = mapped_column(ForeignKey("subscriptions.id"), primary_key=True, autoincrement=False)
    version: Mapped[int]


class Invoice(Base):
    """One period asked for; a paid one carries access to the end of its period."""

    __tablename__ = "invoices"
    __table_args__ = (
        CheckConstraint("period_ends_at > period_starts_at", name="period_forward"),
        CheckConstraint("total_minor >= 0", name="total_not_negative"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    subscription_id: Mapped[int] = mapped_column(ForeignKey("subscriptions.id"), index=True)
    stripe_invoice_id: Mapped[str] = mapped_column(unique=True)
    status: Mapped[InvoiceStatus]
    total_minor: Mapped[int]
    total_currency: Mapped[str]
    period_starts_at: Mapped[datetime]
    period_ends_at: Mapped[datetime]
    created_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    first_failed_at: Mapped[datetime | None]
    decline_code: Mapped[str | None]
    paid_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    revoked_by: Mapped[RevokedBy | None]
    price_id: Mapped[int | None] = mapped_column(ForeignKey("prices.id"))
    price: Mapped[Price | None] = relationship()
    subscription: Mapped[Subscription] = relationship(lazy="joined", back_populates="invoices")

    @property
    def asked(self) -> Price:
        """The price that it asks for, whatever she has changed to since."""
        return self.price or self.subscription.price
