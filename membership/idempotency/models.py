"""Requests that a program may send twice, and what they were answered."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from membership.db import Base


class RequestStatus(StrEnum):
    """STARTED: somebody works on it. ANSWERED: said again when asked again. ABANDONED: whoever comes next begins."""

    STARTED = "started"
    ANSWERED = "answered"
    ABANDONED = "abandoned"


class IdempotentRequest(Base):
    """One request under one key of one caller; neither key nor answer can be read here.

    `reference` stays the same however often it is begun; `attempt` names the one who works on it.
    """

    __tablename__ = "idempotent_requests"
    __table_args__ = (CheckConstraint("(status = 'answered') = (answer_sealed IS NOT NULL)", name="answers_are_kept"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key_hash: Mapped[str] = mapped_column(unique=True)
    fingerprint: Mapped[str]
    reference: Mapped[str] = mapped_column(unique=True)
    status: Mapped[RequestStatus]
    attempt: Mapped[str]
    leased_until: Mapped[datetime]
    answer_sealed: Mapped[str | None]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
