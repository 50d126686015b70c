"""Commands: where sites are told, and what they were told; they belong to `flask sites`."""

from datetime import datetime
from typing import Any

import click

from membership.access import cli as access_cli
from membership.access import service as access
from membership.access.cli import ACTOR
from membership.audit.service import note
from membership.clock import utc_now
from membership.commands import as_json, tell
from membership.db import session, transaction
from membership.notifications import service
from membership.notifications.models import SiteEndpoint
from membership.notifications.sealing import sealer
from membership.notifications.transport import find_address
from membership.web import settings

sites = access_cli.sites


@sites.command()
@click.argument("slug")
@as_json
def show(slug: str, as_json: bool) -> None:
    """Tell all about a site: its keys, how they begin and when they were last used; where it is told what changes."""
    site = access.get_site(session(), slug)
    told, rows = access.describe_site(site), [access_cli.key_row(key) for key in access.list_keys(session(), site)]
    endpoint = service.find_endpoint(session(), site)
    about = [f"{name}: {', '.join(value) if isinstance(value, list) else value}" for name, value in told.items()]
    lines = [
        f"key {row['number']}  {row['hint']}…  last used: {row['last_used_at'] or 'never'}  {row['state']}"
        for row in rows
    ]
    webhook = _webhook_row(endpoint) if endpoint else None
    tell({"slug": slug, **told, "keys": rows, "webhook": webhook}, [slug, *about, *lines, _said_of(webhook)], as_json)


def _webhook_row(endpoint: SiteEndpoint) -> dict[str, Any]:
    given_up = endpoint.disabled_at and endpoint.disabled_at.isoformat()
    failing = endpoint.failing_since and endpoint.failing_since.isoformat()
    return {"url": endpoint.url, "failing_since": failing, "given_up_at": given_up, "why": endpoint.disabled_why}


def _said_of(webhook: dict[str, Any] | None) -> str:
    if webhook is None:
        return "webhook: none"
    if webhook["given_up_at"]:
        state = f"given up {webhook['given_up_at']} ({webhook['why']}): flask sites enable-webhook"
    else:
        state = f"fails since {webhook['failing_since']}" if webhook["failing_since"] else "works"
    return f"webhook: {webhook['url']}  {state}"


@sites.command("set-webhook")
@click.argument("slug")
@click.argument("url")
@as_json
def set_webhook(slug: str, url: str, as_json: bool) -> None:
    """Tell a site at this address when what a reader may see has changed. Prints the secret of a new one, this once."""
    find_address(url, allow_local=not settings().is_production)
    with transaction() as current:
        secret = service.set_endpoint(current, access.get_site(current, slug), url, sealer(), utc_now())
        note(current, actor=ACTOR, action="site.webhook_set", subject=f"site:{slug}", url=url)
    shown = f" Its secret, shown once: {secret}" if secret else ""
    tell({"slug": slug, "url": url, "secret": secret}, f"{slug} is told at {url}.{shown}", as_json)


@sites.command("rotate-webhook-secret")
@click.argument("slug")
@as_json
def rotate_webhook_secret(slug: str, as_json: bool) -> None:
    """Sign with a new secret; for 24 hours the old one signs as well. Prints it, this once."""
    with transaction() as current:
        endpoint = service.get_endpoint(current, access.get_site(current, slug))
        secret = service.rotate_secret(endpoint, sealer(), utc_now())
        note(current, actor=ACTOR, action="site.webhook_secret_rotated", subject=f"site:{slug}")
    tell({"slug": slug, "secret": secret}, f"The new secret, shown once: {secret}", as_json)


@sites.command("enable-webhook")
@click.argument("slug")
@as_json
def enable_webhook(slug: str, as_json: bool) -> None:
    """Tell a site again after it was given up: first what never arrived, then what has changed meanwhile."""
    with transaction() as current:
        count = service.enable(current, service.get_endpoint(current, access.get_site(current, slug)), utc_now())
        note(current, actor=ACTOR, action="site.webhook_enabled", subject=f"site:{slug}")
    tell({"slug": slug, "sent_again": count}, f"{slug} is told again. Messages that never arrived: {count}.", as_json)


@sites.command("remove-webhook")
@click.argument("slug")
@as_json
def remove_webhook(slug: str, as_json: bool) -> None:
    """Tell a site nothing any more, and forget what it was told."""
    with transaction() as current:
        service.remove_endpoint(current, access.get_site(current, slug))
        note(current, actor=ACTOR, action="site.webhook_removed", subject=f"site:{slug}")
    tell({"slug": slug}, f"{slug} is told nothing any more.", as_json)


@sites.command()
@click.argument("slug")
@click.option("--since", type=click.DateTime(["%Y-%m-%dT%H:%M:%S%z"]), help="All since 2026-11-28T00:00:00+00:00.")
@click.option("--message", help="This one (msg_…).")
@as_json
def replay(slug: str, since: datetime | None, message: str | None, as_json: bool) -> None:
    """Send a site again what never arrived, or everything since a moment, or one message, under the same ids."""
    with transaction() as current:
        site, now, count = access.get_site(current, slug), utc_now(), 1
        endpoint = service.get_endpoint(current, site)
        if message:
            service.send_once_more(current, site, message, now)
        else:
            count = service.send_again(current, endpoint, now, since=since)
        note(current, actor=ACTOR, action="site.replayed", subject=f"site:{slug}", messages=count)
    tell({"slug": slug, "sent_again": count}, f"Messages to be sent again: {count}.", as_json)


@sites.command()
@click.argument("slug")
@as_json
def messages(slug: str, as_json: bool) -> None:
    """List the latest messages to a site, and what came of them."""
    rows = [
        {
            "id": one.public_id,
            "kind": one.kind,
            "created_at": one.created_at.isoformat(),
            "attempts": one.attempts,
            "outcome": one.outcome,
            "delivered": one.delivered_at is not None,
        }
        for one in service.list_notifications(session(), access.get_site(session(), slug))
    ]
    lines = [f"{row['id']}  {row['created_at']}  {row['kind']}  {row['outcome'] or 'waits'}" for row in rows]
    tell({"messages": rows}, lines or "Nothing was told yet.", as_json)
