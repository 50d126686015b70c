"""The steps of a walk: what may still change, asked for by name, then every list that Stripe keeps, page by page."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy.orm import Session

from membership import db
from membership.gateway.errors import GatewayMissing
from membership.gateway.protocol import PaymentGateway
from membership.payments import fulfilment
from membership.payments.fulfilment import Facts
from membership.reconcile import service

# A page makes a portion: what is lost when a walk is cut off, and what it holds in memory.
AT_ONCE = 100
# Where to go on after it, and what it is.
Portion = tuple[str, Facts]
Step = Callable[[PaymentGateway, datetime, str | None], Iterator[Portion]]


def ask_for(look_up: Callable[[PaymentGateway, str], Facts], stripe: PaymentGateway, object_id: str) -> Facts:
    """Ask for one thing by its name; what Stripe has forgotten is nothing."""
    with suppress(GatewayMissing):
        return look_up(stripe, object_id)
    return Facts()


def _listed(kind: str, ask: Callable[[PaymentGateway, datetime, str | None], Iterator[Any]]) -> Step:
    def step(stripe: PaymentGateway, since: datetime, after: str | None) -> Iterator[Portion]:
        for some in _portions(ask(stripe, since, after)):
            yield some[-1].id, Facts(**{kind: some})

    return step


def _portions(found: Iterator[Any]) -> Iterator[tuple[Any, ...]]:
    while some := tuple(islice(found, AT_ONCE)):
        yield some


def _by_name(list_ids: Callable[[Session], list[str]], look_up: Callable[[PaymentGateway, str], Facts]) -> Step:
    def step(stripe: PaymentGateway, _: datetime, after: str | None) -> Iterator[Portion]:
        ids = list_ids(db.session())
        db.release()
        for object_id in ids[ids.index(after) + 1 if after in ids else 0 :]:
            yield object_id, ask_for(look_up, stripe, object_id)

    return step


def _movements(stripe: PaymentGateway, since: datetime, after: str | None) -> Iterator[Portion]:
    """List what moved, and ask for the payments and payouts that came back: they may be on no list any more."""
    for some in _portions(stripe.list_settlements(since, after)):
        charges = service.charges_sent_back(db.session(), some)
        payouts = service.payouts_sent_back(db.session(), some)
        db.release()
        facts = Facts(settlements=some)
        for charge_id in charges:
            facts = facts.joined(ask_for(fulfilment.look_up_charge, stripe, charge_id))
        for payout_id in payouts:
            facts = facts.joined(ask_for(fulfilment.look_up_payout, stripe, payout_id))
        yield some[-1].id, facts


def _payouts(stripe: PaymentGateway, since: datetime, after: str | None) -> Iterator[Portion]:
    """List the payouts, and ask for the lines of those whose lines we do not have."""
    for some in _portions(stripe.list_payouts(since, after)):
        told = service.told_payouts(db.session(), [one.id for one in some])
        db.release()
        for payout in some:
            with_lines = Facts() if payout.id in told else ask_for(fulfilment.look_up_payout, stripe, payout.id)
            yield payout.id, Facts(payouts=(payout,)).joined(with_lines)


# In this order: what something hangs on is seen before it.
STEPS: Mapping[str, Step] = {
    "unfinished invoices": _by_name(service.list_unfinished_invoices, fulfilment.look_up_invoice),
    "unfinished refunds": _by_name(service.list_unfinished_refunds, fulfilment.look_up_refund),
    "undecided disputes": _by_name(service.list_unfinished_disputes, fulfilment.look_up_dispute),
    "unfinished checkouts": _by_name(service.list_unfinished_checkouts, fulfilment.look_up_checkout),
    "checkouts": _listed("checkouts", lambda stripe, since, after: stripe.list_checkouts(since, after)),
    "subscriptions": _listed("subscriptions", lambda stripe, _, after: stripe.list_subscriptions(after)),
    "invoices": _listed("invoices", lambda stripe, since, after: stripe.list_invoices(since, after)),
    "payments": _listed("payments", lambda stripe, since, after: stripe.list_payments(since, after)),
    "refunds": _listed("refunds", lambda stripe, since, after: stripe.list_refunds(since, after)),
    "disputes": _listed("disputes", lambda stripe, since, after: stripe.list_disputes(since, after)),
    "fraud warnings": _listed("fraud_warnings", lambda stripe, since, after: stripe.list_fraud_warnings(since, after)),
    "movements": _movements,
    "payouts": _payouts,
}
