"""Links in letters: what somebody may do without signing in, about one subscription, while it runs."""

from collections.abc import Collection

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from membership.clock import utc_now
from membership.inserts import put_all_unless_known
from membership.subscriptions.errors import LinkOver
from membership.subscriptions.models import LetterLink, Purpose, Subscription

# By subscription and purpose.
Wanted = tuple[int, Purpose]
# Built once: each letter asks it.
_LINKS = select(LetterLink.subscription_id, LetterLink.purpose, LetterLink.id).where(
    LetterLink.subscription_id.in_(bindparam("subscription_ids", expanding=True))
)


def link_for(session: Session, subscription: Subscription, purpose: Purpose) -> int:
    """Return the number of the link that does this; a letter turns it into an address."""
    wanted = subscription.id, purpose
    return links_for(session, [wanted])[wanted]


def links_for(session: Session, wanted: Collection[Wanted]) -> dict[Wanted, int]:
    """Return the numbers of the links that do these things."""
    if not wanted:
        return {}
    now = utc_now()
    rows = [{"subscription_id": number, "purpose": purpose, "created_at": now} for number, purpose in wanted]
    put_all_unless_known(session, LetterLink, rows)
    found = session.execute(_LINKS, {"subscription_ids": [number for number, _ in wanted]})
    return {(number, purpose): link_id for number, purpose, link_id in found if (number, purpose) in wanted}


def get_link(session: Session, number: int | None) -> LetterLink:
    """Return a link by its number, or raise LinkOver: never written, or about a subscription that has ended."""
    link = session.get(LetterLink, number) if number is not None else None
    if link is None or link.subscription.status.is_final:
        raise LinkOver
    return link
