"""What the last check of the invariants found."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from membership.db import Base


class CheckResult(Base):
    """One invariant: how many rows offended it when it was last checked."""

    __tablename__ = "check_results"

    name: Mapped[str] = mapped_column(primary_key=True)
    found: Mapped[int]
    checked_at: Mapped[datetime]
