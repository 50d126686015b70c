"""Why people stop, if they like to tell."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from membership.clock import utc_now
from membership.subscriptions.models import Stop, StopReason, Subscription

ACCOUNT, LETTER, STAFF, UNPAID = "account", "letter", "staff", "unpaid"


def note_stop(
    session: Session, stripe_subscription_id: str, door: str, reason: StopReason | None = None, words: str = ""
) -> None:
    """Note that somebody asked to stop, by which door, and why if she told."""
    row = Stop(door=door, reason=reason, words=words, created_at=utc_now())
    row.subscription_id = _id_of(session, stripe_subscription_id)
    session.add(row)


def note_giving_up(session: Session, stripe_subscription_id: str) -> None:
    """Note that we end a subscription for want of payment; once."""
    if not is_given_up(session, _id_of(session, stripe_subscription_id)):
        note_stop(session, stripe_subscription_id, UNPAID)


def is_given_up(session: Session, subscription_id: int) -> bool:
    """Whether a subscription was ended by us for want of payment."""
    return session.scalar(select(Stop.id).filter_by(subscription_id=subscription_id, door=UNPAID)) is not None


def _id_of(session: Session, stripe_subscription_id: str) -> int:
    wanted = select(Subscription.id).filter_by(stripe_subscription_id=stripe_subscription_id)
    return session.scalars(wanted).one()
