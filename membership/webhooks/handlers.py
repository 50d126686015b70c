"""Work on an event: only its id, its type and the id of its object are believed; the rest is asked for again."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache, partial
from itertools import takewhile
from typing import Any

import structlog

from membership import db
from membership.clock import utc_now
from membership.db import transaction
from membership.errors import MembershipError
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
from membership.webhooks.service import News

# An event may be faster than the row that it is about, but not by much.
PATIENCE = timedelta(minutes=10)
# What was looked up is recorded after so long, however much more waits: it must not grow old.
LONGEST = timedelta(seconds=1)

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


@dataclass(frozen=True, slots=True)
class Found:
    """What Stripe says now about what an event is about; no facts where it does not know the object."""

    event: News
    facts: Facts | None


def process(payload: dict[str, Any]) -> None:
    """Record what an event is about, as it is now; an event that was worked on stays so."""
    (event,) = _read([payload])
    if event.processed_at is None and event.type in CUSTOMERS:
        _note_customer(event)
    elif event.processed_at is None:
        found = _look_up(event)
        (behind,) = _behind([found])
        _record([_look_up_behind(found, behind)])


def process_together(payloads: Sequence[dict[str, Any]]) -> int:
    """Record what the first so many events are about, in one transaction; return how many these were.

    It stops before one whose work is more than to be recorded, or whose object Stripe did not tell of, and when the
    network has taken long: what is known is recorded first.
    """
    events = takewhile(lambda event: event.type not in CUSTOMERS, _read(payloads))
    # All of these had happened before the first was asked about: one answer about an object is news of them all.
    ask = cache(_look_up_object)
    found = _in_time(partial(_look_up, event, ask) for event in events)
    told = zip(found, _behind(found), strict=True)
    complete = _in_time(partial(_look_up_behind, one, behind) for one, behind in told)
    if complete:
        _record(complete)
    return len(complete)


def forget(_: dict[str, Any]) -> None:
    """Empty what an earlier version has kept of events, some at a time."""
    is_any_left = True
    while is_any_left:
        with transaction() as session:
            is_any_left = service.empty(session)


def _in_time(looks: Iterable[Callable[[], Found]]) -> list[Found]:
    found, until = list[Found](), utc_now() + LONGEST
    for look in looks:
        if utc_now() > until:
            break
        try:
            found.append(look())
        except MembershipError:
            break
    return found


def _read(payloads: Iterable[dict[str, Any]]) -> list[News]:
    events = service.list_news(db.session(), [payload["event_id"] for payload in payloads])
    db.release()
    return events


def _note_customer(event: News) -> None:
    """Whatever changed about a customer, it may be a new card: then what is late is tried with it."""
    patron = find_by_customer(db.session(), event.object_id or "")
    if patron is not None:
        renewals.try_new_card(patron.id)
    with transaction() as session:
        service.close(session, {event.id: "recorded" if patron else "ignored"}, utc_now())


def _look_up_object(kind: str, object_id: str) -> Facts | None:
    try:
        return LOOK_UPS[kind](gateway(), object_id)
    except GatewayMissing:
        return None


def _look_up(event: News, ask: Callable[[str, str], Facts | None] = _look_up_object) -> Found:
    if event.type not in HANDLED or event.object_id is None or event.processed_at is not None:
        return Found(event, Facts())
    return Found(event, ask(_named(event.type), event.object_id))


def _behind(found: Sequence[Found]) -> list[list[str]]:
    behind = fulfilment.sessions_behind(db.session(), [one.facts or Facts() for one in found])
    db.release()
    return behind


def _look_up_behind(found: Found, session_ids: Sequence[str]) -> Found:
    if found.facts is None or not session_ids:
        return found
    try:
        more = [fulfilment.look_up_checkout(gateway(), session_id) for session_id in session_ids]
    except GatewayMissing:
        return Found(found.event, None)
    return Found(found.event, found.facts.joined(*more))


def _named(kind: str) -> str:
    named = kind.rpartition(".")[0]
    return named if named in LOOK_UPS else named.partition(".")[0]


def _record(found: Sequence[Found]) -> None:
    """Record all and close their events, or nothing; one that must wait lets all wait. Raises NotYetKnown."""
    now = utc_now()
    fresh = [one for one in found if one.event.processed_at is None]
    with transaction() as session:
        outcomes = fulfilment.record_all(session, [one.facts or Facts() for one in fresh])
        told = list(zip(fresh, outcomes, strict=True))
        if any(outcome.awaited and now - one.event.received_at < PATIENCE for one, outcome in told):
            raise NotYetKnown
        service.close(session, {one.event.id: _word(one, outcome) for one, outcome in told}, now)


def _word(found: Found, outcome: Outcome) -> str:
    if found.facts is None:
        log.warning("event not applied", type=found.event.type, outcome="missing")
        return "missing"
    if outcome.recorded:
        return "recorded"
    return "pending" if outcome.pending else "ignored"
