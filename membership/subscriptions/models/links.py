"""What can be done from a letter."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from membership.db import Base
from membership.subscriptions.models.orders import Subscription


class Purpose(StrEnum):
    """What a link in a letter can do. STOP: end or pause. ONCE: what was meant to be given once."""

    STOP = "stop"
    ONCE = "once"


class LetterLink(Base):
    """What somebody may do from a letter without signing in: one thing, about one subscription, while it runs."""

    __tablename__ = "letter_links"
    __table_args__ = (UniqueConstraint("subscription_id", "purpose"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    subscription_id: Mapped[int] = mapped_column(ForeignKey("subscriptions.id"))
    purpose: Mapped[Purpose]
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    subscription: Mapped[Subscription] = relationship(lazy="joined")
