"""Commands: memberships that were bought for somebody else."""

from typing import Any

import click

from membership.audit.service import note
from membership.clock import utc_now
from membership.commands import REASON, Commands, as_json, tell
from membership.db import session, transaction
from membership.gifts import handlers, service
from membership.gifts.models import Gift

ACTOR = "command line"
gifts = Commands("gifts", help="Memberships bought for somebody else.")


@gifts.command("list")
@as_json
def list_all(as_json: bool) -> None:
    """List the gifts that were paid for, the latest first; without names, addresses and codes."""
    found = [_told(gift) for gift in service.list_gifts(session())]
    lines = [f"{one['id']}  {one['state']:<9} {one['months']:>2} months of {one['tier']}" for one in found]
    tell(found, lines or "Nobody has given a membership yet.", as_json)


@gifts.command("send-again")
@click.argument("gift_id")
@click.option("--to", "email", help="Another address; without it the code goes to the giver, to be printed.")
@as_json
def send_again(gift_id: str, email: str | None, as_json: bool) -> None:
    """Send a new code; the old one works no more."""
    with transaction() as current:
        gift = service.send_again(current, gift_id, email, utc_now())
        note(current, actor=ACTOR, action="gift.sent_again", subject=f"gift:{gift.id}")
    tell({"id": gift_id}, "A new code is on its way.", as_json)


@gifts.command("return")
@click.argument("gift_id")
@click.option("--reason", type=REASON, required=True, help="Why, for whoever looks at the books later.")
@as_json
def give_back(gift_id: str, reason: str, as_json: bool) -> None:
    """Return the money of an unused gift to its giver."""
    handlers.give_back(gift_id, actor=ACTOR, reason=reason)
    tell({"id": gift_id}, "The money is on its way back.", as_json)


@gifts.command()
@click.argument("gift_id")
@click.option("--reason", type=REASON, required=True, help="Why, for whoever asks later.")
@as_json
def void(gift_id: str, reason: str, as_json: bool) -> None:
    """Let a code, or the time that it gave, count no more; no money moves."""
    with transaction() as current:
        gift = service.void(current, gift_id, utc_now())
        note(current, actor=ACTOR, action="gift.voided", subject=f"gift:{gift.id}", reason=reason)
        plan = service.find_wanted(current, gift.id)
    handlers.ask_soon(plan)
    tell({"id": gift_id}, "It counts no more.", as_json)


def _told(gift: Gift) -> dict[str, Any]:
    return {
        "id": gift.public_id,
        "state": service.state_of(session(), gift).value,
        "tier": gift.tier.slug,
        "months": gift.months,
        "send_at": gift.send_at.isoformat(),
        "redeemed_at": gift.redeemed_at and gift.redeemed_at.isoformat(),
    }
