"""Commands for money that goes back."""

import click

from membership.commands import REASON, Commands, as_json, tell
from membership.db import session, transaction
from membership.i18n import format_money
from membership.ledger.models import OWED, Account
from membership.money import exponent_of, parse_amount
from membership.payments import service
from membership.payments.handlers import send_refund
from membership.web import settings

ACTOR = "command line"
payments = Commands("payments", help="Payments and refunds.")


@payments.command()
@click.argument("receipt_number")
@click.option("--reason", type=REASON, required=True, help="Why, for whoever looks at the books later.")
@click.option("--amount", help="How much, in major units; all that is left unless named.")
@as_json
def refund(receipt_number: str, reason: str, amount: str | None, as_json: bool) -> None:
    """Give a payment back, or a part of it."""
    currency = service.get_payment(session(), receipt_number).gross_currency
    wanted = None if amount is None else parse_amount(amount, currency)
    with transaction() as current:
        plan = service.intend_refund(current, receipt_number, reason=reason, actor=ACTOR, amount=wanted)
    send_refund(plan)
    told = {"receipt_number": receipt_number, "minor": plan.amount.minor, "currency": currency}
    said = f"{format_money(plan.amount, exponent_of(currency))} of {receipt_number} is on its way back."
    tell(told, said, as_json)


@payments.command("write-off")
@click.argument("account", type=click.Choice(sorted(account.value for account in OWED)))
@click.argument("amount")
@click.option("--currency", help="The default currency unless named.")
@click.option("--reason", type=REASON, required=True, help="Why, for whoever looks at the books later.")
@as_json
def write_off(account: str, amount: str, currency: str | None, reason: str, as_json: bool) -> None:
    """Give up what an account holds and nobody will pay, in major units."""
    given_up = parse_amount(amount, currency or settings().default_currency)
    with transaction() as current:
        reference = service.write_off(current, Account(account), given_up, reason=reason, actor=ACTOR)
    told = {"cause": f"write_off:{reference}", "minor": given_up.minor, "currency": given_up.currency}
    tell(told, f"Written off under {reference}; flask payments undo-write-off {reference} takes it back.", as_json)


@payments.command("undo-write-off")
@click.argument("reference")
@click.option("--reason", type=REASON, required=True, help="Why, for whoever looks at the books later.")
@as_json
def undo_write_off(reference: str, reason: str, as_json: bool) -> None:
    """Book back what was given up: it was paid after all, or written off by mistake."""
    reference = reference.removeprefix("write_off:")
    with transaction() as current:
        service.undo_write_off(current, reference, reason=reason, actor=ACTOR)
    tell({"cause": f"reversal:write_off:{reference}"}, f"What was given up under {reference} is back.", as_json)
