"""The inbox: signed events, kept before they are worked on."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from membership.db import Base


class StoredEvent(Base):
    """A signed event of Stripe, under its own id."""

    __tablename__ = "stored_events"

    id: Mapped[str] = mapped_column(primary_key=True)
    type: Mapped[str]
    api_version: Mapped[str | None]
    object_id: Mapped[str | None] = mapped_column(index=True)
    payload: Mapped[str]
    created_at: Mapped[datetime]
    received_at: Mapped[datetime] = mapped_column(index=True)
    processed_at: Mapped[datetime | None]
    outcome: Mapped[str | None]
