"""How the demonstration's patrons join, give and leave: our own services, and the sandbox's cards."""

from dataclasses import dataclass

from flask import Flask

from demo.control import Sandbox
from demo.people import Gift, Joining
from membership.clock import utc_now
from membership.db import session, transaction
from membership.donations import handlers as donation_handlers
from membership.donations import service as donations
from membership.gateway.current import gateway
from membership.money import Money
from membership.patrons import service as patrons
from membership.payments.fulfilment import look_up_checkout, record
from membership.subscriptions import handlers as subscription_handlers
from membership.subscriptions import service as subscriptions
from membership.tiers.models import Interval
from membership.tiers.service import get_open_price

DAYS = 30


@dataclass(frozen=True)
class Month:
    """What happens in one month: who comes, what is given once, who leaves."""

    arriving: list[Joining]
    given: list[Gift]
    leaving: list[Joining]


def live(sandbox: Sandbox, month: Month) -> None:
    """Live through one month, day by day where something happens."""
    happening: list[Joining | Gift] = [*month.arriving, *month.given]
    today = 0
    for one in sorted(happening, key=lambda each: each.day):
        if one.day > today:
            sandbox.advance(days=one.day - today)
            today = one.day
        _join(sandbox, one) if isinstance(one, Joining) else _give(sandbox, one)
    for one in month.leaving:
        _leave(one)
    sandbox.advance(days=DAYS - today)


def _join(sandbox: Sandbox, one: Joining) -> None:
    with transaction() as current:
        patron = patrons.register(current, one.email, locale=one.locale, name=one.name)
        patron.confirmed_at = utc_now()
        price = get_open_price(current, one.tier, Interval(one.interval), "eur")
        intent = subscriptions.intend(current, patron, price, source=one.source, locale=one.locale)
    subscription_handlers.open_checkout(intent.reference)
    pay(sandbox, subscriptions.get_intent(session(), intent.reference).stripe_session_id, one.card)


def _give(sandbox: Sandbox, one: Gift) -> None:
    with transaction() as current:
        donation = donations.intend(
            current,
            donations.DonationDraft(
                amount=Money(one.minor, "eur"),
                email=one.email,
                patron_id=None,
                source=one.source,
                locale=one.locale,
            ),
        )
    donation_handlers.open_checkout(donation.id)
    pay(sandbox, donations.get_donation(session(), donation.id).stripe_session_id, "4242424242424242")


def pay(sandbox: Sandbox, session_id: str | None, card: str) -> None:
    """Pay a checkout with a card, and learn of it at once."""
    assert session_id
    sandbox.pay(session_id, card)
    facts = look_up_checkout(gateway(), session_id)
    with transaction() as current:
        record(current, facts, quiet=True)


def _leave(one: Joining) -> None:
    patron = patrons.find_by_email(session(), one.email)
    if patron is not None and subscriptions.live_subscription(session(), patron.id) is not None:
        subscription_handlers.stop(patron.id)


def reconcile(app: Flask) -> None:
    """Learn from Stripe's lists what no webhook told, without a letter to anybody."""
    answer = app.test_cli_runner(catch_exceptions=False).invoke(args=["reconcile"])
    if answer.exit_code not in {0, 1}:
        raise SystemExit(answer.output)
