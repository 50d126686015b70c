"""What becomes of somebody's topics when her account goes: the topics stay, she does not."""

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from membership.patrons.models import Patron
from membership.topics.models import Topic, TopicComment, TopicFollower


def forget_patron(session: Session, patron: Patron) -> None:
    """Take a person out of her topics: nobody suggested them, her comments are unsigned, her support is gone."""
    session.execute(update(Topic).filter_by(suggested_by_id=patron.id).values(suggested_by_id=None))
    session.execute(update(TopicComment).filter_by(patron_id=patron.id).values(patron_id=None, signed_as=""))
    session.execute(delete(TopicFollower).filter_by(patron_id=patron.id))


def hand_over_patron(session: Session, leaving: Patron, staying: Patron) -> None:
    """Give one account's part in topics to another of the same person; what both support counts once."""
    session.execute(update(Topic).filter_by(suggested_by_id=leaving.id).values(suggested_by_id=staying.id))
    session.execute(update(TopicComment).filter_by(patron_id=leaving.id).values(patron_id=staying.id))
    known = {part.topic_id: part for part in session.scalars(select(TopicFollower).filter_by(patron_id=staying.id))}
    for part in session.scalars(select(TopicFollower).filter_by(patron_id=leaving.id)).all():
        if (own := known.get(part.topic_id)) is not None:
            own.supports, own.follows = own.supports or part.supports, own.follows or part.follows
            session.delete(part)
        else:
            part.patron_id = staying.id
    session.flush()
