"""The demonstration's rounds: one that was held and counted, one that is open."""

import random
from datetime import datetime, timedelta

from sqlalchemy import select

from demo.newsroom import NEXT_TOPICS, PAST_TOPICS, TopicPlan
from membership.clock import utc_now
from membership.db import session, transaction
from membership.patrons.models import Patron
from membership.topics import service as topics
from membership.voting import service
from membership.voting.models import RollEntry
from membership.voting.rules import Electorate, RoundDraft

PAST = "autumn"
NEXT = "winter"
ACTOR = "demonstration"
REPORTERS = ("Daria Koval", "Tom Ashworth")
TITLES = {
    PAST: {"en": "What should we look into this autumn?", "uk": "Що нам розслідувати цієї осені?"},
    NEXT: {"en": "What should we look into this winter?", "uk": "Що нам розслідувати цієї зими?"},
}
INTRO = {
    "en": "Mark everything that you want us to look into. The topics with the most support are assigned to a reporter.",
    "uk": "Позначте все, що варто розслідувати. Теми з найбільшою підтримкою одразу отримають репортера.",
}


def begin(slug: str, topics: tuple[TopicPlan, ...], now: datetime, *, share: float) -> None:
    """Open a round for two weeks, and let a share of its roll vote."""
    draft = RoundDraft(
        slug=slug,
        title=TITLES[slug],
        intro=INTRO,
        seats=2,
        opens_at=now,
        closes_at=now + timedelta(days=14),
        topics=[topic.slug for topic in topics],
        # Whoever tries the demonstration joins while this vote is open, and is to find a ballot.
        electorate=Electorate(is_open_roll=slug == NEXT),
    )
    with transaction() as current:
        service.create_round(current, draft, actor=ACTOR)
        service.open_round(current, service.get_round(current, slug), utc_now(), ACTOR)
    _vote(slug, share)


def begin_past(now: datetime) -> None:
    begin(PAST, PAST_TOPICS, now, share=0.8)


def begin_next(now: datetime) -> None:
    begin(NEXT, NEXT_TOPICS, now, share=0.35)


def end_past() -> None:
    """Count the past round, and assign what was chosen."""
    with transaction() as current:
        round = service.get_round(current, PAST)
        service.close_round(current, round, utc_now(), ACTOR)
        today = utc_now().date()
        for slug, reporter, days in zip(round.chosen, REPORTERS, (30, 75), strict=False):
            due = today + timedelta(days=days)
            topics.assign(current, topics.get_topic(current, slug), reporter, due, today=today, actor=ACTOR)


def report_past(article: str) -> None:
    """Tell which article came of the topic that was chosen first."""
    with transaction() as current:
        round = service.get_round(current, PAST)
        topics.publish(current, topics.get_topic(current, round.chosen[0]), article, ACTOR)


def _vote(slug: str, share: float) -> None:
    chance = random.Random(slug)
    round = service.get_round(session(), slug)
    roll = select(Patron.public_id).join(RollEntry, RollEntry.patron_id == Patron.id).order_by(Patron.id)
    voters = [name for name in session().scalars(roll.where(RollEntry.round_id == round.id)) if chance.random() < share]
    weights = range(len(round.slugs), 0, -1)
    for voter in voters:
        marks = set(chance.choices(round.slugs, weights, k=chance.randint(1, 3)))
        with transaction() as current:
            patron = current.scalars(select(Patron).filter_by(public_id=voter)).one()
            service.cast_ballot(current, service.get_round(current, slug), patron, sorted(marks), utc_now())
