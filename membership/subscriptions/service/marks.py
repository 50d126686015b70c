"""How high the version of each standing order has been, so that a check can tell when one goes down."""

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from membership.subscriptions.models import Subscription, VersionMark


def keep_marks(session: Session) -> None:
    """Keep the highest version of each standing order that was ever seen."""
    marked = select(VersionMark.subscription_id)
    new = select(Subscription.id, Subscription.version).where(Subscription.id.not_in(marked))
    session.execute(insert(VersionMark).from_select(["subscription_id", "version"], new))
    own = Subscription.id == VersionMark.subscription_id
    is_now = select(Subscription.version).where(own).scalar_subquery()
    higher = update(VersionMark).where(is_now > VersionMark.version).values(version=is_now)
    session.execute(higher.execution_options(synchronize_session=False))
