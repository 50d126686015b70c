"""What the demonstration's patrons suggest: some waits, some is on the shortlist, some was merged or declined."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from membership.db import session, transaction
from membership.patrons.models import Patron
from membership.topics import service
from membership.topics.rules import Suggestion
from membership.voting.models import RollEntry, Round

ACTOR = "demonstration"


@dataclass(frozen=True)
class Plan:
    title: str
    why: str
    locale: str
    support: int
    comments: tuple[tuple[str, str], ...] = ()


BUSES = Plan(
    "Why does the last bus to the suburbs leave at nine?",
    "Nurses and cleaners who finish at ten walk home along the ring road. The contract says half past eleven.",
    "en",
    23,
    (
        ("The timetable at the stop was pasted over in September. I have a photograph of the old one.", "Oscar"),
        ("Ask the drivers: they were told not to talk about it.", ""),
    ),
)
PLAYGROUND = Plan(
    "Чому новий майданчик закрили за тиждень після відкриття?",
    "Стрічку перерізали перед виборами. Тепер там паркан, а в тендері — та сама фірма, що ремонтує школи.",
    "uk",
    14,
    (("У дворі кажуть, що немає акта приймання. Хто його мав підписати?", "Наталія"),),
)
NIGHT_BUS = Plan("The last bus to the suburbs leaves too early", "My daughter walks home from her shift.", "en", 6)
LOTTERY = Plan("A reliable way to win the city lottery", "Everybody asks about it, and I know how.", "en", 0)
LIBRARY = Plan(
    "What happens to the books of the closed libraries?",
    "Three branches closed this year. Somebody saw the books in a container behind the depot.",
    "en",
    3,
)


def suggest_all(now: datetime) -> None:
    """Let patrons suggest, and the newsroom judge all but the latest."""
    chance, members = random.Random("suggestions"), _members()
    buses = _suggest(BUSES, members, chance, now - timedelta(days=9))
    playground = _suggest(PLAYGROUND, members, chance, now - timedelta(days=7))
    again = _suggest(NIGHT_BUS, members, chance, now - timedelta(days=3))
    lottery = _suggest(LOTTERY, members, chance, now - timedelta(days=2))
    _suggest(LIBRARY, members, chance, now - timedelta(hours=5))
    with transaction() as current:
        service.shortlist(current, service.get_topic(current, buses), ACTOR)
        service.list_for_members(current, service.get_topic(current, playground), ACTOR)
        service.merge(current, service.get_topic(current, again), buses, ACTOR)
        reason = "We look into matters of the city, and this is an advertisement."
        service.decline(current, service.get_topic(current, lottery), reason, ACTOR)


def _members() -> list[str]:
    latest = select(Round.id).order_by(Round.id.desc()).limit(1).scalar_subquery()
    roll = select(Patron.public_id).join(RollEntry, RollEntry.patron_id == Patron.id)
    return list(session().scalars(roll.where(RollEntry.round_id == latest).order_by(Patron.id)))


def _suggest(plan: Plan, members: list[str], chance: random.Random, at: datetime) -> str:
    author, *others = chance.sample(members, min(plan.support + 3, len(members)))
    with transaction() as current:
        suggestion = Suggestion(plan.title, plan.why, [], plan.locale)
        topic = service.suggest(current, _patron(author), suggestion, at)
        for name in others[: plan.support]:
            service.support(current, topic, _patron(name))
        for (text, signed_as), name in zip(plan.comments, others, strict=False):
            service.comment(current, topic, _patron(name), text, signed_as, at + timedelta(hours=chance.randint(2, 40)))
        return topic.slug


def _patron(public_id: str) -> Patron:
    return session().scalars(select(Patron).filter_by(public_id=public_id)).one()
