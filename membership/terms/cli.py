"""Commands: which money is how much time."""

from typing import Any

import click

from membership.audit.service import note
from membership.commands import Commands, as_json, tell
from membership.db import session, transaction
from membership.i18n import format_money
from membership.money import exponent_of, parse_amount
from membership.terms import service
from membership.terms.models import TermPolicy

ACTOR = "command line"
terms = Commands("terms", help="Time that money past Stripe, and one-off gifts, give.")


@terms.command("set-policy")
@click.argument("currency")
@click.option("--month", required=True, help="What a month costs, in major units.")
@click.option("--tier", required=True, help="The slug of the tier that it gives.")
@click.option("--most-months", type=int, default=12, show_default=True, help="The most that one gift gives.")
@click.option("--patience", type=int, default=10, show_default=True, help="Days that the next transfer may be late.")
@click.option("--cards/--no-cards", default=False, show_default=True, help="Whether one-off gifts by card count, too.")
@as_json
def set_policy(currency: str, as_json: bool, **told: Any) -> None:
    """Say how much money of a currency is a month of a tier."""
    month = parse_amount(told["month"], currency)
    with transaction() as current:
        policy = service.set_policy(
            current,
            month,
            told["tier"],
            most_months=told["most_months"],
            patience_days=told["patience"],
            counts_cards=told["cards"],
        )
        note(current, actor=ACTOR, action="term_policy.set", subject=currency, month=month.minor, tier=told["tier"])
    tell(_told(policy), _line(policy), as_json)


@terms.command("end-policy")
@click.argument("currency")
@as_json
def end_policy(currency: str, as_json: bool) -> None:
    """Let money of a currency give no time any more; what was given stays."""
    with transaction() as current:
        service.end_policy(current, currency)
        note(current, actor=ACTOR, action="term_policy.ended", subject=currency)
    tell({"currency": currency}, f"{currency} gives no time any more.", as_json)


@terms.command("policies")
@as_json
def list_policies(as_json: bool) -> None:
    """List which money is how much time."""
    found = service.list_policies(session())
    lines = [_line(policy) for policy in found]
    tell(
        [_told(policy) for policy in found],
        lines or "There are none: money past Stripe gives no time. Set one with `flask terms set-policy`.",
        as_json,
    )


def _told(policy: TermPolicy) -> dict[str, object]:
    return {
        "month": {"minor": policy.month.minor, "currency": policy.month.currency},
        "tier": policy.tier.slug,
        "most_months": policy.most_months,
        "patience_days": policy.patience_days,
        "counts_cards": policy.counts_cards,
    }


def _line(policy: TermPolicy) -> str:
    amount = format_money(policy.month, exponent_of(policy.month.currency))
    cards = ", gifts by card too" if policy.counts_cards else ""
    return f"{amount} is a month of {policy.tier.slug}, {policy.most_months} months at most{cards}"
