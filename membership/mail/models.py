"""Letters, written in the transaction that causes them and sent after it."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Mapped, mapped_column

from membership.db import Base


class Letter(Base):
    """One letter to one recipient; `key` (kind, subject, recipient) keeps it from being written twice.

    Its words are made from `values` when it is sent; a secret one (a way to sign in) forgets them then.
    """

    __tablename__ = "letters"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    recipient: Mapped[str]
    locale: Mapped[str]
    values: Mapped[dict[str, Any]]
    subject: Mapped[str | None]
    text: Mapped[str | None]
    html: Mapped[str | None]
    message_id: Mapped[str] = mapped_column(unique=True)
    is_secret: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    refused_at: Mapped[datetime | None]
