"""Topics brought in: by staff onto the shortlist, by members as suggestions within what their tier allows."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from membership.access import service as access
from membership.audit import service as audit
from membership.clock import utc_now
from membership.errors import MembershipError
from membership.patrons.models import Patron
from membership.topics import rules
from membership.topics.errors import EnoughSuggested, MayNotSuggest, SlugTaken
from membership.topics.models import Topic, TopicState
from membership.topics.service.followers import join
from membership.topics.service.house import allowance_of, find_house_rules
from membership.topics.service.moves import note_step

VOTE = "vote"


def create_topic(session: Session, slug: str, *, title: Mapping[str, str], why: Mapping[str, str], actor: str) -> Topic:
    """Shortlist a topic for a ballot; texts per language, English at least."""
    rules.check_slug(slug)
    worded, reason = rules.word_title(title), rules.word_why(why)
    if session.scalar(select(Topic.id).filter_by(slug=slug)) is not None:
        raise SlugTaken
    topic = Topic(slug=slug, title=worded, why=reason, state=TopicState.SHORTLISTED, created_at=utc_now())
    session.add(topic)
    session.flush()
    note_step(session, topic, actor)
    audit.note(session, actor=actor, action="topic.created", subject=f"topic:{slug}")
    return topic


def suggest(session: Session, patron: Patron, suggestion: rules.Suggestion, now: datetime) -> Topic:
    """Bring in what a member suggests; she follows it. Raises MayNotSuggest, EnoughSuggested or what is wrong with it.

    Her own row is locked, so that two windows of hers do not suggest more than one allows.
    """
    session.scalars(select(Patron.id).filter_by(id=patron.id).with_for_update(of=Patron)).one()
    if refusal := find_refusal(session, patron, now):
        raise refusal
    suggestion.check()
    texts = _texts(suggestion)
    topic = Topic(
        slug=rules.new_slug(suggestion.title),
        title=texts[0],
        why=texts[1],
        links=list(suggestion.links),
        state=TopicState.SUGGESTED,
        suggested_by_id=patron.id,
        listed_at=now if find_house_rules(session).lists_at_once else None,
        created_at=now,
    )
    session.add(topic)
    session.flush()
    join(session, topic, patron, supports=True, follows=True)
    actor = f"patron:{patron.public_id}"
    note_step(session, topic, actor)
    audit.note(session, actor=actor, action="topic.suggested", subject=f"topic:{topic.slug}")
    return topic


def _texts(suggestion: rules.Suggestion) -> tuple[dict[str, str], dict[str, str]]:
    # English is what every text falls back on, until somebody translates.
    locales = {"en", suggestion.locale}
    return dict.fromkeys(locales, suggestion.title), dict.fromkeys(locales, suggestion.why)


def find_refusal(session: Session, patron: Patron, now: datetime) -> MembershipError | None:
    """Return why a patron cannot suggest a topic now, if there is a reason."""
    if VOTE not in access.flags_of(session, patron.id, now):
        return MayNotSuggest()
    return None if left_this_month(session, patron, now) > 0 else EnoughSuggested()


def left_this_month(session: Session, patron: Patron, now: datetime) -> int:
    """Count the suggestions that a patron's tier leaves her in this calendar month, in UTC; merged ones count, too."""
    since = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    made = select(func.count()).where(Topic.suggested_by_id == patron.id, Topic.created_at >= since)
    decision = access.decide_for(session, patron.id, now)
    return max(allowance_of(session, decision.tier) - (session.scalar(made) or 0), 0)


def list_own(session: Session, patron: Patron) -> list[Topic]:
    """Return what a patron suggested, the latest first."""
    return list(session.scalars(select(Topic).filter_by(suggested_by_id=patron.id).order_by(Topic.id.desc())))
