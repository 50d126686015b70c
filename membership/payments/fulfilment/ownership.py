"""What is ours: proven by the checkout that we opened, or by the id of something proven before; never by metadata."""

from enum import StrEnum
from typing import cast

from sqlalchemy import bindparam, or_, select
from sqlalchemy.orm import Session

from membership.donations.models import Donation
from membership.gateway.values import CheckoutSnapshot
from membership.patrons.models import Patron
from membership.patrons.service import owners_of
from membership.payments.fulfilment.facts import Facts
from membership.payments.models import Payment
from membership.subscriptions.models import Subscription, SubscriptionIntent

Wish = SubscriptionIntent | Donation
# Built once: each event asks these.
_SOLD = Payment.stripe_payment_intent_id.in_(bindparam("payment_intents", expanding=True))
_WISHED = select(Donation.id).where(
    Donation.stripe_session_id.in_(bindparam("sessions", expanding=True))
    | Donation.reference.in_(bindparam("references", expanding=True))
)
_GIVEN = select(Donation.id).where(Donation.id.in_(select(Payment.donation_id).where(_SOLD)))
_LOCK_WISHED = _WISHED.order_by(Donation.id).with_for_update()
_LOCK_GIVEN = _GIVEN.order_by(Donation.id).with_for_update()
_KNOWN_SUBSCRIPTIONS = select(Subscription.stripe_subscription_id).where(
    Subscription.stripe_subscription_id.in_(bindparam("subscriptions", expanding=True))
)
_KNOWN_PAYMENTS = select(Payment.stripe_payment_intent_id).where(_SOLD)
WISHES: dict[str, type[SubscriptionIntent] | type[Donation]] = {"subscription": SubscriptionIntent, "payment": Donation}


class Verdict(StrEnum):
    """What became of one snapshot.

    RECORDED: ours, and our rows say the same. PENDING: ours, but no money has come. AWAITED: it names a wish that we
    do not know yet, or whose checkout we do not know yet. IGNORED: not ours.
    """

    RECORDED = "recorded"
    PENDING = "pending"
    AWAITED = "awaited"
    IGNORED = "ignored"


def lock(session: Session, facts: Facts) -> None:
    """Let nobody else record about the same patrons and gifts until the transaction ends; always in the same order."""
    sold = list(facts.payment_intent_ids())
    paid = Patron.id.in_(select(Payment.patron_id).where(Payment.stripe_payment_intent_id.in_(sold)))
    patrons = select(Patron.id).where(Patron.id.in_(owners_of(_customers(facts))) | paid)
    session.execute(patrons.order_by(Patron.id).with_for_update())
    if facts.checkouts:
        checkouts = {"sessions": [one.id for one in facts.checkouts]}
        session.execute(_LOCK_WISHED, checkouts | {"references": [one.reference for one in facts.checkouts]})
    if sold:
        session.execute(_LOCK_GIVEN, {"payment_intents": sold})


def _customers(facts: Facts) -> set[str | None]:
    bought = {one.customer_id for one in facts.checkouts} | {one.customer_id for one in facts.payments}
    return (bought | {one.customer_id for one in facts.subscriptions}) - {None}


def find_wish(session: Session, checkout: CheckoutSnapshot) -> Wish | None:
    """Return the wish that this very checkout was opened for.

    By its id; by our reference only where the answer that told us the id was lost.
    """
    wish = WISHES.get(checkout.mode)
    if wish is None:
        return None
    by_reference = (wish.reference == checkout.reference) & wish.stripe_session_id.is_(None)
    ours = select(wish).where(or_(wish.stripe_session_id == checkout.id, by_reference))
    return cast(Wish | None, session.scalar(ours.execution_options(populate_existing=True)))


def judge_stranger(session: Session, object_id: str, reference: str, facts: Facts) -> Verdict:
    """Tell what to do with an object that no checkout has proven to be ours."""
    if not reference:
        return Verdict.IGNORED
    behind = sessions_of(session, {reference})
    for checkout in facts.checkouts:
        if checkout.id in behind:
            bought = object_id in {checkout.subscription_id, checkout.payment_intent_id}
            return Verdict.PENDING if bought else Verdict.IGNORED
    return Verdict.AWAITED


def is_known(session: Session, reference: str) -> bool:
    """Whether a reference is one of ours."""
    return any(session.scalar(select(wish.id).filter_by(reference=reference)) for wish in WISHES.values())


def sessions_behind(session: Session, facts: Facts) -> list[str]:
    """List the checkouts that must be looked at, too, before these facts can be recorded."""
    known = _known(session, facts)
    strangers = {one.reference for one in facts.subscriptions if one.id not in known}
    strangers |= {one.reference for one in facts.payments if one.id not in known}
    return sorted(sessions_of(session, strangers - {""}) - {one.id for one in facts.checkouts})


def sessions_of(session: Session, references: set[str]) -> set[str]:
    """Return the checkouts that were opened for these references of ours."""
    found: set[str] = set()
    for wish in WISHES.values() if references else ():
        opened = wish.reference.in_(references) & wish.stripe_session_id.is_not(None)
        found |= set(session.scalars(select(wish.stripe_session_id).where(opened)))
    return found


def _known(session: Session, facts: Facts) -> set[str]:
    subscriptions = session.scalars(_KNOWN_SUBSCRIPTIONS, {"subscriptions": [one.id for one in facts.subscriptions]})
    payments = session.scalars(_KNOWN_PAYMENTS, {"payment_intents": [one.id for one in facts.payments]})
    return {known for known in (*subscriptions, *payments) if known is not None}
