"""Walks Stripe's lists, compares them with our rows, and has what differs recorded like any other news, quietly."""

from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass, fields
from datetime import datetime

import structlog
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from membership import db
from membership.clock import utc_now
from membership.db import transaction
from membership.errors import MembershipError
from membership.gateway.current import gateway
from membership.gateway.errors import GatewayMissing
from membership.gateway.protocol import PaymentGateway
from membership.payments import fulfilment
from membership.payments.fulfilment import Facts
from membership.payments.fulfilment.facts import Snapshot
from membership.payments.fulfilment.settlements import settle_for_others
from membership.reconcile import service
from membership.reconcile.grouping import groups
from membership.reconcile.known import known_of
from membership.reconcile.rules import Difference, compare, of_others

# Tells of each object what the inbox knows about it.
Explain = Callable[[Session, Collection[str]], dict[str, str]]
NOTHING_TOLD = "no event told of it"
log = structlog.get_logger("membership.reconcile")


@dataclass(frozen=True, slots=True)
class Finding:
    """One difference, why it arose, and whether it is gone now."""

    object_id: str
    what: str
    cause: str
    is_repaired: bool


@dataclass(frozen=True, slots=True)
class Report:
    """What a walk saw and found; `others` counts what moved for products that are not ours and was not booked yet."""

    since: datetime
    seen: int
    others: int
    findings: tuple[Finding, ...]

    @property
    def left(self) -> int:
        return sum(not finding.is_repaired for finding in self.findings)


def reconcile(explain: Explain, *, since: datetime | None = None, dry_run: bool = False) -> Report:
    """Bring our rows in line with Stripe without any event; raises AlreadyRunning. Sends no mail, ever."""
    with transaction() as session:
        service.take_lease(session, utc_now())
    try:
        return _walk(explain, since, dry_run)
    finally:
        with transaction() as session:
            service.keep_lease(session, utc_now())


def _walk(explain: Explain, since: datetime | None, dry_run: bool) -> Report:
    started = utc_now()
    since = since or service.next_start(db.session())
    facts = _ask(since)
    found = left = _compare(facts)
    causes = explain(db.session(), {one for difference in found for one in difference.about})
    db.release()
    if not dry_run:
        _repair(facts, found)
        left = _compare(facts)
        _reach(started, left)
    others = _book_for_others(facts, dry_run=dry_run)
    seen = sum(len(getattr(facts, one.name)) for one in fields(Facts))
    return Report(since, seen, others, _findings(found, left, causes))


def _book_for_others(facts: Facts, *, dry_run: bool) -> int:
    others = of_others(facts, known_of(db.session(), facts))
    db.release()
    for start in range(0, 0 if dry_run else len(others), service.AT_ONCE):
        with transaction() as session:
            for settlement in others[start : start + service.AT_ONCE]:
                settle_for_others(session, settlement)
        _go_on()
    return len(others)


def _reach(started: datetime, left: list[Difference]) -> None:
    # What is ours and could not be mended is listed again by the next walk, however late that succeeds.
    if not any(difference.is_ours for difference in left):
        with transaction() as session:
            service.reach(session, started)


def _ask(since: datetime) -> Facts:
    may_change = (
        service.list_unfinished_invoices,
        service.list_unfinished_refunds,
        service.list_unfinished_disputes,
    )
    unfinished = [listed(db.session()) for listed in may_change]
    db.release()
    facts = Facts()
    for more in _lists(gateway(), since):
        facts = facts.joined(more)
        _go_on()
    facts = facts.joined(_ask_for(fulfilment.look_up_invoice, unfinished[0]))
    facts = facts.joined(_ask_for(fulfilment.look_up_refund, unfinished[1]))
    facts = facts.joined(_ask_for(fulfilment.look_up_dispute, unfinished[2]))
    behind = fulfilment.sessions_behind(db.session(), facts)
    told = service.list_told_payouts(db.session())
    db.release()
    facts = facts.joined(_ask_for(fulfilment.look_up_payout, [one.id for one in facts.payouts if one.id not in told]))
    return facts.joined(_ask_for(fulfilment.look_up_checkout, behind))


def _lists(stripe: PaymentGateway, since: datetime) -> Iterator[Facts]:
    # Stripe lists the newest first; receipts are numbered in the order in which the money came.
    yield Facts(checkouts=_oldest_first(stripe.list_checkouts(since)))
    yield Facts(subscriptions=_oldest_first(stripe.list_subscriptions()))
    yield Facts(invoices=_oldest_first(stripe.list_invoices(since)))
    yield Facts(payments=_oldest_first(stripe.list_payments(since)))
    yield Facts(refunds=_oldest_first(stripe.list_refunds(since)))
    yield Facts(disputes=_oldest_first(stripe.list_disputes(since)))
    yield Facts(fraud_warnings=_oldest_first(stripe.list_fraud_warnings(since)))
    yield Facts(settlements=_oldest_first(stripe.list_settlements(since)))
    yield Facts(payouts=_oldest_first(stripe.list_payouts(since)))


def _oldest_first(found: Iterator[Snapshot]) -> tuple[Snapshot, ...]:
    return tuple(found)[::-1]


def _ask_for(look_up: Callable[..., Facts], ids: Collection[str]) -> Facts:
    facts = Facts()
    for one in ids:
        with suppress(GatewayMissing):
            facts = facts.joined(look_up(gateway(), one))
    return facts


def _go_on() -> None:
    with transaction() as session:
        service.keep_lease(session, utc_now() + service.LEASE)


def _compare(facts: Facts) -> list[Difference]:
    found = compare(facts, known_of(db.session(), facts))
    db.release()
    return found


def _repair(facts: Facts, found: list[Difference]) -> None:
    wrong = {difference.object_id for difference in found if difference.is_ours}
    for part in groups(facts):
        if wrong.isdisjoint(one.id for name in fields(Facts) for one in getattr(part, name.name)):
            continue
        try:
            with transaction() as session:
                fulfilment.record(session, part, quiet=True)
        except (MembershipError, IntegrityError) as refusal:
            # One broken object must not keep the others from being mended; it stays in the report.
            log.error("not repaired", kind=type(refusal).__name__)
        _go_on()


def _findings(found: list[Difference], left: list[Difference], causes: dict[str, str]) -> tuple[Finding, ...]:
    still = {(one.object_id, one.what) for one in left}
    return tuple(
        Finding(
            object_id=one.object_id,
            what=one.what,
            cause=next((causes[other] for other in one.about if other in causes), NOTHING_TOLD),
            is_repaired=(one.object_id, one.what) not in still,
        )
        for one in found
    )
