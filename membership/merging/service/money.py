"""What one account pays, paid and was given goes over to another, row by row; no amount is touched."""

from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from membership.access.models import Comp
from membership.donations.models import Donation
from membership.gifts import service as gifts
from membership.gifts.models import Gift
from membership.merging.errors import BothChoose, BothPay
from membership.offline.models import BankLine, BankReference
from membership.offline.service import find_reference
from membership.patrons.models import Ban, Patron
from membership.payments.models import Payment
from membership.subscriptions.models import IntentStatus, Subscription, SubscriptionIntent, SubscriptionStatus
from membership.subscriptions.service import list_subscriptions_of, live_subscription
from membership.terms import service as terms
from membership.terms.models import Term, TermSource

_WAITING = (IntentStatus.STARTED, IntentStatus.OPEN)
_HERS: tuple[InstrumentedAttribute[Any], ...] = (
    Payment.patron_id,
    Donation.patron_id,
    SubscriptionIntent.patron_id,
    Gift.patron_id,
    Term.patron_id,
    Comp.patron_id,
    Ban.patron_id,
    BankLine.patron_id,
)


def move_rows(session: Session, leaving: Patron, staying: Patron, now: datetime) -> dict[str, int]:
    """Let what was paid and given be the other account's; return how many rows of each kind. Raises BothChoose."""
    choosing = select(SubscriptionIntent.patron_id).where(SubscriptionIntent.status.in_(_WAITING))
    if {leaving.id, staying.id} <= set(session.scalars(choosing)):
        raise BothChoose
    _keep_one_ban(session, leaving, staying, now)
    moved = {str(column.class_.__tablename__): move(session, column, leaving, staying) for column in _HERS}
    if find_reference(session, staying.id) is None:
        moved["bank_references"] = move(session, BankReference.patron_id, leaving, staying)
    return moved


def move(session: Session, column: InstrumentedAttribute[Any], leaving: Patron, staying: Patron) -> int:
    """Let every row that names one account by this column name the other."""
    hers = update(column.class_).where(column == leaving.id).values({column.key: staying.id})
    return int(session.execute(hers).rowcount)  # type: ignore[attr-defined]


def _keep_one_ban(session: Session, leaving: Patron, staying: Patron, now: datetime) -> None:
    in_force = select(Ban).where(Ban.patron_id.in_((leaving.id, staying.id)), Ban.lifted_at.is_(None))
    bans = {ban.patron_id: ban for ban in session.scalars(in_force)}
    if len(bans) > 1:
        bans[leaving.id].lifted_at = now
        session.flush()


def line_up(session: Session, staying: Patron, now: datetime) -> int:
    """Let the time that both accounts were given follow one another; return how many stretches begin later."""
    moved = terms.line_up(session, staying.id, now)
    session.flush()
    gifts.lengthen(session, [term for term in moved if term.source is TermSource.GIFT], now)
    return len(moved)


def move_subscriptions(session: Session, leaving: Patron, staying: Patron, keep_both: bool) -> tuple[int, list[str]]:
    """Let the standing orders be the other account's, and its customer that of the one that runs.

    Of two that run, that of the account that stays is hers; the other one is surplus, which staff see, until one ends.
    Returns how many went over, and the tiers of two that run. Raises BothPay.
    """
    both_pay: list[str] = []
    own, other = live_subscription(session, staying.id), live_subscription(session, leaving.id)
    if own is not None and other is not None:
        aside = _step_aside(own, other)
        if aside.status is not SubscriptionStatus.INCOMPLETE:
            both_pay = [own.price.tier.slug, other.price.tier.slug]
        if both_pay and not keep_both:
            raise BothPay(own=both_pay[0], other=both_pay[1])
        aside.is_surplus = True
        session.flush()
    if staying.stripe_customer_id is None or (other is not None and not other.is_surplus):
        _swap_customers(session, leaving, staying)
    hers = list_subscriptions_of(session, leaving.id)
    for one in hers:
        one.patron = staying
    session.flush()
    return len(hers), both_pay


def _step_aside(own: Subscription, other: Subscription) -> Subscription:
    """Return which of two is surplus: one whose first payment never came, else that of the account that goes."""
    return own if own.status is SubscriptionStatus.INCOMPLETE else other


def _swap_customers(session: Session, leaving: Patron, staying: Patron) -> None:
    hers, own = leaving.stripe_customer_id, staying.stripe_customer_id
    leaving.stripe_customer_id = staying.stripe_customer_id = None
    session.flush()
    leaving.stripe_customer_id, staying.stripe_customer_id = own, hers
