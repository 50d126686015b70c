"""Find what a checkout was opened for."""

from sqlalchemy.orm import Session

from membership.donations import service as donations
from membership.donations.models import Donation
from membership.subscriptions import service as subscriptions
from membership.subscriptions.models import SubscriptionIntent
from membership.support.errors import UnknownCheckout

Wish = SubscriptionIntent | Donation


def get_wish(session: Session, session_id: str) -> Wish:
    """Return the wish whose checkout this is; raises UnknownCheckout for any that we did not open."""
    wish = subscriptions.find_intent_by_session(session, session_id) or donations.find_donation_by_session(
        session, session_id
    )
    if wish is None:
        raise UnknownCheckout
    return wish


def give_up(session: Session, session_id: str) -> None:
    """Mark a checkout that the provider does not know as closed unpaid."""
    if subscriptions.find_intent_by_session(session, session_id):
        subscriptions.expire_checkout(session, session_id)
    else:
        donations.expire_checkout(session, session_id)
