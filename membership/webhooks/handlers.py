"""Work on an event: only its id, its type and the id of its object are believed; the rest is asked for again."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import structlog

from membership import db
from membership.clock import utc_now
from membership.db import transaction
from membership.gateway.current import gateway
from membership.gateway.errors import GatewayMissing
from membership.gateway.events import CUSTOMERS, HANDLED
from membership.gateway.protocol import PaymentGateway
from membership.patrons.service import find_by_customer
from membership.payments import fulfilment
from membership.payments.fulfilment import Facts, Outcome
from membership.renewals import handlers as renewals
from membership.webhooks import service
from membership.webhooks.errors import NotYetKnown
from membership.webhooks.models import StoredEvent

# An event may be faster than the row that it is about, but not by much.
PATIENCE = timedelta(minutes=10)

LOOK_UPS: dict[str, Callable[[PaymentGateway, str], Facts]] = {
    "checkout": fulfilment.look_up_checkout,
    "customer": fulfilment.look_up_subscription,
    "invoice": fulfilment.look_up_invoice,
    "charge": fulfilment.look_up_charge,
    "charge.dispute": fulfilment.look_up_dispute,
    "refund": fulfilment.look_up_refund,
    "radar": fulfilment.look_up_fraud_warning,
    "payout": fulfilment.look_up_payout,
}
log = structlog.get_logger("membership.webhooks")


def process(payload: dict[str, Any]) -> None:
    """Record what an event is about, as it is now; an event that was worked on stays so."""
    event = service.get_event(db.session(), payload["event_id"])
    # Kept apart from the session: to read it again would open a transaction across the network.
    db.session().expunge(event)
    db.release()
    if event.processed_at is not None:
        return
    if event.type in CUSTOMERS:
        _note_customer(event)
        return
    try:
        facts = _look_up(event)
    except GatewayMissing:
        _close(event, "missing")
        return
    _record(event, facts)


def _note_customer(event: StoredEvent) -> None:
    """Whatever changed about a customer, it may be a new card: then what is late is tried with it."""
    patron = find_by_customer(db.session(), event.object_id or "")
    if patron is not None:
        renewals.try_new_card(patron.id)
    with transaction() as session:
        service.close(session, event.id, "recorded" if patron else "ignored", utc_now())


def _look_up(event: StoredEvent) -> Facts:
    if event.type not in HANDLED or event.object_id is None:
        return Facts()
    facts = _look_up_of(event.type)(gateway(), event.object_id)
    behind = fulfilment.sessions_behind(db.session(), facts)
    db.release()
    for session_id in behind:
        facts = facts.joined(fulfilment.look_up_checkout(gateway(), session_id))
    return facts


def _look_up_of(kind: str) -> Callable[[PaymentGateway, str], Facts]:
    named = kind.rpartition(".")[0]
    return LOOK_UPS.get(named) or LOOK_UPS[named.partition(".")[0]]


def _record(event: StoredEvent, facts: Facts) -> None:
    now = utc_now()
    with transaction() as session:
        outcome = fulfilment.record(session, facts)
        if outcome.awaited and now - event.received_at < PATIENCE:
            raise NotYetKnown
        service.close(session, event.id, _word(outcome), now)


def _close(event: StoredEvent, outcome: str) -> None:
    log.warning("event not applied", type=event.type, outcome=outcome)
    with transaction() as session:
        service.close(session, event.id, outcome, utc_now())


def _word(outcome: Outcome) -> str:
    if outcome.recorded:
        return "recorded"
    return "pending" if outcome.pending else "ignored"
