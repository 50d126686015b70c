"""What is ours: proven by the checkout that we opened, or by the id of something proven before; never by metadata."""

from collections.abc import Container, Sequence
from typing import cast

from sqlalchemy import CompoundSelect, bindparam, or_, select, union
from sqlalchemy.orm import Session

from membership.donations.models import Donation
from membership.gateway.values import CheckoutSnapshot, PaymentSnapshot, SubscriptionSnapshot
from membership.patrons.models import Patron
from membership.patrons.service import owners_of
from membership.payments.fulfilment.facts import Facts
from membership.payments.fulfilment.verdicts import Verdict
from membership.payments.models import Payment
from membership.subscriptions.models import Subscription, SubscriptionIntent

Wish = SubscriptionIntent | Donation
# Built once: each event asks these.
_SOLD = Payment.stripe_payment_intent_id.in_(bindparam("payment_intents", expanding=True))
_OPENED_AS = Donation.stripe_session_id.in_(bindparam("sessions", expanding=True))
_ASKED_AS = Donation.reference.in_(bindparam("references", expanding=True))
_WISHED = select(Donation.id).where(_OPENED_AS | _ASKED_AS)
_GIVEN = select(Donation.id).where(Donation.id.in_(select(Payment.donation_id).where(_SOLD)))
_LOCK_WISHED = _WISHED.order_by(Donation.id).with_for_update()
_LOCK_GIVEN = _GIVEN.order_by(Donation.id).with_for_update()
KNOWN_SUBSCRIPTIONS = select(Subscription.stripe_subscription_id).where(
    Subscription.stripe_subscription_id.in_(bindparam("subscriptions", expanding=True))
)
# A union and no alternative: PostgreSQL would look at every patron.
_CONCERNED: CompoundSelect[int] = union(
    owners_of(bindparam("customers", expanding=True)),
    select(Subscription.patron_id).where(
        Subscription.stripe_subscription_id.in_(bindparam("subscriptions", expanding=True))
    ),
    select(Payment.patron_id).where(_SOLD),
    # A gift may give its patron time.
    select(Donation.patron_id).where(_OPENED_AS),
    select(Donation.patron_id).where(_ASKED_AS),
    select(Donation.patron_id).where(
        Donation.stripe_payment_intent_id.in_(bindparam("payment_intents", expanding=True))
    ),
)
_LOCK_PATRONS = select(Patron.id).where(Patron.id.in_(_CONCERNED)).order_by(Patron.id).with_for_update()
_KNOWN_PAYMENTS = select(Payment.stripe_payment_intent_id).where(_SOLD)
WISHES: dict[str, type[SubscriptionIntent] | type[Donation]] = {"subscription": SubscriptionIntent, "payment": Donation}


def lock(session: Session, facts: Facts) -> None:
    """Let nobody else record about the same patrons and gifts until the transaction ends.

    Always in the same order, which docs/decisions/0060-events-together.md tells.
    """
    sold = sorted(facts.payment_intent_ids())
    about = {
        "subscriptions": [one.id for one in facts.subscriptions],
        "payment_intents": sold,
        "customers": _customers(facts),
        "sessions": [one.id for one in facts.checkouts],
        "references": [one.reference for one in facts.checkouts],
    }
    session.execute(_LOCK_PATRONS, about)
    if facts.checkouts:
        session.execute(_LOCK_WISHED, about)
    if sold:
        session.execute(_LOCK_GIVEN, about)


def _customers(facts: Facts) -> list[str]:
    told: tuple[CheckoutSnapshot | PaymentSnapshot | SubscriptionSnapshot, ...] = (
        *facts.checkouts,
        *facts.payments,
        *facts.subscriptions,
    )
    return sorted({one.customer_id for one in told if one.customer_id is not None})


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
    behind = sessions_of(session, {reference}).values()
    for checkout in facts.checkouts:
        if checkout.id in behind:
            bought = object_id in {checkout.subscription_id, checkout.payment_intent_id}
            return Verdict.PENDING if bought else Verdict.IGNORED
    return Verdict.AWAITED


def is_known(session: Session, reference: str) -> bool:
    """Whether a reference is one of ours."""
    return any(session.scalar(select(wish.id).filter_by(reference=reference)) for wish in WISHES.values())


def sessions_behind(session: Session, news: Sequence[Facts]) -> list[list[str]]:
    """List for each of these facts the checkouts that must be looked at, too, before they can be recorded."""
    known = _known(session, Facts().joined(*news))
    strangers = [_strangers(facts, known) for facts in news]
    opened = sessions_of(session, set().union(*strangers))
    return [
        sorted({opened[one] for one in references if one in opened} - {one.id for one in facts.checkouts})
        for facts, references in zip(news, strangers, strict=True)
    ]


def _strangers(facts: Facts, known: Container[str]) -> set[str]:
    told: tuple[SubscriptionSnapshot | PaymentSnapshot, ...] = (*facts.subscriptions, *facts.payments)
    return {one.reference for one in told if one.id not in known} - {""}


def sessions_of(session: Session, references: set[str]) -> dict[str, str]:
    """Return the checkouts that were opened for these references of ours."""
    found: dict[str, str] = {}
    for wish in WISHES.values() if references else ():
        opened = select(wish.reference, wish.stripe_session_id).where(wish.reference.in_(references))
        found |= {one: opened_as for one, opened_as in session.execute(opened) if opened_as is not None}
    return found


def _known(session: Session, facts: Facts) -> set[str]:
    subscriptions = session.scalars(KNOWN_SUBSCRIPTIONS, {"subscriptions": [one.id for one in facts.subscriptions]})
    payments = session.scalars(_KNOWN_PAYMENTS, {"payment_intents": [one.id for one in facts.payments]})
    return {known for known in (*subscriptions, *payments) if known is not None}
