"""What readers are called in a site's own database, so that it can ask about them by its own numbers."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from membership.access.errors import ReaderHasAnotherName, UnknownSubject
from membership.access.models import SiteSubject


@dataclass(frozen=True, slots=True)
class KnownReader:
    """A reader as one site knows her."""

    patron_id: int
    subject: str
    external_id: str | None


def find_readers(
    session: Session, site_id: int, *, subjects: Sequence[str] = (), external_ids: Sequence[str] = ()
) -> list[KnownReader]:
    """Find those whom a site knows by these names; others' names and nobody's are left out alike."""
    named = or_(SiteSubject.subject.in_(subjects), SiteSubject.external_id.in_(external_ids))
    columns = (SiteSubject.patron_id, SiteSubject.subject, SiteSubject.external_id)
    return [KnownReader(*row) for row in session.execute(select(*columns).where(SiteSubject.site_id == site_id, named))]


def link_reader(session: Session, site_id: int, subject: str, external_id: str) -> None:
    """Let a site call a reader by its own number; again is fine. Raises UnknownSubject or ReaderHasAnotherName."""
    hers = (SiteSubject.site_id == site_id, SiteSubject.subject == subject)
    fits = or_(SiteSubject.external_id.is_(None), SiteSubject.external_id == external_id)
    try:
        linked = session.execute(update(SiteSubject).where(*hers, fits).values(external_id=external_id))
    except IntegrityError as error:  # another reader has this number
        raise ReaderHasAnotherName from error
    if not linked.rowcount:  # type: ignore[attr-defined]
        known = session.scalar(select(SiteSubject.id).where(*hers))
        raise ReaderHasAnotherName if known else UnknownSubject


def unlink_reader(session: Session, site_id: int, external_id: str) -> None:
    """Forget a site's own number for a reader. Raises UnknownSubject."""
    hers = (SiteSubject.site_id == site_id, SiteSubject.external_id == external_id)
    forgotten = session.execute(update(SiteSubject).where(*hers).values(external_id=None))
    if not forgotten.rowcount:  # type: ignore[attr-defined]
        raise UnknownSubject
