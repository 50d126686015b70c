"""`flask sandbox rehearse`."""

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import click
from flask import current_app

from membership.commands import Commands, as_json, tell
from membership.errors import Forbidden
from membership.i18n import N_
from membership.money import Money, decimal
from membership.operations.rehearsal.playing import MakeApp, play
from membership.operations.rehearsal.scenarios import read
from membership.operations.rehearsal.watching import Outcome, PatronOutcome
from membership.web import settings


class OnlyBeforeTheSandbox(Forbidden):
    message = N_("Nothing is rehearsed in production: use the settings of a demonstration or a test.")


def group(make_app: MakeApp) -> click.Group:
    """Make the commands around the sandbox; `make_app` makes the application that a rehearsal is played with."""
    sandbox = Commands("sandbox", help="Try things out before a stand-in for Stripe.")

    @sandbox.command()
    @click.argument("scenario", type=click.Path(exists=True, dir_okay=False, path_type=Path))
    @as_json
    def rehearse(scenario: Path, as_json: bool) -> None:
        """Play a scenario (TOML) in seconds; tell what happened to patrons, mail, access and books.

        Exit 1 when an invariant is offended or Stripe and the books differ in the end.
        """
        if settings().is_production:
            raise OnlyBeforeTheSandbox
        outcome = play(read(scenario), make_app, current_app.extensions["settings"])
        tell(outcome.told(), list(_lines(outcome)), as_json)
        sys.exit(0 if outcome.is_sound else 1)

    return sandbox


def _lines(outcome: Outcome) -> Iterator[str]:
    yield f"{outcome.title}: {outcome.begins:%Y-%m-%d} to {outcome.ends:%Y-%m-%d}"
    yield from ("", "What happened")
    yield from (f"  {one.at:%Y-%m-%d %H:%M}  {one.who:<18} {one.what}" for one in outcome.moments)
    yield from ("", "Patrons")
    yield from map(_patron_line, outcome.patrons)
    yield from ("", "Mail")
    yield from (f"  {one.name:<18} {_counted(one.letters)}" for one in outcome.patrons)
    yield from ("", "Books")
    yield from (f"  {account:<20} {_sums(sums)}" for account, sums in outcome.books.items())
    yield ""
    wrong = ", ".join(outcome.offended) or "none"
    yield f"Invariants offended: {wrong}. Differences from Stripe: {outcome.found}, left: {outcome.left}."


def _patron_line(one: PatronOutcome) -> str:
    money = f"paid {_sums(one.paid)}" + (f", returned {_sums(one.returned)}" if one.returned else "")
    return f"  {one.name:<18} {one.state:<7} {one.tier:<10} {money}. {one.reason}"


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{kind} {count}" for kind, count in counts.items()) or "none"


def _sums(sums: Mapping[str, int]) -> str:
    told = (f"{decimal(Money(minor, currency))} {currency.upper()}" for currency, minor in sums.items())
    return " + ".join(told) or "nothing"
