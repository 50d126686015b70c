"""People with an account, how they sign in, and who of them are staff."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from membership.db import Base
from membership.patrons.errors import ErasureUnderWay

_IN_FORCE = text("lifted_at IS NULL")


class Role(StrEnum):
    """What a member of staff may do; each role may all that the ones before it may."""

    VIEWER = "viewer"
    EDITOR = "editor"
    FINANCE = "finance"
    ADMIN = "admin"


class Letters(StrEnum):
    """The letters that a patron can stop; receipts and ways to sign in are not among them."""

    VOTES = "votes"
    STORIES = "stories"


class Patron(Base):
    """A person with an account; `email` is in its one canonical spelling.

    From `erasure_asked_at` on nothing is begun with the account, and nobody enters it.
    """

    __tablename__ = "patrons"
    __table_args__ = (
        CheckConstraint("email = lower(email)", name="email_canonical"),
        CheckConstraint("erasure_asked_at IS NULL OR confirmed_at IS NULL", name="nobody_enters_who_is_erased"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True)
    email: Mapped[str | None] = mapped_column(unique=True)
    name: Mapped[str] = mapped_column(default="")
    locale: Mapped[str] = mapped_column(default="en")
    stripe_customer_id: Mapped[str | None] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    erasure_asked_at: Mapped[datetime | None]
    staff: Mapped["StaffRole | None"] = relationship(back_populates="patron", lazy="joined")

    def admit(self) -> None:
        """Raise ErasureUnderWay once she has asked to be forgotten."""
        if self.erasure_asked_at is not None:
            raise ErasureUnderWay


class Merger(Base):
    """That one account went over into another of the same person; the emptied one stays, so that late news finds her.

    Where several went over one after the other, each leads to the last one at once.
    """

    __tablename__ = "mergers"
    __table_args__ = (CheckConstraint("patron_id <> into_id", name="into_another"),)

    patron_id: Mapped[int] = mapped_column(ForeignKey("patrons.id"), primary_key=True, autoincrement=False)
    into_id: Mapped[int] = mapped_column(ForeignKey("patrons.id"), index=True)
    merged_at: Mapped[datetime]


class Ban(Base):
    """That staff shut a patron out: no access, whatever she pays; one at a time is in force."""

    __tablename__ = "bans"
    __table_args__ = (
        CheckConstraint("lifted_at >= banned_at", name="lifted_later"),
        Index("uq_bans_in_force", "patron_id", unique=True, sqlite_where=_IN_FORCE, postgresql_where=_IN_FORCE),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    patron_id: Mapped[int] = mapped_column(ForeignKey("patrons.id"), index=True)
    reason: Mapped[str]
    banned_at: Mapped[datetime]
    lifted_at: Mapped[datetime | None]


class StaffRole(Base):
    """What a patron may do as staff; the second factor's secret is sealed, its last step kept against replay."""

    __tablename__ = "staff_roles"

    id: Mapped[int] = mapped_column(primary_key=True)
    patron_id: Mapped[int] = mapped_column(ForeignKey("patrons.id"), unique=True)
    role: Mapped[Role]
    enrolment_hash: Mapped[str | None]
    enrolment_expires_at: Mapped[datetime | None]
    totp_sealed: Mapped[str | None]
    totp_confirmed_at: Mapped[datetime | None]
    totp_last_step: Mapped[int] = mapped_column(default=0)
    totp_failures: Mapped[int] = mapped_column(default=0)
    totp_locked_until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]
    patron: Mapped[Patron] = relationship(back_populates="staff", lazy="joined")


class SignInAttempt(Base):
    """That somebody asked for a way in: for which address, or from which network, both only as keyed hashes."""

    __tablename__ = "sign_in_attempts"

    id: Mapped[int] = mapped_column(primary_key=True)
    about_hash: Mapped[str] = mapped_column(index=True)
    at: Mapped[datetime] = mapped_column(index=True)


class SignInLink(Base):
    """A one-time way in, asked for in one browser: a link and a typed code, both kept only as hashes."""

    __tablename__ = "sign_in_links"

    id: Mapped[int] = mapped_column(primary_key=True)
    patron_id: Mapped[int] = mapped_column(ForeignKey("patrons.id"), index=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    code_hash: Mapped[str]
    browser_hash: Mapped[str] = mapped_column(index=True)
    next_path: Mapped[str]
    attempts: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class SignIn(Base):
    """A signed-in browser; ending it here ends it everywhere at once."""

    __tablename__ = "sign_ins"

    id: Mapped[int] = mapped_column(primary_key=True)
    patron_id: Mapped[int] = mapped_column(ForeignKey("patrons.id"), index=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    second_factor_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    patron: Mapped[Patron] = relationship(lazy="joined")


class LetterWish(Base):
    """Which letters a patron does not want; her token opens the page that stops them, and nothing else."""

    __tablename__ = "letter_wishes"

    patron_id: Mapped[int] = mapped_column(ForeignKey("patrons.id"), primary_key=True)
    token: Mapped[str] = mapped_column(unique=True)
    stopped: Mapped[list[str]]
    patron: Mapped[Patron] = relationship(lazy="joined")
