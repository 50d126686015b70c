"""That somebody is to be erased, and how far it came."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from membership.db import Base
from membership.patrons.models import Patron


class Erasure(Base):
    """The wish that a patron be forgotten, committed before the provider is asked; it stays, without her."""

    __tablename__ = "erasures"

    id: Mapped[int] = mapped_column(primary_key=True)
    patron_id: Mapped[int] = mapped_column(ForeignKey("patrons.id"), unique=True)
    asked_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    patron: Mapped[Patron] = relationship(lazy="joined")
