"""`flask reconcile`."""

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime

import click
from flask.cli import with_appcontext

from membership.commands import Refusing, as_json
from membership.reconcile import walk

# A portion is a page of Stripe's: so many of them take a few seconds.
PORTIONS_BETWEEN_WORDS = 50


def command(explain: walk.Explain) -> click.Command:
    """Make the command that brings our rows in line with Stripe."""

    @click.command("reconcile", cls=Refusing)
    @click.option("--dry-run", is_flag=True, help="Tell only; change nothing.")
    @click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="Compare from this day on (UTC).")
    @as_json
    @with_appcontext
    def reconcile(dry_run: bool, since: datetime | None, as_json: bool) -> None:
        """Compare our rows with Stripe's lists and repair them; exit 1 when a difference is left.

        A run that was cut off is gone on with.
        """
        from_then = None if since is None else since.replace(tzinfo=UTC)
        report = walk.reconcile(explain, since=from_then, dry_run=dry_run, hear=_Progress().hear)
        for piece in _json(report) if as_json else _lines(report):
            click.echo(piece)
        sys.exit(1 if report.left else 0)

    return reconcile


class _Progress:
    """Says on the side, now and then, how far a long walk has come."""

    def __init__(self) -> None:
        self.portions = 0

    def hear(self, at: str, seen: int) -> None:
        self.portions += 1
        if self.portions % PORTIONS_BETWEEN_WORDS == 0:
            click.echo(f"… {at}: {seen:,}", err=True)


def _json(report: walk.Report) -> Iterator[str]:
    """Write one JSON object, difference by difference: there may be more of them than fit in memory."""
    told = {
        "since": report.since.isoformat(),
        "seen": report.seen,
        "others": report.others,
        "strangers": dict(report.strangers),
        "found": report.found,
        "left": report.left,
    }
    yield f'{json.dumps(told)[:-1]}, "findings": ['
    before = " "
    for finding in walk.findings(report.walk_id):
        yield before + json.dumps(asdict(finding), ensure_ascii=False)
        before = ","
    yield "]}"


def _lines(report: walk.Report) -> Iterator[str]:
    for one in walk.findings(report.walk_id):
        yield f"{'repaired' if one.is_repaired else 'left':8}  {one.object_id}  {one.what} ({one.cause})"
    strangers = {kind: number for kind, number in report.strangers.items() if kind != "settlements"}
    if strangers:
        seen = ", ".join(f"{kind.replace('_', ' ')} {number}" for kind, number in sorted(strangers.items()))
        yield f"Of other products on this account, ignored: {seen}"
    if report.others:
        yield f"Movements of other products on this account: {report.others}"
    yield f"Objects seen: {report.seen}. Differences: {report.found}, left: {report.left}."
