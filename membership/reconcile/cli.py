"""`flask reconcile`."""

import json
import sys
from dataclasses import asdict
from datetime import UTC, datetime

import click
from flask.cli import with_appcontext

from membership.errors import MembershipError
from membership.reconcile import walk


def command(explain: walk.Explain) -> click.Command:
    """Make the command that brings our rows in line with Stripe."""

    @click.command("reconcile")
    @click.option("--dry-run", is_flag=True, help="Tell only; change nothing.")
    @click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="Compare from this day on (UTC).")
    @click.option("--json", "as_json", is_flag=True, help="Answer for programs.")
    @with_appcontext
    def reconcile(dry_run: bool, since: datetime | None, as_json: bool) -> None:
        """Compare our rows with Stripe's lists and repair them; exit 1 when a difference is left."""
        from_then = None if since is None else since.replace(tzinfo=UTC)
        try:
            report = walk.reconcile(explain, since=from_then, dry_run=dry_run)
        except MembershipError as refusal:
            raise click.ClickException(str(refusal)) from None
        click.echo(_as_json(report) if as_json else "\n".join(_lines(report)))
        sys.exit(1 if report.left else 0)

    return reconcile


def _as_json(report: walk.Report) -> str:
    told = {
        "since": report.since.isoformat(),
        "seen": report.seen,
        "found": len(report.findings),
        "left": report.left,
        "findings": [asdict(finding) for finding in report.findings],
    }
    return json.dumps(told, indent=2)


def _lines(report: walk.Report) -> list[str]:
    lines = [
        f"{'repaired' if one.is_repaired else 'left':8}  {one.object_id}  {one.what} ({one.cause})"
        for one in report.findings
    ]
    return [*lines, f"Objects seen: {report.seen}. Differences: {len(report.findings)}, left: {report.left}."]
