"""Commands: what the provider takes of a payment, so that donors can cover it."""

import re
from typing import Any

import click

from membership.audit.service import note
from membership.commands import Commands, as_json, tell
from membership.db import session, transaction
from membership.donations import service
from membership.donations.errors import FeesUnreadable
from membership.donations.models import FeeRate
from membership.donations.rules import FeeSchedule
from membership.i18n import format_money
from membership.money import Money, exponent_of, parse_amount

ACTOR = "command line"
fees = Commands("fees", help="What the payment provider takes, for donors who want to cover it.")
_PERCENT = re.compile(r"([0-9]{1,2})(?:\.([0-9]{1,2}))?%?")


@fees.command("set")
@click.argument("currency")
@click.argument("kind")
@click.option("--percent", required=True, help="Like 1.5: its share of what is paid.")
@click.option("--fixed", default="0", show_default=True, help="What it takes for each payment, in major units.")
@click.option("--cap", help="The most that it takes, in major units.")
@click.option("--name-en", required=True, help="Which payments these are, as readers know them.")
@click.option("--name-uk", required=True)
@click.option("--position", type=int, default=0, show_default=True)
@as_json
def set_fees(currency: str, kind: str, as_json: bool, **told: Any) -> None:
    """Say what is taken of a class of payments: cards of a region, or a method."""
    schedule = FeeSchedule(
        kind,
        _basis_points(told["percent"]),
        parse_amount(told["fixed"], currency).minor,
        parse_amount(told["cap"], currency).minor if told["cap"] else None,
        {"en": told["name_en"], "uk": told["name_uk"]},
    )
    with transaction() as current:
        rate = service.set_fees(current, currency, schedule, told["position"])
        note(current, actor=ACTOR, action="fees.set", subject=f"{currency}:{kind}", basis_points=rate.basis_points)
    tell(_told(rate), _line(rate), as_json)


@fees.command()
@click.argument("currency")
@click.argument("kind")
@as_json
def forget(currency: str, kind: str, as_json: bool) -> None:
    """Let donors cover the fees of a class of payments no more."""
    with transaction() as current:
        service.forget_fees(current, currency, kind)
        note(current, actor=ACTOR, action="fees.forgotten", subject=f"{currency}:{kind}")
    tell({"currency": currency, "kind": kind}, f"{kind} in {currency} is forgotten.", as_json)


@fees.command("list")
@as_json
def list_all(as_json: bool) -> None:
    """List what is configured."""
    found = service.list_fees(session())
    lines = [_line(rate) for rate in found]
    tell([_told(rate) for rate in found], lines or "Donors cannot cover fees yet: flask fees set.", as_json)


def _basis_points(text: str) -> int:
    found = _PERCENT.fullmatch(text)
    if found is None:
        raise FeesUnreadable(field="percent")
    return int(found[1]) * 100 + int((found[2] or "").ljust(2, "0"))


def _told(rate: FeeRate) -> dict[str, object]:
    told = ("currency", "kind", "basis_points", "fixed_minor", "cap_minor", "name")
    return {name: getattr(rate, name) for name in told}


def _line(rate: FeeRate) -> str:
    fixed = format_money(Money(rate.fixed_minor, rate.currency), exponent_of(rate.currency))
    cap = (
        f", {format_money(Money(rate.cap_minor, rate.currency), exponent_of(rate.currency))} at most"
        if rate.cap_minor
        else ""
    )
    return f"{rate.currency} {rate.kind}: {rate.basis_points / 100:g}% and {fixed}{cap} ({rate.name['en']})"
