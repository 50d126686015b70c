"""Commands that do to a patron what staff can do on her page: grant access and take it back, shut out and let in."""

from dataclasses import asdict

import click

from membership.access.service import decide_for
from membership.audit.service import note
from membership.clock import utc_now
from membership.commands import Commands, as_json, tell
from membership.db import release, session, transaction
from membership.merging.service import Merged, MergeWish
from membership.merging.service import merge as merge_accounts
from membership.patrons.errors import UnknownPatron
from membership.patrons.models import Patron
from membership.patrons.service import find_by_email
from membership.privacy.service import tell_staff
from membership.staff import service
from membership.staff.forms import CompForm, read_reason
from membership.staff.rules import audit_name
from membership.web import settings

ACTOR = "command line"
LEFT_OUT = "Ballots are not told here. While a vote is open she finds hers on her own account page, signed in."
patrons = Commands("patrons", help="What staff do to one patron.")
why = click.option("--reason", required=True, help="Why, for the audit log.")


def get_by_email(email: str) -> Patron:
    patron = find_by_email(session(), email)
    if patron is None:
        raise UnknownPatron
    return patron


@patrons.command()
@click.argument("email")
@as_json
def show(email: str, as_json: bool) -> None:
    """Tell how a patron stands, and whether she is being erased; that you looked is noted."""
    with transaction() as current:
        patron = get_by_email(email)
        note(current, actor=ACTOR, action="patron.opened", subject=audit_name(patron))
    decision = decide_for(session(), patron.id, utc_now())
    asked_at = patron.erasure_asked_at
    told = {
        "public_id": patron.public_id,
        "name": patron.name,
        "since": patron.created_at.isoformat(),
        "state": decision.state.value,
        "reason": decision.reason,
        "erasure_asked_at": asked_at.isoformat() if asked_at else None,
    }
    tell(told, [f"{name}: {value}" for name, value in told.items() if value], as_json)


@patrons.command()
@click.argument("email")
@as_json
def export(email: str, as_json: bool) -> None:
    """Tell what is kept about a patron: every row with --json, else how many of each kind; never how she votes."""
    with transaction() as current:
        patron = get_by_email(email)
        told = tell_staff(current, patron)
        note(current, actor=ACTOR, action="patron.exported", subject=f"patron:{patron.public_id}")
    lines = [f"{name}: {len(rows)}" for name, rows in told.items()]
    tell({**told, "left_out": LEFT_OUT}, [*lines, LEFT_OUT], as_json)


@patrons.command()
@click.argument("email")
@click.argument("tier")
@click.option("--until", required=True, help="The last day, like 2026-12-31, in the publication's zone.")
@why
@as_json
def comp(email: str, tier: str, until: str, reason: str, as_json: bool) -> None:
    """Grant complimentary access to a tier."""
    fields = {"tier": tier, "ends_on": until, "reason": reason}
    form = CompForm.parse(fields, settings().publication_timezone)
    with transaction() as current:
        found = service.grant_comp(
            current, get_by_email(email), form.tier, form.ends_at, reason=form.reason, actor=ACTOR
        )
    told = {"comp": found.id, "tier": tier, "ends_at": form.ends_at.isoformat()}
    tell(told, f"{email} has {tier} until the end of {until} (number {found.id}).", as_json)


@patrons.command()
@click.argument("email")
@click.argument("number", type=int)
@why
@as_json
def uncomp(email: str, number: int, reason: str, as_json: bool) -> None:
    """Take complimentary access back at once, by its number."""
    asked = read_reason({"reason": reason})
    with transaction() as current:
        service.revoke_comp(current, get_by_email(email), number, reason=asked, actor=ACTOR)
    tell({"comp": number, "revoked": True}, f"Number {number} is taken back.", as_json)


@patrons.command()
@click.argument("email")
@why
@as_json
def ban(email: str, reason: str, as_json: bool) -> None:
    """Shut a patron out at once, and end her support."""
    asked = read_reason({"reason": reason})
    with transaction() as current:
        service.ban_patron(current, get_by_email(email), reason=asked, actor=ACTOR)
    tell(
        {"banned": True}, f"{email} is shut out. What she supports with ends as soon as the worker has asked.", as_json
    )


@patrons.command()
@click.argument("email")
@why
@as_json
def unban(email: str, reason: str, as_json: bool) -> None:
    """Let a patron in again."""
    asked = read_reason({"reason": reason})
    with transaction() as current:
        service.lift_ban(current, get_by_email(email), reason=asked, actor=ACTOR)
    tell({"banned": False}, f"{email} is let in again.", as_json)


@patrons.command()
@click.argument("leaving")
@click.argument("into")
@why
@click.option("--keep-both", is_flag=True, help="Let both go on where each account pays; the second one is surplus.")
@click.option("--dry-run", is_flag=True, help="Only tell what would go over.")
@as_json
def merge(leaving: str, into: str, reason: str, keep_both: bool, dry_run: bool, as_json: bool) -> None:
    """Make two accounts of one person one: all of the first goes over into the second, and nobody signs in to it."""
    asked = read_reason({"reason": reason})
    wish = MergeWish(leaving=get_by_email(leaving), staying=get_by_email(into), reason=asked, keep_both=keep_both)
    if dry_run:
        told = merge_accounts(session(), wish, utc_now(), actor=ACTOR)
        release()
    else:
        with transaction() as current:
            told = merge_accounts(current, wish, utc_now(), actor=ACTOR)
    tell({"merged": not dry_run, **asdict(told)}, _merged_lines(told, dry_run), as_json)


def _merged_lines(told: Merged, dry_run: bool) -> list[str]:
    lines = ["This would go over:" if dry_run else "One account now. This went over:"]
    lines += [f"  {name}: {rows}" for name, rows in told.moved.items()]
    if told.both_pay:
        lines.append(f"She pays twice: {', '.join(told.both_pay)}. The second one is surplus until one of them ends.")
    if told.site_names_ended:
        lines.append(
            f"Names of sites that lead nowhere any more, for the sites know her twice: {told.site_names_ended}"
        )
    lines += [f"One of her two lines on the roll of {slug} ends, with its ballot." for slug in told.rounds_struck]
    if told.terms_later:
        lines.append(f"Given time that was beside other given time, and now follows it: {told.terms_later}")
    return lines
