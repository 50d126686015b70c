"""Commands about subscriptions: see those that staff must look at, end one at once."""

import click

from membership.audit.service import note
from membership.commands import Commands, as_json, tell
from membership.db import session, transaction
from membership.subscriptions import handlers, service

subscriptions = Commands("subscriptions", help="Patrons' standing orders.")


@subscriptions.command("surplus")
@as_json
def list_surplus(as_json: bool) -> None:
    """List live subscriptions of patrons who have another one."""
    found = [subscription.stripe_subscription_id for subscription in service.list_surplus(session())]
    tell(found, found or "Nobody has two.", as_json)


@subscriptions.command()
@click.argument("stripe_subscription_id")
@click.option("--reason", required=True, help="Why, for the audit log.")
@as_json
def end(stripe_subscription_id: str, reason: str, as_json: bool) -> None:
    """End a subscription at once; nothing is given back by this."""
    handlers.end_now(stripe_subscription_id)
    with transaction() as current:
        note(current, actor="command line", action="subscription.ended", subject=stripe_subscription_id, reason=reason)
    tell({"ended": stripe_subscription_id}, f"{stripe_subscription_id} has ended.", as_json)
