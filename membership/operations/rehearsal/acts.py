"""What a step of a scenario does: our own services as the pages use them, and the sandbox's levers for the rest."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from membership.clock import utc_now
from membership.db import release, session, transaction
from membership.donations import handlers as donation_handlers
from membership.donations import service as donations
from membership.errors import NotFound
from membership.i18n import N_
from membership.money import parse_amount
from membership.operations.rehearsal import scenarios
from membership.operations.rehearsal.sandbox import Sandbox
from membership.patrons.models import Patron
from membership.patrons.service import find_by_email, register
from membership.payments import service as payments
from membership.payments.handlers import send_refund
from membership.payments.models import Dispute, Payment
from membership.subscriptions import handlers as subscriptions
from membership.subscriptions import service as orders
from membership.tiers import handlers as catalogue
from membership.tiers import service as tiers
from membership.tiers.forms import read_prices
from membership.web import settings

ACTOR = "rehearsal"


class NothingYet(NotFound):
    """A step about somebody's payment comes before there is one."""

    message = N_("%(patron)s has no payment that this could be about.")


def address(name: str) -> str:
    """Return the address of somebody in a scenario."""
    return f"{'-'.join(name.lower().split())}@example.org"


def open_tiers(scenario: scenarios.Scenario) -> None:
    """Open the tiers of a scenario, and tell Stripe."""
    for position, part in enumerate(scenario.tier):
        name = {"en": part.slug.title(), "uk": part.slug.title()}
        draft = tiers.TierDraft(
            slug=part.slug,
            name=name,
            summary=name,
            benefits={"en": [], "uk": []},
            flags=part.flags,
            prices=read_prices(part.prices),
            vote_weight=1,
            position=position,
        )
        policy = tiers.Policy(grace_days=part.grace_days, give_up_days=part.give_up_days)
        with transaction() as current:
            tiers.add_tier(current, draft)
            tiers.set_policy(current, part.slug, policy)
        catalogue.make_product(part.slug)
        catalogue.make_prices(part.slug)


def take(step: Any, sandbox: Sandbox) -> None:
    """Let a step happen; raises whatever the service refuses."""
    _ACTS[step.does](step, sandbox)


def _join(step: scenarios.Join, sandbox: Sandbox) -> None:
    with transaction() as current:
        patron = register(current, address(step.patron), locale="en", name=step.patron)
        patron.confirmed_at = patron.confirmed_at or utc_now()
        currency = step.currency or settings().default_currency
        price = tiers.get_open_price(current, step.tier, step.interval, currency)
        reference = orders.intend(current, patron, price, source="", locale="en").reference
    subscriptions.open_checkout(reference)
    _pay(sandbox, orders.get_intent(session(), reference).stripe_session_id, step.card)


def _give(step: scenarios.Give, sandbox: Sandbox) -> None:
    amount = parse_amount(step.amount, step.currency or settings().default_currency)
    email = address(step.patron)
    with transaction() as current:
        patron = register(current, email, locale="en", name=step.patron)
        draft = donations.DonationDraft(amount=amount, email=email, patron_id=patron.id, source="", locale="en")
        donation_id = donations.intend(current, draft).id
    donation_handlers.open_checkout(donation_id)
    _pay(sandbox, donations.get_donation(session(), donation_id).stripe_session_id, step.card)


def _pay(sandbox: Sandbox, session_id: str | None, card: str) -> None:
    release()
    sandbox.post(f"checkout/{session_id}/pay", card=card)


def _change_card(step: scenarios.ChangeCard, sandbox: Sandbox) -> None:
    customer_id = _patron(step).stripe_customer_id
    release()
    sandbox.post(f"customers/{customer_id}/card", card=step.card)


def _stop(step: scenarios.Stand, _: Sandbox) -> None:
    subscriptions.stop(_patron(step).id)


def _continue(step: scenarios.Stand, _: Sandbox) -> None:
    subscriptions.go_on(_patron(step).id)


def _pause(step: scenarios.Pause, _: Sandbox) -> None:
    subscriptions.pause(_patron(step).id, step.months)


def _move(step: scenarios.Move, _: Sandbox) -> None:
    patron_id = _patron(step).id
    currency = orders.get_live_subscription(session(), patron_id).price.amount.currency
    price_id = tiers.get_open_price(session(), step.tier, step.interval, currency).id
    subscriptions.change(patron_id, price_id, utc_now())


def _refund(step: scenarios.Refund, _: Sandbox) -> None:
    payment = _latest(step)
    amount = step.amount and parse_amount(step.amount, payment.gross_currency)
    with transaction() as current:
        plan = payments.intend_refund(
            current, payment.receipt_number, reason="a rehearsal", actor=ACTOR, amount=amount or None
        )
    send_refund(plan)


def _object(lever: str) -> Callable[[scenarios.Bank, Sandbox], None]:
    def object_to(step: scenarios.Bank, sandbox: Sandbox) -> None:
        payment_id = _latest(step).stripe_payment_intent_id
        release()
        sandbox.post(f"charges/{payment_id}/{lever}")

    return object_to


def _decide(verdict: str) -> Callable[[scenarios.Bank, Sandbox], None]:
    def decide(step: scenarios.Bank, sandbox: Sandbox) -> None:
        payment_ids = [one.id for one in payments.list_payments_of(session(), _patron(step).id)]
        hers = select(Dispute.stripe_dispute_id).where(Dispute.payment_id.in_(payment_ids)).order_by(Dispute.id.desc())
        dispute_id = session().scalar(hers.limit(1))
        release()
        if dispute_id is None:
            raise NothingYet(patron=step.patron)
        sandbox.post(f"disputes/{dispute_id}/close", status=verdict)

    return decide


def _raise(step: scenarios.Raise, _: Sandbox) -> None:
    (price,) = read_prices(step.price)
    with transaction() as current:
        tiers.announce_rise(current, step.tier, price, utc_now() + timedelta(days=step.notice), utc_now())
    catalogue.make_prices(step.tier)


def _switch(mode: str) -> Callable[[scenarios.Events, Sandbox], None]:
    def switch(_: scenarios.Events, sandbox: Sandbox) -> None:
        sandbox.post("webhooks", mode=mode)

    return switch


def _patron(step: scenarios.ByPatron) -> Patron:
    found = find_by_email(session(), address(step.patron))
    if found is None:
        raise NothingYet(patron=step.patron)
    return found


def _latest(step: scenarios.ByPatron) -> Payment:
    found = payments.list_payments_of(session(), _patron(step).id)
    if not found:
        raise NothingYet(patron=step.patron)
    return max(found, key=lambda payment: (payment.paid_at, payment.id))


_ACTS: dict[str, Callable[[Any, Sandbox], None]] = {
    "join": _join,
    "give": _give,
    "change_card": _change_card,
    "stop": _stop,
    "continue": _continue,
    "pause": _pause,
    "move": _move,
    "refund": _refund,
    "dispute": _object("dispute"),
    "send_back": _object("send_back"),
    "win_dispute": _decide("won"),
    "lose_dispute": _decide("lost"),
    "raise": _raise,
    "lose_events": _switch("drop"),
    "deliver_events": _switch("deliver"),
}
