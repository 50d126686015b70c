"""Commands about subscriptions: see those that staff must look at, end one at once, act on a patron's behalf."""

from collections.abc import Callable

import click

from membership.audit.service import note
from membership.clock import utc_now
from membership.commands import REASON, Commands, as_json, tell
from membership.db import session, transaction
from membership.patrons.service import get_patron
from membership.subscriptions import handlers, rules, service
from membership.subscriptions.service.stops import STAFF

ACTOR = "command line"
subscriptions = Commands("subscriptions", help="Patrons' standing orders.")


@subscriptions.command("surplus")
@as_json
def list_surplus(as_json: bool) -> None:
    """List live subscriptions of patrons who have another one."""
    found = [subscription.stripe_subscription_id for subscription in service.list_surplus(session())]
    tell(found, found or "Nobody has two.", as_json)


@subscriptions.command()
@click.argument("stripe_subscription_id")
@click.option("--reason", type=REASON, required=True, help="Why, for the audit log.")
@as_json
def end(stripe_subscription_id: str, reason: str, as_json: bool) -> None:
    """End a subscription at once; nothing is given back by this."""
    handlers.end_now(stripe_subscription_id)
    with transaction() as current:
        note(current, actor=ACTOR, action="subscription.ended", subject=stripe_subscription_id, reason=reason)
    tell({"ended": stripe_subscription_id}, f"{stripe_subscription_id} has ended.", as_json)


_patron = click.argument("public_id")
_reason = click.option(
    "--reason", type=REASON, required=True, help="Why, for the audit log: who asked, by letter or by telephone."
)


@subscriptions.command()
@_patron
@click.option("--months", type=click.IntRange(1, 3), required=True)
@_reason
@as_json
def pause(public_id: str, months: int, reason: str, as_json: bool) -> None:
    """Pause what a patron gives, on her behalf; she has a letter about it."""
    _act(public_id, "paused", reason, as_json, lambda patron_id: handlers.pause(patron_id, months))


@subscriptions.command()
@_patron
@_reason
@as_json
def resume(public_id: str, reason: str, as_json: bool) -> None:
    """Let a patron go on giving before her pause is over, on her behalf."""
    _act(public_id, "resumed", reason, as_json, lambda patron_id: handlers.resume(patron_id, utc_now()))


@subscriptions.command()
@_patron
@_reason
@as_json
def stop(public_id: str, reason: str, as_json: bool) -> None:
    """Stop what a patron gives with the period that she paid for, on her behalf."""
    stripe_id = _live(public_id)
    _act(public_id, "stopped", reason, as_json, handlers.stop)
    with transaction() as current:
        service.note_stop(current, stripe_id, STAFF, words=reason)


def _live(public_id: str) -> str:
    return service.get_live_subscription(session(), get_patron(session(), public_id).id).stripe_subscription_id


def _act(public_id: str, action: str, reason: str, as_json: bool, act: Callable[[int], None]) -> None:
    act(get_patron(session(), public_id).id)
    with transaction() as current:
        note(current, actor=ACTOR, action=f"subscription.{action}", subject=public_id, reason=reason)
    last = service.list_subscriptions_of(session(), get_patron(session(), public_id).id)[0]
    told = {"subscription": last.stripe_subscription_id, "standing": rules.standing_of(last).value}
    tell(told, f"{told['subscription']} is {told['standing']}.", as_json)
