"""Who was erased, in a list that is kept beside the backups: random names of accounts, and nothing about anybody."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from membership.patrons.models import Merger, Patron
from membership.privacy.errors import ListUnreadable
from membership.privacy.models import Erasure


def list_erased(session: Session, erasure_ids: Iterable[int] | None = None) -> list[str]:
    """Return a line for every account that was or is being erased, and for those that went over into it before.

    A backup may be older than the day on which two accounts became one.
    """
    owner = func.coalesce(Merger.into_id, Patron.id)
    found = select(Patron.public_id, Erasure.asked_at).select_from(Patron)
    found = found.outerjoin(Merger, Merger.patron_id == Patron.id).join(Erasure, Erasure.patron_id == owner)
    if erasure_ids is not None:
        found = found.where(Erasure.id.in_(list(erasure_ids)))
    return [_line(public_id, at) for public_id, at in session.execute(found.order_by(Erasure.id, Patron.id))]


def _line(public_id: str, at: datetime) -> str:
    return f"{public_id} {at:%Y-%m-%d}"


def read_list(lines: Iterable[str]) -> list[str]:
    """Return the names of the accounts in a list, each once; a line that was cut off names nobody.

    Raises ListUnreadable.
    """
    try:
        return list(dict.fromkeys(line.split()[0] for line in lines if line.strip()))
    except UnicodeDecodeError:
        raise ListUnreadable from None


def find_brought_back(session: Session, public_ids: Iterable[str]) -> Iterator[Patron]:
    """Find the patrons of a list whom a restored backup knows again."""
    for public_id in public_ids:
        erased = select(Erasure.id).where(Erasure.patron_id == Patron.id).exists()
        emptied = select(Merger.patron_id).where(Merger.patron_id == Patron.id).exists()
        found = session.scalar(select(Patron).where(Patron.public_id == public_id, ~erased, ~emptied))
        if found is not None:
            yield found
