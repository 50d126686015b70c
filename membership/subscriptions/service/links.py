"""Links in letters: what somebody may do without signing in, about one subscription, while it runs."""

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from membership.clock import utc_now
from membership.db import insert_unless_known
from membership.subscriptions.errors import LinkOver
from membership.subscriptions.models import LetterLink, Purpose, Subscription

# Built once: each letter asks it.
_LINK = select(LetterLink.id).where(
    LetterLink.subscription_id == bindparam("subscription_id"), LetterLink.purpose == bindparam("purpose")
)


def link_for(session: Session, subscription: Subscription, purpose: Purpose) -> int:
    """Return the number of the link that does this; a letter turns it into an address."""
    row = {"subscription_id": subscription.id, "purpose": purpose, "created_at": utc_now()}
    added: int | None = insert_unless_known(session, LetterLink, row)
    return added or session.scalars(_LINK, {"subscription_id": subscription.id, "purpose": purpose}).one()


def get_link(session: Session, number: int | None) -> LetterLink:
    """Return a link by its number, or raise LinkOver: never written, or about a subscription that has ended."""
    link = session.get(LetterLink, number) if number is not None else None
    if link is None or link.subscription.status.is_final:
        raise LinkOver
    return link
