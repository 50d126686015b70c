"""What is ours: proven by the checkout that we opened, or by the id of something proven before; never by metadata."""

from enum import StrEnum
from typing import cast

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from membership.donations.models import Donation
from membership.gateway.values import CheckoutSnapshot
from membership.patrons.models import Patron
from membership.patrons.service import owners_of
from membership.payments.fulfilment.facts import Facts
from membership.payments.models import Payment
from membership.subscriptions.models import Subscription, SubscriptionIntent

Wish = SubscriptionIntent | Donation
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
    sold = Payment.stripe_payment_intent_id.in_(facts.payment_intent_ids())
    customers = _customers(facts)
    sessions, references = {one.id for one in facts.checkouts}, {one.reference for one in facts.checkouts}
    for row, ours in (
        (Patron, Patron.id.in_(owners_of(customers)) | Patron.id.in_(select(Payment.patron_id).where(sold))),
        (Donation, Donation.stripe_session_id.in_(sessions) | Donation.reference.in_(references)),
        (Donation, Donation.id.in_(select(Payment.donation_id).where(sold))),
    ):
        session.execute(select(row.id).where(ours).order_by(row.id).with_for_update())


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
    subscriptions = select(Subscription.stripe_subscription_id).where(
        Subscription.stripe_subscription_id.in_([one.id for one in facts.subscriptions])
    )
    payments = select(Payment.stripe_payment_intent_id).where(
        Payment.stripe_payment_intent_id.in_([one.id for one in facts.payments])
    )
    return {*session.scalars(subscriptions), *session.scalars(payments)}
