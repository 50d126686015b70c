"""Commands for the events that Stripe sent."""

import sys
from typing import Any

import click

from membership.clock import utc_now
from membership.commands import Commands, as_json, tell
from membership.db import session, transaction
from membership.webhooks import service
from membership.webhooks.models import StoredEvent

events = Commands("events", help="Events that Stripe sent.")


@events.command("list")
@click.option("--parked", is_flag=True, help="Only those whose work kept failing; exit 1 when there are any.")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True)
@as_json
def list_latest(parked: bool, limit: int, as_json: bool) -> None:
    """List the latest events, newest first."""
    found = [_told(event) for event in service.list_events(session(), only_parked=parked, limit=limit)]
    lines = [f"{one['received_at']}  {one['id']}  {one['type']}  {one['outcome'] or 'waits'}" for one in found]
    tell(found, lines or "There are none.", as_json)
    sys.exit(1 if parked and found else 0)


@events.command()
@click.argument("event_id")
@as_json
def replay(event_id: str, as_json: bool) -> None:
    """Work on an event again."""
    with transaction() as current:
        service.replay(current, event_id, utc_now())
    tell({"id": event_id}, f"The worker will take {event_id} again.", as_json)


def _told(event: StoredEvent) -> dict[str, Any]:
    return {
        "id": event.id,
        "type": event.type,
        "object_id": event.object_id,
        "received_at": event.received_at.isoformat(),
        "processed_at": event.processed_at.isoformat() if event.processed_at else None,
        "outcome": event.outcome,
    }
