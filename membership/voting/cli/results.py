"""Commands for results: counted again, and put right."""

import sys
from pathlib import Path

import click

from membership.clock import utc_now
from membership.commands import as_json, tell
from membership.db import session, transaction
from membership.voting import rules, service
from membership.voting.cli.rounds import ACTOR, described, outcome, rounds
from membership.voting.models import Round


@rounds.command("recount")
@click.argument("slug", required=False)
@click.option("--export", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="A public result.json.")
@as_json
def recount(slug: str | None, export: Path | None, as_json: bool) -> None:
    """Count a closed round again, from the database or from its public export; tell whether the result is the same."""
    if (slug is None) == (export is None):
        raise click.UsageError("Name a round, or give --export.")
    is_same = _recount_export(export) if export else service.count_again(session(), _named(slug))
    named = slug or export
    same, other = f"{named}: the same result, to the byte.", f"{named}: the told result is NOT what the ballots give."
    tell({"same": is_same}, same if is_same else other, as_json)
    sys.exit(0 if is_same else 1)


@rounds.command("repair")
@click.argument("slug")
@click.option("--reason", required=True, help="Stands on the page of results, and in the record.")
@as_json
def repair(slug: str, reason: str, as_json: bool) -> None:
    """Put what the ballots give in the place of a stored result that is not that."""
    with transaction() as current:
        round = service.get_round(current, slug)
        service.repair_result(current, round, utc_now(), reason=reason, actor=ACTOR)
    tell(described(round), f"{slug} is put right. {outcome(round)}", as_json)


def _named(slug: str | None) -> Round:
    return service.get_round(session(), slug or "")


def _recount_export(export: Path) -> bool:
    published = export.read_bytes()
    return rules.recount(published) == published
