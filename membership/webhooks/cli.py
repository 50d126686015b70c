"""Commands for the events that Stripe sent."""

import json
import sys
from typing import Any

import click
from flask.cli import AppGroup

from membership.clock import utc_now
from membership.db import session, transaction
from membership.webhooks import service
from membership.webhooks.models import StoredEvent

events = AppGroup("events", help="Events that Stripe sent.")


@events.command("list")
@click.option("--parked", is_flag=True, help="Only those whose work kept failing; exit 1 when there are any.")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Answer for programs.")
def list_latest(parked: bool, limit: int, as_json: bool) -> None:
    """List the latest events, newest first."""
    found = [_told(event) for event in service.list_events(session(), only_parked=parked, limit=limit)]
    lines = [f"{one['received_at']}  {one['id']}  {one['type']}  {one['outcome'] or 'waits'}" for one in found]
    click.echo(json.dumps(found, indent=2) if as_json else "\n".join(lines or ["There are none."]))
    sys.exit(1 if parked and found else 0)


@events.command()
@click.argument("event_id")
@click.option("--json", "as_json", is_flag=True, help="Answer for programs.")
def replay(event_id: str, as_json: bool) -> None:
    """Work on an event again."""
    with transaction() as current:
        service.replay(current, event_id, utc_now())
    click.echo(json.dumps({"id": event_id}) if as_json else f"The worker will take {event_id} again.")


def _told(event: StoredEvent) -> dict[str, Any]:
    return {
        "id": event.id,
        "type": event.type,
        "object_id": event.object_id,
        "received_at": event.received_at.isoformat(),
        "processed_at": event.processed_at.isoformat() if event.processed_at else None,
        "outcome": event.outcome,
    }
