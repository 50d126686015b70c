"""A vote as staff prepare it: what they fill in, and the patterns that fill it in for them."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from werkzeug.datastructures import MultiDict

from membership.staff.forms import Fields, read_moment, read_said, read_text
from membership.voting.errors import (
    BudgetUnreadable,
    HoldUnreadable,
    MethodMissing,
    MonthsUnreadable,
    QuorumUnreadable,
    SeatsUnreadable,
    TopScoreUnreadable,
    WeightUnreadable,
)
from membership.voting.rules import PATTERNS, Electorate, Method, RoundDraft, Terms


def fill_in(key: str, now: datetime, timezone: str) -> dict[str, str]:
    """Return what a pattern writes into the form: it opens tomorrow at nine. An unknown one writes nothing."""
    pattern = PATTERNS.get(key)
    if pattern is None:
        return {}
    tomorrow = (now.astimezone(ZoneInfo(timezone)) + timedelta(days=1)).replace(hour=9, minute=0, tzinfo=None)
    ends = tomorrow + timedelta(days=pattern.days)
    times = {"opens_at": tomorrow.strftime("%Y-%m-%dT%H:%M"), "closes_at": ends.strftime("%Y-%m-%dT%H:%M")}
    terms = {"method": pattern.terms.method, "budget": pattern.terms.budget, "top_score": pattern.terms.top_score}
    written = {name: str(value) for name, value in terms.items() if value}
    return {**written, "seats": str(pattern.seats), **times}


def read_draft(fields: MultiDict[str, str], timezone: str, tiers: Iterable[str]) -> RoundDraft:
    """Read a round to be; raises what cannot be read, and voting judges the rest."""
    return RoundDraft(
        slug=read_text(fields, "slug"),
        title=read_said(fields, "title"),
        intro=read_said(fields, "intro"),
        seats=_number(fields, "seats", SeatsUnreadable),
        opens_at=read_moment(fields, "opens_at", timezone),
        closes_at=read_moment(fields, "closes_at", timezone),
        topics=fields.getlist("topics"),
        terms=_read_terms(fields),
        electorate=_read_electorate(fields, tiers),
    )


def _read_terms(fields: Fields) -> Terms:
    method = read_text(fields, "method") or Method.APPROVAL
    if method not in list(Method):
        raise MethodMissing
    return Terms(
        method=Method(method),
        budget=_number(fields, "budget", BudgetUnreadable) if method == Method.DOTS else None,
        top_score=_number(fields, "top_score", TopScoreUnreadable) if method == Method.SCORE else None,
        quorum_percent=_number(fields, "quorum_percent", QuorumUnreadable, empty=0),
        is_anonymous=not fields.get("is_signed"),
        is_live=bool(fields.get("is_live")),
        hold_hours=_number(fields, "hold_hours", HoldUnreadable, empty=0),
    )


def _read_electorate(fields: MultiDict[str, str], tiers: Iterable[str]) -> Electorate:
    weights = {slug: f"weight-{slug}" for slug in tiers if read_text(fields, f"weight-{slug}")}
    return Electorate(
        flags=tuple(read_text(fields, "flags").replace(",", " ").split()) or ("vote",),
        tiers=tuple(fields.getlist("tiers")),
        min_months=_number(fields, "min_months", MonthsUnreadable, empty=0),
        weights={slug: _number(fields, name, WeightUnreadable) for slug, name in weights.items()},
        is_open_roll=bool(fields.get("is_open_roll")),
    )


Unreadable = (
    type[SeatsUnreadable]
    | type[BudgetUnreadable]
    | type[TopScoreUnreadable]
    | type[QuorumUnreadable]
    | type[HoldUnreadable]
    | type[MonthsUnreadable]
    | type[WeightUnreadable]
)


def _number(fields: Fields, name: str, refusal: Unreadable, empty: int | None = None) -> int:
    text = read_text(fields, name)
    if not text and empty is not None:
        return empty
    if not (text.isascii() and text.isdigit() and len(text) <= 3):
        raise refusal
    return int(text)
