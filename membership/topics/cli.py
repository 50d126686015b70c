"""Commands for topics."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import click

from membership.clock import utc_now
from membership.commands import Commands, as_json, tell
from membership.db import session, transaction
from membership.topics import service
from membership.topics.models import HouseRules, Topic
from membership.web import settings

ACTOR = "command line"
topics = Commands("topics", help="What members suggest and vote on.")
named = click.argument("slug")
owing = click.option("--reason", required=True, help="Those who stand behind it will read it.")


@topics.command("add")
@named
@click.option("--title-en", required=True)
@click.option("--title-uk", default="")
@click.option("--why-en", required=True, help="Why it matters.")
@click.option("--why-uk", default="")
@as_json
def add(slug: str, as_json: bool, **texts: str) -> None:
    """Put a topic on the shortlist."""
    with transaction() as current:
        topic = service.create_topic(current, slug, title=_said(texts, "title"), why=_said(texts, "why"), actor=ACTOR)
    _tell(topic, f"{slug} can be put on a ballot.", as_json)


@topics.command("list")
@as_json
def list_all(as_json: bool) -> None:
    """List all topics with their state, the newest first."""
    found = service.list_topics(session())
    counts = service.count_supporters(session(), found)
    told = [_described(topic) | {"supporters": counts.get(topic.id, 0)} for topic in found]
    lines = [f"{one['topic']}  {one['state']}  {one['supporters']} behind it" for one in told]
    tell({"topics": told}, lines or "There is no topic yet: flask topics add", as_json)


@topics.command("show-to-members")
@named
@as_json
def show_to_members(slug: str, as_json: bool) -> None:
    """Let members see a suggestion before it is judged."""
    with transaction() as current:
        topic = service.get_topic(current, slug)
        service.list_for_members(current, topic, ACTOR)
    _tell(topic, f"{slug} is shown to members.", as_json)


@topics.command("shortlist")
@named
@as_json
def shortlist(slug: str, as_json: bool) -> None:
    """Put a suggestion where ballots are made from."""
    with transaction() as current:
        topic = service.get_topic(current, slug)
        service.shortlist(current, topic, ACTOR)
    _tell(topic, f"{slug} can be put on a ballot.", as_json)


@topics.command("decline")
@named
@owing
@as_json
def decline(slug: str, reason: str, as_json: bool) -> None:
    """Say no to a suggestion."""
    with transaction() as current:
        topic = service.get_topic(current, slug)
        service.decline(current, topic, reason.strip(), ACTOR)
    _tell(topic, f"{slug} is declined.", as_json)


@topics.command("merge")
@named
@click.option("--into", required=True, help="The slug of the topic that goes on.")
@as_json
def merge(slug: str, into: str, as_json: bool) -> None:
    """Make a duplicate part of another topic, its supporters too."""
    with transaction() as current:
        topic = service.merge(current, service.get_topic(current, slug), into, ACTOR)
    _tell(topic, f"{slug} is part of {into} now.", as_json)


@topics.command("assign")
@named
@click.option("--to", "assignee", required=True, help="Who takes it on.")
@click.option("--due", type=click.DateTime(["%Y-%m-%d"]), required=True)
@as_json
def assign(slug: str, assignee: str, due: datetime, as_json: bool) -> None:
    """Give a chosen topic to somebody."""
    with transaction() as current:
        topic = service.get_topic(current, slug)
        service.assign(current, topic, assignee.strip(), due.date(), today=utc_now().date(), actor=ACTOR)
    _tell(topic, f"{slug} is assigned to {assignee}.", as_json)


@topics.command("publish")
@named
@click.option("--url", required=True, help="The address of the article.")
@click.option("--elsewhere", is_flag=True, help="It is knowingly not on our publication.")
@as_json
def publish(slug: str, url: str, elsewhere: bool, as_json: bool) -> None:
    """Tell where the article about a chosen topic is."""
    with transaction() as current:
        topic = service.get_topic(current, slug)
        service.publish(current, topic, url, ACTOR, home=settings().publication_url, elsewhere=elsewhere)
    _tell(topic, f"{slug} is published.", as_json)


@topics.command("drop")
@named
@owing
@as_json
def drop(slug: str, reason: str, as_json: bool) -> None:
    """Give up a chosen topic."""
    with transaction() as current:
        topic = service.get_topic(current, slug)
        service.drop(current, topic, reason.strip(), ACTOR)
    _tell(topic, f"{slug} is dropped.", as_json)


@topics.command("allow")
@click.argument("tier")
@click.argument("per_month", type=click.IntRange(0, 100), required=False)
@as_json
def allow(tier: str, per_month: int | None, as_json: bool) -> None:
    """Decide how many suggestions a tier has a month; without a number, as many as every other."""
    with transaction() as current:
        rules = service.allow(current, tier, per_month, ACTOR)
    _tell_rules(rules, as_json)


@topics.command("rules")
@click.option("--per-month", type=click.IntRange(0, 100), help="Suggestions that a member has a month.")
@click.option("--lists-at-once/--lists-after-review", default=None, help="Whether suggestions are shown before review.")
@click.option("--comments/--no-comments", default=None)
@as_json
def house_rules(per_month: int | None, lists_at_once: bool | None, comments: bool | None, as_json: bool) -> None:
    """Show what holds for suggestions and comments, and change what is given."""
    with transaction() as current:
        rules = service.find_house_rules(current)
        if not per_month is lists_at_once is comments is None:
            rules = service.set_house_rules(
                current,
                per_month=rules.per_month if per_month is None else per_month,
                lists_at_once=rules.lists_at_once if lists_at_once is None else lists_at_once,
                has_comments=rules.has_comments if comments is None else comments,
                actor=ACTOR,
            )
    _tell_rules(rules, as_json)


def _tell(topic: Topic, line: str, as_json: bool) -> None:
    tell(_described(topic), line, as_json)


def _described(topic: Topic) -> dict[str, Any]:
    return {"topic": topic.slug, "state": topic.state, "title": topic.title, "article_url": topic.article_url}


def _tell_rules(rules: HouseRules, as_json: bool) -> None:
    told = {
        "per_month": rules.per_month,
        "per_tier": rules.per_tier,
        "lists_at_once": rules.lists_at_once,
        "has_comments": rules.has_comments,
    }
    tell(told, _lines(rules), as_json)


def _lines(rules: HouseRules) -> Sequence[str]:
    return [
        f"Suggestions a month: {rules.per_month}",
        *(f"  {tier}: {number}" for tier, number in sorted(rules.per_tier.items())),
        f"Shown to members: {'at once' if rules.lists_at_once else 'after review'}",
        f"Comments: {'yes' if rules.has_comments else 'no'}",
    ]


def _said(texts: dict[str, str], name: str) -> dict[str, str]:
    said = {locale: texts[f"{name}_{locale}"] for locale in ("en", "uk")}
    return {locale: text for locale, text in said.items() if text or locale == "en"}
