"""Commands: groups that hold seats, what staff can do with them on their pages, and inviting in their name."""

from typing import Any

import click

from membership.audit.service import note
from membership.clock import utc_now
from membership.commands import REASON, Commands, as_json, tell
from membership.db import session, transaction
from membership.groups import service
from membership.groups.forms import read_addresses, read_end, read_group
from membership.groups.models import Group, Seat
from membership.groups.rules import state_of
from membership.i18n import LOCALES
from membership.web import settings

ACTOR = "command line"
groups = Commands("groups", help="Groups that hold seats of a tier for those whom they invite.")
_LOCALE = click.option("--locale", type=click.Choice(list(LOCALES)), default="en", show_default=True)


@groups.command()
@click.argument("name")
@click.argument("tier")
@click.argument("seats")
@click.option("--manager", required=True, help="The address of whoever looks after it.")
@click.option("--from", "starts_on", default="", help="The first day, like 2026-12-01; now without it.")
@click.option("--until", "ends_on", default="", help="The last day; without it the group goes on until it is ended.")
@click.option("--note", "words", default="", help="For colleagues: how it is paid, whom to ask.")
@click.option("--receipt", default="", help="The receipt number of the payment past Stripe that paid for it.")
@_LOCALE
@as_json
def add(name: str, tier: str, seats: str, as_json: bool, **told: str) -> None:
    """Make a group, and write to whoever looks after it."""
    fields = {"name": name, "tier": tier, "seats": seats, "note": told["words"], "receipt_number": told["receipt"]}
    draft = read_group({**told, **fields}, utc_now(), settings().publication_timezone)
    with transaction() as current:
        group = service.add_group(current, draft, utc_now(), actor=ACTOR)
    tell(_told(group), f"{group.name} has {group.seats} seats (id {group.public_id}).", as_json)


@groups.command("list")
@as_json
def list_all(as_json: bool) -> None:
    """List the groups, the latest first, without addresses."""
    found = [_told(group) for group in service.list_groups(session())]
    lines = [f"{one['id']}  {one['taken']:>4} of {one['seats']:>4}  {one['tier']}  {one['name']}" for one in found]
    tell(found, lines or "There is no group yet.", as_json)


@groups.command()
@click.argument("group_id")
@as_json
def show(group_id: str, as_json: bool) -> None:
    """Show a group and how each of its seats stands, without addresses."""
    group = service.get_group(session(), group_id)
    seats = [_seat(seat) for seat in service.list_seats(session(), group)[: service.PAGE]]
    told = {**_told(group), "first_seats": seats}
    lines = [f"{name}: {value}" for name, value in _told(group).items()]
    tell(told, [*lines, *(f"  {seat['id']}  {seat['state']}" for seat in seats)], as_json)


@groups.command()
@click.argument("group_id")
@click.argument("number", type=int)
@as_json
def seats(group_id: str, number: int, as_json: bool) -> None:
    """Give a group more or fewer seats."""
    with transaction() as current:
        group = service.change_seats(current, group_id, number, utc_now(), actor=ACTOR)
    tell(_told(group), f"{group.name} has {group.seats} seats.", as_json)


@groups.command()
@click.argument("group_id")
@click.option("--until", default="", help="The last day; without it the group goes on until it is ended.")
@as_json
def extend(group_id: str, until: str, as_json: bool) -> None:
    """Let a group last until another day."""
    ends_at = read_end({"ends_on": until}, settings().publication_timezone)
    with transaction() as current:
        group = service.extend_group(current, group_id, ends_at, utc_now(), actor=ACTOR)
    tell(_told(group), f"{group.name} lasts until {until or 'it is ended'}.", as_json)


@groups.command()
@click.argument("group_id")
@click.argument("email")
@_LOCALE
@as_json
def manager(group_id: str, email: str, locale: str, as_json: bool) -> None:
    """Let somebody else look after a group, and write to her."""
    with transaction() as current:
        group = service.name_manager(current, group_id, email, locale, actor=ACTOR)
    tell(_told(group), f"{group.name} is looked after by {email}.", as_json)


@groups.command()
@click.argument("group_id")
@click.option("--reason", type=REASON, required=True, help="Why, for the audit log.")
@as_json
def end(group_id: str, reason: str, as_json: bool) -> None:
    """End a group and all its seats for good."""
    with transaction() as current:
        group = service.end_group(current, group_id, utc_now(), reason=reason, actor=ACTOR)
    tell(_told(group), f"{group.name} has ended, and so have its seats.", as_json)


@groups.command()
@click.argument("group_id")
@click.argument("emails", nargs=-1)
@_LOCALE
@as_json
def invite(group_id: str, emails: tuple[str, ...], locale: str, as_json: bool) -> None:
    """Invite addresses to seats of a group, as its manager can."""
    addresses = read_addresses({"addresses": "\n".join(emails)})
    with transaction() as current:
        group = service.get_group(current, group_id)
        done = service.invite(current, group.id, addresses, locale, utc_now())
        note(current, actor=ACTOR, action="group.invited", subject=f"group:{group_id}", new=done.new)
    words = f"Invited: {done.new}. Known already: {done.known}."
    tell({"invited": done.new, "known": done.known}, words, as_json)


def _told(group: Group) -> dict[str, Any]:
    occupancy = service.occupancy_of(session(), group, utc_now())
    return {
        "id": group.public_id,
        "name": group.name,
        "tier": group.tier.slug,
        "seats": occupancy.seats,
        "taken": occupancy.taken,
        "invited": occupancy.invited,
        "starts_at": group.starts_at.isoformat(),
        "ends_at": group.ends_at and group.ends_at.isoformat(),
        "ended_at": group.ended_at and group.ended_at.isoformat(),
        "has_manager": group.manager_id is not None,
    }


def _seat(seat: Seat) -> dict[str, str]:
    return {"id": seat.public_id, "state": state_of(seat, utc_now()).value}
