"""Who did what: a chain of entries, only ever appended."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Mapped, mapped_column

from membership.db import Base, append_only


class AuditEntry(Base):
    """One act; its hash covers the entry and the hash before it."""

    __tablename__ = "audit_entries"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    actor: Mapped[str]
    action: Mapped[str] = mapped_column(index=True)
    subject: Mapped[str] = mapped_column(index=True)
    details: Mapped[dict[str, Any]]
    previous_hash: Mapped[str] = mapped_column(unique=True)
    hash: Mapped[str] = mapped_column(unique=True)


append_only(
    Base.metadata.tables["audit_entries"],
    words="audit entries are only appended",
    function="audit_entries_are_kept",
    triggers=("audit_entries_keep_words", "audit_entries_keep_rows", "audit_entries_kept"),
    code="raise_exception",
)
