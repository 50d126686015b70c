"""Sites that ask, the names they know readers by, access that staff granted or ended, and rest from appeals."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from membership.db import Base


class Scope(StrEnum):
    """What a site may beyond asking about readers by the names that it has for them."""

    EMAIL = "email"
    LINK = "link"


class Site(Base):
    """A publication's site that is registered to ask what a reader may see."""

    __tablename__ = "sites"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    audience: Mapped[str] = mapped_column(unique=True)
    origins: Mapped[list[str]]
    return_urls: Mapped[list[str]]
    scopes: Mapped[list[str]] = mapped_column(default=list, server_default="[]")
    created_at: Mapped[datetime]


class SiteKey(Base):
    """A key that a site's server asks with; only its hash is kept, and how it begins, to tell it from others."""

    __tablename__ = "site_keys"

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"), index=True)
    key_hash: Mapped[str] = mapped_column(unique=True)
    hint: Mapped[str] = mapped_column(default="", server_default="")
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    site: Mapped[Site] = relationship(lazy="joined")

    def works(self, now: datetime) -> bool:
        """Whether a site may ask with it."""
        return self.revoked_at is None or now < self.revoked_at


class SiteSubject(Base):
    """The random name by which one site knows one patron; two sites cannot compare notes.

    `external_id` is what she is called in the site's own database, if it told us.
    """

    __tablename__ = "site_subjects"
    __table_args__ = (
        UniqueConstraint("site_id", "patron_id"),
        Index("uq_site_subjects_external_id", "site_id", "external_id", unique=True),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    patron_id: Mapped[int] = mapped_column(ForeignKey("patrons.id"), index=True)
    subject: Mapped[str] = mapped_column(unique=True)
    external_id: Mapped[str | None]


class Handover(Base):
    """A one-time code that brings a signed-in reader to a site, collected on the back channel with PKCE.

    `used_by` is the request that collected it, which may ask again when it was never answered. What an OpenID client
    asked for is kept beside it; a code with a `redirect_uri` is one of those.
    """

    __tablename__ = "handovers"

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    patron_id: Mapped[int] = mapped_column(ForeignKey("patrons.id"))
    code_hash: Mapped[str] = mapped_column(unique=True)
    challenge: Mapped[str]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    used_by: Mapped[str | None]
    redirect_uri: Mapped[str | None]
    scope: Mapped[str | None]
    nonce: Mapped[str | None]
    signed_in_at: Mapped[datetime | None]


class Comp(Base):
    """Complimentary access granted by staff, with an end."""

    __tablename__ = "comps"
    __table_args__ = (CheckConstraint("ends_at > starts_at", name="period_forward"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    patron_id: Mapped[int] = mapped_column(ForeignKey("patrons.id"), index=True)
    tier_id: Mapped[int] = mapped_column(ForeignKey("tiers.id"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    reason: Mapped[str]
    revoked_at: Mapped[datetime | None]


class AppealRest(Base):
    """That a patron asked to be reminded later: until then no site appeals to her."""

    __tablename__ = "appeal_rests"

    patron_id: Mapped[int] = mapped_column(ForeignKey("patrons.id"), primary_key=True)
    until: Mapped[datetime]
