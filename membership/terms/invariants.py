"""What must always be true of time that is given."""

from collections.abc import Callable

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, aliased

from membership.patrons.models import Merger
from membership.terms.models import Term, TermSource


def overlapping_gifts(session: Session) -> list[str]:
    """List the given memberships that begin before another one of the same patron is over.

    What was over when two accounts of hers became one may have been beside what the other one was given.
    """
    other = aliased(Term)
    beside = (
        select(other.id)
        .where(other.patron_id == Term.patron_id, other.id < Term.id, other.revoked_at.is_(None))
        .where(other.source == TermSource.GIFT, other.ends_at > Term.starts_at, other.starts_at < Term.ends_at)
    )
    over = or_(Merger.merged_at >= Term.ends_at, Merger.merged_at >= other.ends_at)
    beside = beside.where(~select(Merger.patron_id).where(Merger.into_id == Term.patron_id, over).exists())
    gifts = select(Term.cause).where(Term.source == TermSource.GIFT, Term.revoked_at.is_(None), beside.exists())
    return list(session.scalars(gifts.order_by(Term.id)))


INVARIANTS: dict[str, Callable[[Session], list[str]]] = {
    "G1 given memberships follow one another": overlapping_gifts,
}
