"""How far the last walk over Stripe's lists came."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from membership.db import Base


class Checkpoint(Base):
    """The moment up to which one of Stripe's lists has been compared."""

    __tablename__ = "checkpoints"

    name: Mapped[str] = mapped_column(primary_key=True)
    reached_at: Mapped[datetime]
