"""Commands about subscriptions: see those that staff must look at, end one at once."""

import json

import click
from flask.cli import AppGroup

from membership.audit.service import note
from membership.db import session, transaction
from membership.subscriptions import handlers, service

subscriptions = AppGroup("subscriptions", help="Patrons' standing orders.")
as_json = click.option("--json", "as_json", is_flag=True, help="Answer for programs.")


@subscriptions.command("surplus")
@as_json
def list_surplus(as_json: bool) -> None:
    """List live subscriptions of patrons who have another one."""
    found = [subscription.stripe_subscription_id for subscription in service.list_surplus(session())]
    click.echo(json.dumps(found) if as_json else "\n".join(found or ["Nobody has two."]))


@subscriptions.command()
@click.argument("stripe_subscription_id")
@click.option("--reason", required=True, help="Why, for the audit log.")
@as_json
def end(stripe_subscription_id: str, reason: str, as_json: bool) -> None:
    """End a subscription at once; nothing is given back by this."""
    handlers.end_now(stripe_subscription_id)
    with transaction() as current:
        note(current, actor="command line", action="subscription.ended", subject=stripe_subscription_id, reason=reason)
    told = {"ended": stripe_subscription_id}
    click.echo(json.dumps(told) if as_json else f"{stripe_subscription_id} has ended.")
