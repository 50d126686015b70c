"""Commands for rounds: prepared, opened, extended, closed, published."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import click

from membership.clock import utc_now
from membership.commands import Commands, as_json, tell
from membership.db import session, transaction
from membership.voting import rules, service
from membership.voting.models import Round, RoundState

ACTOR = "command line"
rounds = Commands("rounds", help="Votes over topics.")
METHODS = click.Choice([method.value for method in rules.Method])
MOMENT = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S"])
titled = click.option("--title-en", required=True)
titled_uk = click.option("--title-uk", default="")


@rounds.command("list")
@as_json
def list_all(as_json: bool) -> None:
    """List all rounds, drafts too, the latest first."""
    found = [described(round) for round in service.list_rounds(session())]
    lines = [f"{told['round']}  {_state(told)}  {told['opens_at']} to {told['closes_at']}" for told in found]
    tell({"rounds": found}, lines or "There is no round yet: flask rounds add", as_json)


@rounds.command("add")
@click.argument("slug")
@titled
@titled_uk
@click.option("--intro-en", default="", help="What the vote is about.")
@click.option("--intro-uk", default="")
@click.option("--topic", "slugs", multiple=True, required=True, help="A topic's slug; once for each, in order.")
@click.option("--opens-at", type=MOMENT, required=True, help="UTC.")
@click.option("--closes-at", type=MOMENT, help="UTC; a template has its own number of days.")
@click.option(
    "--template", type=click.Choice(list(rules.PATTERNS)), help="A kind of vote; what else is said goes first."
)
@click.option("--method", type=METHODS, help="How members vote; approval if nothing is said.")
@click.option("--seats", type=int, help="How many topics are chosen; one if nothing is said.")
@click.option("--budget", type=int, help="How many dots everybody has.")
@click.option("--top-score", type=int, help="The highest mark.")
@click.option("--quorum", "quorum_percent", type=int, default=0, help="Percent of the roll that must vote.")
@click.option("--signed", "is_signed", is_flag=True, help="Ballots are published with names.")
@click.option("--live", "is_live", is_flag=True, help="How it stands is shown while it is open.")
@click.option("--hold-hours", type=int, default=0, help="Hours from the close to the publishing.")
@click.option("--flag", "flags", multiple=True, default=("vote",), show_default=True, help="Who may vote, by flag.")
@click.option("--tier", "tiers", multiple=True, help="Only by these tiers.")
@click.option("--min-months", type=int, default=0, help="Only who has paid for as many months.")
@click.option("--weight", "weights", multiple=True, type=(str, int), help="A tier and the weight of its votes, 1 to 3.")
@click.option("--open-roll", "is_open_roll", is_flag=True, help="Who joins while it is open may vote too.")
@as_json
def add_round(slug: str, as_json: bool, **fields: Any) -> None:
    """Prepare a round; it opens by the clock, or by `flask rounds open`."""
    with transaction() as current:
        round = service.create_round(current, _draft(slug, fields), actor=ACTOR)
    tell(described(round), f"{slug} is prepared.", as_json)


def _draft(slug: str, fields: dict[str, Any]) -> rules.RoundDraft:
    pattern = rules.PATTERNS.get(fields["template"])
    if pattern is None and fields["closes_at"] is None:
        raise click.UsageError("Say when it closes, or give --template.")
    opens_at = _utc(fields["opens_at"])
    ends_at = opens_at + timedelta(days=pattern.days if pattern else 0)
    return rules.RoundDraft(
        slug=slug,
        title=_said(fields, "title"),
        intro=_said(fields, "intro"),
        seats=fields["seats"] if fields["seats"] is not None else pattern.seats if pattern else 1,
        opens_at=opens_at,
        closes_at=_utc(fields["closes_at"]) if fields["closes_at"] else ends_at,
        topics=fields["slugs"],
        terms=_terms(pattern.terms if pattern and not fields["method"] else rules.Terms(), fields),
        electorate=_electorate(fields),
    )


def _terms(planned: rules.Terms, fields: dict[str, Any]) -> rules.Terms:
    chosen: dict[str, Any] = {"method": rules.Method(fields["method"])} if fields["method"] else {}
    numbers = {name: fields[name] for name in ("budget", "top_score") if fields[name] is not None}
    more = {name: fields[name] for name in ("quorum_percent", "is_live", "hold_hours")}
    return replace(planned, **chosen, **numbers, **more, is_anonymous=not fields["is_signed"])


def _electorate(fields: dict[str, Any]) -> rules.Electorate:
    told = {name: fields[name] for name in ("flags", "tiers", "min_months", "is_open_roll")}
    return rules.Electorate(**told, weights=dict(fields["weights"]))


@rounds.command("set-times")
@click.argument("slug")
@click.option("--opens-at", type=MOMENT, required=True, help="UTC.")
@click.option("--closes-at", type=MOMENT, required=True, help="UTC.")
@as_json
def set_times(slug: str, opens_at: datetime, closes_at: datetime, as_json: bool) -> None:
    """Let a round that has not opened open and close at other times, one too that could not open."""
    with transaction() as current:
        round = service.get_round(current, slug)
        service.set_times(current, round, (_utc(opens_at), _utc(closes_at)), utc_now(), actor=ACTOR)
    tell(described(round), f"{slug} opens on {round.opens_at:%Y-%m-%d %H:%M} UTC.", as_json)


@rounds.command("delete")
@click.argument("slug")
@click.option("--yes", "is_sure", is_flag=True, help="Do not ask.")
@as_json
def delete(slug: str, is_sure: bool, as_json: bool) -> None:
    """Throw a round away that has not opened; its topics are free for others."""
    if not is_sure:
        click.confirm(f"Delete {slug}, with its guests and its times?", abort=True, err=True)
    with transaction() as current:
        service.delete_round(current, service.get_round(current, slug), utc_now(), actor=ACTOR)
    tell({"round": slug, "deleted": True}, f"{slug} is deleted.", as_json)


@rounds.command("open")
@click.argument("slug")
@as_json
def open_now(slug: str, as_json: bool) -> None:
    """Open a round now: freeze its roll and its rules."""
    with transaction() as current:
        round = service.get_round(current, slug)
        service.open_round(current, round, utc_now(), ACTOR)
    tell(described(round), f"{slug} is open.", as_json)


@rounds.command("extend")
@click.argument("slug")
@click.option("--until", "closes_at", type=MOMENT, required=True, help="UTC; later than what was announced.")
@click.option("--reason", required=True, help="Stands on its page and in its record.")
@as_json
def extend(slug: str, closes_at: datetime, reason: str, as_json: bool) -> None:
    """Let an open round close later, for all to see."""
    with transaction() as current:
        round = service.get_round(current, slug)
        service.extend_round(current, round, _utc(closes_at), utc_now(), ACTOR, reason=reason)
    told = described(round)
    tell(told, f"{slug} is open until {told['closes_at']}.", as_json)


@rounds.command("close")
@click.argument("slug")
@click.option("--reason", default="", help="Why before its time; everybody reads it with the result.")
@as_json
def close_now(slug: str, reason: str, as_json: bool) -> None:
    """Close a round now: count it and cut every ballot from its voter."""
    with transaction() as current:
        round = service.get_round(current, slug)
        is_closed = service.end_round(current, round, utc_now(), ACTOR, reason=reason)
    ended = f"{slug} takes no ballot any more. The worker counts it when all who voted have their receipts."
    tell(described(round), f"{slug} is closed. {outcome(round)}" if is_closed else ended, as_json)


@rounds.command("publish")
@click.argument("slug")
@as_json
def publish(slug: str, as_json: bool) -> None:
    """Publish a result that was held back."""
    with transaction() as current:
        round = service.get_round(current, slug)
        service.publish_round(current, round, utc_now(), ACTOR)
    tell(described(round), f"{slug} is published. {outcome(round)}", as_json)


def outcome(round: Round) -> str:
    """Say what a closed round chose, or until when that is held back."""
    if round.published_at is None:
        return f"The result is held back until {round.publishes_at:%Y-%m-%d %H:%M} UTC."
    return f"Chosen: {', '.join(round.chosen) or 'nothing'}"


def _state(told: dict[str, Any]) -> str:
    return f"could not open ({told['opening_failure']})" if told["opening_failure"] else str(told["state"])


def described(round: Round) -> dict[str, Any]:
    """Tell of a round for programs."""
    return {
        "round": round.slug,
        "state": round.state.value,
        "method": round.method.value,
        "seats": round.seats,
        "opens_at": round.opens_at.isoformat(),
        "closes_at": round.closes_at.isoformat(),
        "topics": round.slugs,
        "chosen": round.chosen,
        "publishes_at": round.publishes_at.isoformat() if round.state is RoundState.CLOSED else None,
        "opening_failed_at": round.opening_failed_at.isoformat() if round.opening_failed_at else None,
        "opening_failure": round.opening_failure,
    }


def _said(texts: dict[str, Any], name: str) -> dict[str, str]:
    said = {locale: texts[f"{name}_{locale}"] for locale in ("en", "uk")}
    return {locale: text for locale, text in said.items() if text or locale == "en"}


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC)
