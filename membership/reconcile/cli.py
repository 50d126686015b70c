"""`flask reconcile`."""

import sys
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import click
from flask.cli import with_appcontext

from membership.commands import Refusing, as_json, tell
from membership.reconcile import walk


def command(explain: walk.Explain) -> click.Command:
    """Make the command that brings our rows in line with Stripe."""

    @click.command("reconcile", cls=Refusing)
    @click.option("--dry-run", is_flag=True, help="Tell only; change nothing.")
    @click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="Compare from this day on (UTC).")
    @as_json
    @with_appcontext
    def reconcile(dry_run: bool, since: datetime | None, as_json: bool) -> None:
        """Compare our rows with Stripe's lists and repair them; exit 1 when a difference is left."""
        from_then = None if since is None else since.replace(tzinfo=UTC)
        report = walk.reconcile(explain, since=from_then, dry_run=dry_run)
        tell(_told(report), _lines(report), as_json)
        sys.exit(1 if report.left else 0)

    return reconcile


def _told(report: walk.Report) -> dict[str, Any]:
    return {
        "since": report.since.isoformat(),
        "seen": report.seen,
        "others": report.others,
        "found": len(report.findings),
        "left": report.left,
        "findings": [asdict(finding) for finding in report.findings],
    }


def _lines(report: walk.Report) -> list[str]:
    lines = [
        f"{'repaired' if one.is_repaired else 'left':8}  {one.object_id}  {one.what} ({one.cause})"
        for one in report.findings
    ]
    if report.others:
        lines.append(f"Movements of other products on this account: {report.others}")
    return [*lines, f"Objects seen: {report.seen}. Differences: {len(report.findings)}, left: {report.left}."]
