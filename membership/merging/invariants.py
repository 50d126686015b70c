"""What must always be true of an account that went over into another one."""

from collections.abc import Callable

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, aliased

from membership.donations.models import Donation
from membership.patrons.models import Merger, Patron, SignIn, SignInLink
from membership.payments.models import Payment
from membership.subscriptions.models import Subscription

_HERS = (Donation.patron_id, Payment.patron_id, Subscription.patron_id, SignInLink.patron_id)
_further = aliased(Merger)


def unemptied(session: Session) -> list[str]:
    """Name the accounts that went over and still have something of a person, or lead to one that went over, too."""
    left = [
        Patron.email.is_not(None),
        Patron.name != "",
        select(SignIn.id).where(SignIn.patron_id == Patron.id, SignIn.ended_at.is_(None)).exists(),
        select(_further.patron_id).where(_further.patron_id == Merger.into_id).exists(),
        *(select(column).where(column == Patron.id).exists() for column in _HERS),
    ]
    found = select(Patron.public_id).join(Merger, Merger.patron_id == Patron.id).where(or_(*left))
    return [f"patron {public_id}" for public_id in session.scalars(found.order_by(Patron.id))]


INVARIANTS: dict[str, Callable[[Session], list[str]]] = {"I12 a merged account is empty": unemptied}
