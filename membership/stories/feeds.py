"""Public rounds and topics for programs: JSON and Atom (RFC 4287), with nothing of any person in them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree as Xml

from membership.i18n import gettext, said
from membership.stories.service import Story
from membership.topics.models import Topic
from membership.voting.models import Round, RoundState

ATOM = "http://www.w3.org/2005/Atom"
MOST = 50
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Entry:
    """One piece of news."""

    key: str
    title: str
    text: str
    url: str
    at: datetime


def describe_round(round: Round, base: str, now: datetime) -> dict[str, Any]:
    """Say what everybody may know of a round; how it stands is not among it before it is published."""
    return {
        "round": round.slug,
        "title": round.title,
        "intro": round.intro,
        "state": round.state,
        "is_open": round.is_taking(now),
        "method": round.method,
        "seats": round.seats,
        "opened_at": _time(round.opened_at),
        "closes_at": _time(round.closes_at),
        "closed_at": _time(round.closed_at),
        "topics": [{"topic": entry.topic.slug, "title": entry.topic.title} for entry in round.topics],
        "chosen": round.chosen,
        "url": f"{base}/vote/{round.slug}",
    }


def describe_topic(topic: Topic, supporters: Mapping[int, int], base: str) -> dict[str, Any]:
    """Say what everybody may know of a topic."""
    return {
        "topic": topic.slug,
        "title": topic.title,
        "why": topic.why,
        "state": topic.state,
        "supporters": supporters.get(topic.id, 0),
        "article_url": topic.article_url,
        "url": f"{base}/topics/{topic.slug}",
    }


def _time(moment: datetime | None) -> str | None:
    return moment.isoformat().replace("+00:00", "Z") if moment else None


def list_entries(rounds: Sequence[Round], stories: Sequence[Story], base: str) -> list[Entry]:
    """List what happened, the latest first: votes that opened, results, articles; in the language that is spoken."""
    found = [*_of_rounds(rounds, base), *_of_stories(stories)]
    return sorted(found, key=lambda entry: (entry.at, entry.key), reverse=True)[:MOST]


def _of_rounds(rounds: Sequence[Round], base: str) -> Iterator[Entry]:
    for round in rounds:
        title, address = said(round.title), f"{base}/vote/{round.slug}"
        words = gettext("A vote is open: %(round)s", round=title)
        yield Entry(f"{address}#opened", words, said(round.intro), address, round.opened_at or round.opens_at)
        if round.state is RoundState.PUBLISHED and round.published_at:
            titles = {entry.topic.slug: said(entry.topic.title) for entry in round.topics}
            chosen = ", ".join(gettext("“%(title)s”", title=titles[slug]) for slug in round.chosen)
            words = gettext("The vote is counted: %(round)s", round=title)
            text = gettext("Members chose %(topics)s.", topics=chosen) if chosen else gettext("No topic was chosen.")
            yield Entry(f"{address}#result", words, text, f"{address}/results", round.published_at)


def _of_stories(stories: Sequence[Story]) -> Iterator[Entry]:
    for story in stories:
        if story.reported_at and story.topic.article_url:
            words = gettext("You chose, we reported: %(title)s", title=said(story.topic.title))
            key = f"{story.topic.article_url}#{story.topic.slug}"
            yield Entry(key, words, said(story.topic.why), story.topic.article_url, story.reported_at)


def write_atom(entries: Sequence[Entry], *, title: str, base: str, here: str, language: str) -> bytes:
    """Write news as an Atom feed."""
    feed = Xml.Element("feed", {"xmlns": ATOM, "xml:lang": language})
    updated = _time(entries[0].at if entries else BEGINNING)
    _add(feed, "id", f"{base}/vote")
    _add(feed, "title", title)
    _add(feed, "updated", updated)
    _add(_add(feed, "author", None), "name", title)
    Xml.SubElement(feed, "link", {"rel": "self", "type": "application/atom+xml", "href": here})
    Xml.SubElement(feed, "link", {"rel": "alternate", "type": "text/html", "href": f"{base}/vote"})
    for entry in entries:
        _add_entry(feed, entry)
    text: str = Xml.tostring(feed, encoding="unicode")
    return text.encode()


def _add_entry(feed: Xml.Element, entry: Entry) -> None:
    node = Xml.SubElement(feed, "entry")
    for name, text in (
        ("id", entry.key),
        ("title", entry.title),
        ("updated", _time(entry.at)),
        ("summary", entry.text),
    ):
        _add(node, name, text)
    Xml.SubElement(node, "link", {"rel": "alternate", "href": entry.url})


def _add(parent: Xml.Element, name: str, text: str | None) -> Xml.Element:
    node = Xml.SubElement(parent, name)
    node.text = "".join(sign for sign in text if sign.isprintable() or sign == "\n") if text else text
    return node
