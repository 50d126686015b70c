"""Commands for rolls: guests, signs of stuffing, and who is struck off."""

from typing import Any

import click
from sqlalchemy.orm import Session

from membership.clock import utc_now
from membership.commands import Commands, as_json, tell
from membership.db import session, transaction
from membership.i18n import DEFAULT_LOCALE, LOCALES
from membership.patrons.errors import UnknownPatron
from membership.patrons.rules import masked
from membership.patrons.service.people import find_by_email, get_patron, register
from membership.voting import service
from membership.voting.cli.rounds import ACTOR, rounds

guests = Commands("guests", help="Guests of the newsroom, who need not be members; only before a round opens.")
rounds.add_command(guests)


@guests.command("list")
@click.argument("slug")
@as_json
def list_guests(slug: str, as_json: bool) -> None:
    """List whom the newsroom invited to a round, and why."""
    round = service.get_round(session(), slug)
    found = [_told(guest) for guest in service.list_guests(session(), round)]
    lines = [f"{one['patron']}  {one['account']}  {one['reason']}" for one in found]
    tell({"round": slug, "guests": found}, lines or f"{slug} has no guests.", as_json)


@guests.command("add")
@click.argument("slug")
@click.argument("email")
@click.option("--reason", required=True, help="Stands on the roll.")
@click.option("--language", type=click.Choice(list(LOCALES)), default=DEFAULT_LOCALE, help="Of who has no account yet.")
@as_json
def add_guest(slug: str, email: str, reason: str, language: str, as_json: bool) -> None:
    """Put somebody on the roll to be."""
    with transaction() as current:
        patron = register(current, email, locale=language)
        service.invite_guest(current, service.get_round(current, slug), patron, reason=reason, actor=ACTOR)
    tell({"round": slug, "patron": patron.public_id}, f"{patron.public_id} is a guest of {slug}.", as_json)


@guests.command("remove")
@click.argument("slug")
@click.argument("public_id")
@as_json
def remove_guest(slug: str, public_id: str, as_json: bool) -> None:
    """Take an invitation back."""
    with transaction() as current:
        patron = get_patron(current, public_id)
        service.uninvite_guest(current, service.get_round(current, slug), patron, actor=ACTOR)
    tell({"round": slug, "patron": public_id}, f"{public_id} is no guest of {slug} any more.", as_json)


def _told(guest: service.Guest) -> dict[str, Any]:
    account = masked(guest.patron.email) if guest.patron.email else ""
    return {"patron": guest.patron.public_id, "account": account, "reason": guest.reason}


@rounds.command("signals")
@click.argument("slug")
@as_json
def show_signals(slug: str, as_json: bool) -> None:
    """Show who on a roll shares a mailbox, joined in one go, or took the money back."""
    clusters = service.list_signals(session(), service.get_round(session(), slug))
    told = [{"kind": one.kind, "patrons": [member.public_id for member in one.members]} for one in clusters]
    lines = [f"{one['kind']}: {', '.join(one['patrons'])}" for one in told]
    tell({"clusters": told}, lines or "Nothing stands out.", as_json)


def _public_id_of(current: Session, who: str) -> str:
    patron = find_by_email(current, who) if "@" in who else get_patron(current, who)
    if patron is None:
        raise UnknownPatron
    return patron.public_id


@rounds.command("strike")
@click.argument("slug")
@click.argument("who", metavar="PERSON")
@click.option("--reason", required=True, help="Kept with the act; how many were struck off is shown to everybody.")
@as_json
def strike(slug: str, who: str, reason: str, as_json: bool) -> None:
    """Take somebody's vote away while the round is open; PERSON is an address or a public id."""
    with transaction() as current:
        public_id = _public_id_of(current, who)
        round = service.get_round(current, slug)
        service.remove_voter(current, round, public_id, utc_now(), reason=reason, actor=ACTOR)
    tell({"round": slug, "struck_off": public_id}, f"{public_id} is struck off the roll of {slug}.", as_json)
