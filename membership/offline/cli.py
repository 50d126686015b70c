"""Commands: other ways to support, gifts that came past Stripe, the bank's files."""

from pathlib import Path
from typing import Any

import click

from membership.audit.service import note
from membership.commands import REASON, Commands, as_json, tell
from membership.db import session, transaction
from membership.donations.models import Method
from membership.i18n import format_money
from membership.money import exponent_of, parse_amount
from membership.offline import service
from membership.offline.forms import read_gift
from membership.offline.models import BankLine, WayKind
from membership.payments.service import get_payment, record_return
from membership.web import settings

ACTOR = "command line"
ways = Commands("ways", help="Other ways to support, as readers are told of them.")
offline = Commands("offline", help="Gifts that came past the payment provider.")
bank = Commands("bank", help="The bank's files, and whose the money in them is.")
_KIND = click.Choice([kind.value for kind in WayKind])


@ways.command("set")
@click.argument("kind", type=_KIND)
@click.option("--text-en", required=True, help="How it goes, in English.")
@click.option("--text-uk", required=True)
@click.option("--detail", "details", multiple=True, help="name=value: holder, iban, bic, url, address.")
@click.option("--position", type=int, default=0, show_default=True)
@as_json
def set_way(kind: str, as_json: bool, *, details: tuple[str, ...], position: int, **texts: str) -> None:
    """Open a way, or say anew how it goes."""
    told = dict(detail.partition("=")[::2] for detail in details)
    with transaction() as current:
        text = {"en": texts["text_en"], "uk": texts["text_uk"]}
        way = service.set_way(current, WayKind(kind), text, told, position)
        note(current, actor=ACTOR, action="way.set", subject=kind)
    tell({"kind": kind, "details": way.details}, f"{kind} is open.", as_json)


@ways.command("close")
@click.argument("kind", type=_KIND)
@as_json
def close_way(kind: str, as_json: bool) -> None:
    """Show a way no more."""
    with transaction() as current:
        service.close_way(current, WayKind(kind))
        note(current, actor=ACTOR, action="way.closed", subject=kind)
    tell({"kind": kind}, f"{kind} is closed.", as_json)


@ways.command("list")
@as_json
def list_ways(as_json: bool) -> None:
    """List the ways that are open."""
    found = service.list_ways(session())
    told = [{"kind": way.kind.value, "text": way.text, "details": way.details} for way in found]
    tell(told, [way.kind.value for way in found] or "No other way is open: flask ways set.", as_json)


@offline.command()
@click.option("--amount", required=True, help="In major units.")
@click.option("--currency", help="[default: DEFAULT_CURRENCY]")
@click.option("--method", required=True, type=click.Choice([one.value for one in Method if one is not Method.STRIPE]))
@click.option("--received-on", required=True, help="The day on which it came, like 2026-11-03.")
@click.option("--email", default="", help="Of its giver; left out, it is nobody's.")
@click.option("--name", default="")
@click.option("--fee", default="", help="What it cost to receive, in major units.")
@click.option("--honouree", default="")
@click.option("--message", default="")
@click.option("--anonymous", is_flag=True, help="Never to be named.")
@as_json
def enter(as_json: bool, *, anonymous: bool, **told: Any) -> None:
    """Enter a gift; its giver gets a receipt, and what time it comes to by policy."""
    fields = told | {"is_nameless": "1", "is_anonymous": "1" if anonymous else ""}
    fields["currency"] = told["currency"] or settings().default_currency
    draft = read_gift(fields, settings().publication_timezone)
    with transaction() as current:
        payment = service.enter(current, draft)
        note(current, actor=ACTOR, action="offline.entered", subject=payment.receipt_number, minor=payment.gross.minor)
    tell({"receipt_number": payment.receipt_number}, f"Entered; the receipt is {payment.receipt_number}.", as_json)


@offline.command("give-back")
@click.argument("receipt_number")
@click.option("--reason", type=REASON, required=True, help="Why, for whoever looks at the books later.")
@click.option("--amount", help="How much, in major units; all that is left unless named.")
@as_json
def give_back(receipt_number: str, reason: str, amount: str | None, as_json: bool) -> None:
    """Enter that a gift went back the way it came: a cheque that bounced, a transfer returned."""
    currency = get_payment(session(), receipt_number).gross.currency
    wanted = None if amount is None else parse_amount(amount, currency)
    with transaction() as current:
        refund = record_return(current, receipt_number, reason=reason, actor=ACTOR, amount=wanted)
    told = {"receipt_number": receipt_number, "minor": refund.amount.minor, "currency": currency}
    tell(told, f"{format_money(refund.amount, exponent_of(currency))} of {receipt_number} went back.", as_json)


@bank.command("import")
@click.argument("path", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--accept-matched", is_flag=True, help="Book at once what names its patron's reference.")
@as_json
def import_file(path: Path, accept_matched: bool, as_json: bool) -> None:
    """Read a statement, CAMT.053 or CSV; all of it or nothing, and each line once."""
    with transaction() as current:
        found = service.take_statement(current, path.read_bytes(), path.name)
        booked = service.accept_matched(current, actor=ACTOR) if accept_matched else 0
    told = {"new": found.new, "known": found.known, "left_out": found.left_out, "booked": booked}
    tell(told, ", ".join(f"{name.replace('_', ' ')}: {count}" for name, count in told.items()), as_json)


@bank.command("list")
@as_json
def list_lines(as_json: bool) -> None:
    """List what waits for somebody to decide."""
    found = service.list_lines(session())
    lines = [f"{line.id}  {line.booked_on}  {_amount(line)}  {line.match.value}  {line.payer}" for line in found]
    tell([_told(line) for line in found], lines or "Nothing waits.", as_json)


@bank.command("accept-matched")
@as_json
def accept_matched(as_json: bool) -> None:
    """Book everything that names its patron's reference."""
    with transaction() as current:
        booked = service.accept_matched(current, actor=ACTOR)
    tell({"booked": booked}, f"Booked: {booked}", as_json)


@bank.command()
@click.argument("line_id", type=int)
@as_json
def accept(line_id: int, as_json: bool) -> None:
    """Book a line as the gift of whom it was matched with."""
    with transaction() as current:
        number = service.accept(current, line_id, actor=ACTOR).receipt_number
    tell({"receipt_number": number}, f"Booked; the receipt is {number}.", as_json)


@bank.command()
@click.argument("line_id", type=int)
@click.option("--email", help="Whose gift it is; left out, it is nobody's.")
@as_json
def assign(line_id: int, email: str | None, as_json: bool) -> None:
    """Book a line as somebody else's gift, or as nobody's."""
    with transaction() as current:
        number = service.assign(current, line_id, email, locale="en", actor=ACTOR).receipt_number
    tell({"receipt_number": number}, f"Booked; the receipt is {number}.", as_json)


@bank.command()
@click.argument("line_id", type=int)
@click.option("--reason", type=REASON, required=True)
@as_json
def reject(line_id: int, reason: str, as_json: bool) -> None:
    """Say that a line is no gift."""
    with transaction() as current:
        service.reject(current, line_id, reason=reason, actor=ACTOR)
    tell({"id": line_id}, "It is no gift.", as_json)


def _told(line: BankLine) -> dict[str, Any]:
    amount = {"minor": line.amount.minor, "currency": line.amount.currency}
    told = {"id": line.id, "booked_on": line.booked_on.isoformat(), "amount": amount, "match": line.match.value}
    return told | {"payer": line.payer, "text": line.text}


def _amount(line: BankLine) -> str:
    return format_money(line.amount, exponent_of(line.amount.currency))
