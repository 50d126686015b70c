"""What staff fill in. Days and times are read in the publication's zone."""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from werkzeug.datastructures import MultiDict

from membership.access.forms import parse_site
from membership.access.service import SiteDraft
from membership.money import CURRENCIES
from membership.reports.service import Cut
from membership.reports.values import Purpose
from membership.staff.errors import (
    DayUnreadable,
    FilterUnknown,
    FlagUnnamed,
    MomentUnreadable,
    ReasonMissing,
    TierMissing,
)
from membership.tiers.forms import read_flags
from membership.topics.errors import AllowanceUnreadable
from membership.topics.rules import Wording, read_links
from membership.web import source_path
from membership.words import clean_reason

LONGEST_REASON = 500
LONGEST_TEXT = 2000
LONGEST_NAME = 80
Fields = Mapping[str, str]


def read_cut(fields: Fields, tiers: Container[str]) -> Cut:
    """Read which movements are wanted; raises FilterUnknown for a value that no movement can have."""
    cut = Cut(**{name: fields.get(name) for name in ("currency", "purpose", "tier", "source")})
    fits = (
        cut.currency is None or cut.currency in CURRENCIES,
        cut.purpose is None or cut.purpose in list(Purpose),
        not cut.tier or cut.tier in tiers,
        not cut.source or cut.source == source_path(cut.source),
    )
    if not all(fits):
        raise FilterUnknown
    return cut


def read_reason(fields: Fields) -> str:
    """Read why something is done; raises ReasonMissing."""
    reason = clean_reason(read_text(fields, "reason"))[:LONGEST_REASON]
    if not reason:
        raise ReasonMissing
    return reason


@dataclass(frozen=True, slots=True)
class CompForm:
    """Complimentary access: which tier, until the end of which day, and why."""

    tier: str
    ends_at: datetime
    reason: str

    @classmethod
    def parse(cls, fields: Fields, timezone: str) -> "CompForm":
        """Read the form; raises TierMissing, DayUnreadable or ReasonMissing."""
        tier = read_text(fields, "tier")
        if not tier:
            raise TierMissing
        return cls(tier, _end_of(fields.get("ends_on", ""), timezone), read_reason(fields))


@dataclass(frozen=True, slots=True)
class TopicForm:
    """A topic for ballots; texts per language, Ukrainian if there is any."""

    slug: str
    title: dict[str, str]
    why: dict[str, str]

    @classmethod
    def parse(cls, fields: Fields) -> "TopicForm":
        """Read the form; voting judges what it says."""
        return cls(read_text(fields, "slug"), read_said(fields, "title"), read_said(fields, "why"))


@dataclass(frozen=True, slots=True)
class WordsForm:
    """A topic worded anew, and why."""

    words: Wording
    reason: str

    @classmethod
    def parse(cls, fields: Fields) -> "WordsForm":
        """Read the form; raises LinkUnreadable or ReasonMissing, and topics judge the rest."""
        links = read_links(read_text(fields, "links"))
        return cls(Wording(read_said(fields, "title"), read_said(fields, "why"), links), read_reason(fields))


@dataclass(frozen=True, slots=True)
class AssignForm:
    """Who takes a topic on, until which day."""

    assignee: str
    due_on: date

    @classmethod
    def parse(cls, fields: Fields) -> "AssignForm":
        """Read the form; raises DayUnreadable."""
        try:
            due_on = date.fromisoformat(fields.get("due_on", ""))
        except ValueError:
            raise DayUnreadable(field="due_on") from None
        return cls(read_text(fields, "assignee")[:LONGEST_NAME], due_on)


@dataclass(frozen=True, slots=True)
class HouseForm:
    """What the newsroom decides about suggestions; by tier, an empty number means what holds for all."""

    per_month: int
    lists_at_once: bool
    has_comments: bool
    per_tier: dict[str, int | None]

    @classmethod
    def parse(cls, fields: Fields, tiers: Iterable[str]) -> "HouseForm":
        """Read the form; raises AllowanceUnreadable at the field that it concerns."""
        return cls(
            per_month=_allowance(fields, "per_month"),
            lists_at_once=bool(fields.get("lists_at_once")),
            has_comments=bool(fields.get("has_comments")),
            per_tier={slug: _own_allowance(fields, f"tier-{slug}") for slug in tiers},
        )


def _own_allowance(fields: Fields, name: str) -> int | None:
    return _allowance(fields, name) if read_text(fields, name) else None


def _allowance(fields: Fields, name: str) -> int:
    text = read_text(fields, name)
    if not (text.isascii() and text.isdigit() and len(text) <= 3):
        raise AllowanceUnreadable(field=name)
    return int(text)


def read_flag(fields: Fields) -> tuple[str, dict[str, str]]:
    """Read a flag and what it lets a reader do; raises FlagUnnamed or TierUnreadable, naming the field."""
    name = read_said(fields, "name")
    if not name["en"]:
        raise FlagUnnamed
    (slug,) = read_flags([read_text(fields, "flags")])
    return slug, name


def read_text(fields: Fields, name: str) -> str:
    return fields.get(name, "").strip()[:LONGEST_TEXT]


def read_said(fields: Fields, name: str) -> dict[str, str]:
    said = {"en": read_text(fields, name), "uk": read_text(fields, f"{name}_uk")}
    return {locale: text for locale, text in said.items() if text or locale == "en"}


def _end_of(text: str, timezone: str) -> datetime:
    try:
        day = date.fromisoformat(text)
        return datetime.combine(day + timedelta(days=1), datetime.min.time(), ZoneInfo(timezone)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise DayUnreadable from None


def read_moment(fields: Fields, name: str, timezone: str) -> datetime:
    """Read a moment in the publication's time; raises MomentUnreadable."""
    try:
        told = datetime.fromisoformat(fields.get(name, ""))
        return told.replace(tzinfo=ZoneInfo(timezone)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise MomentUnreadable(field=name) from None


def read_site(fields: MultiDict[str, str], slug: str = "") -> SiteDraft:
    """Read a site as described in a form, one address a line; raises SiteUnreadable naming the field."""
    texts = {name: fields.get(name, "") for name in ("name", "audience")}
    lists = {name: fields.get(name, "").split() for name in ("origins", "return_urls")}
    return parse_site({**texts, "slug": slug or fields.get("slug", "")}, {**lists, "scopes": fields.getlist("scopes")})
