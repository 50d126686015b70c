"""Whoever did not mean to give every month: her gift becomes a single one, and a second payment comes back."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from membership.money import Money
from membership.payments import service as payments
from membership.payments.fulfilment.bookings import book_as_gift
from membership.payments.fulfilment.posting import MOST_REPEATED
from membership.payments.models import Payment
from membership.payments.service import RefundPlan
from membership.subscriptions import service as subscriptions
from membership.subscriptions.errors import NotOnce
from membership.subscriptions.models import Invoice, LetterLink, StopReason
from membership.subscriptions.service.stops import LETTER
from membership.tiers.models import Tier

# So long after the second payment a mistake can still be noticed.
PATIENCE = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Single:
    """What a gift is as a single one: the payments that stay, with what was chosen more meanwhile, and what goes back.

    `again` is the payment for the second period, if there was one; nothing of it is left if it went back already.
    """

    tier: Tier
    first: list[Payment]
    kept: Money
    again: Payment | None
    returned: Money | None


@dataclass(frozen=True, slots=True)
class OnceMore:
    """What making a gift a single one takes, as plain values."""

    patron_id: int
    stripe_subscription_id: str
    refund: RefundPlan | None


def look_at_single(session: Session, link: LetterLink, now: datetime) -> Single:
    """Return what stays and what goes back; raises NotOnce when it is too late, or nothing would stay."""
    paid = _payments(session, link)
    first_ends_at = min((_invoice(one).period_ends_at for one in paid), default=now)
    first = [one for one in paid if _invoice(one).period_starts_at < first_ends_at]
    again = [one for one in paid if one not in first]
    if not first or len(again) > MOST_REPEATED or paid[-1].paid_at < now - PATIENCE:
        raise NotOnce
    kept, left = _left(session, first), _left(session, again) if again else None
    if not kept.minor:
        raise NotOnce
    returned = left if left is not None and left.minor else None
    return Single(_invoice(first[-1]).asked.tier, first, kept, next(iter(again), None), returned)


def _left(session: Session, paid: list[Payment]) -> Money:
    left = [payments.left_of(session, one) for one in paid]
    return Money(sum(one.minor for one in left), left[0].currency)


def undo_repetition(session: Session, link: LetterLink, now: datetime) -> OnceMore:
    """Write down that nothing repeats and that a second payment goes back; raises NotOnce."""
    single, subscription = look_at_single(session, link, now), link.subscription
    link.used_at = link.used_at or now
    subscriptions.note_stop(session, subscription.stripe_subscription_id, LETTER, StopReason.ONCE)
    for payment in single.first:
        book_as_gift(session, payment, now)
    told = {"tier": single.tier.name, "amount": subscriptions.amount(single.kept)}
    if single.returned is not None:
        told["returned"] = subscriptions.amount(single.returned)
    subscriptions.write(session, "made_once", subscription, about=str(subscription.id), **told)
    return OnceMore(subscription.patron_id, subscription.stripe_subscription_id, _refund(session, single))


def _refund(session: Session, single: Single) -> RefundPlan | None:
    if single.again is None or single.returned is None:
        return None
    number = single.again.receipt_number
    return payments.intend_refund(session, number, reason="did not mean to repeat", actor="the patron's letter")


def _invoice(payment: Payment) -> Invoice:
    assert payment.invoice is not None
    return payment.invoice


def _payments(session: Session, link: LetterLink) -> list[Payment]:
    paid = select(Payment).join(Invoice, Invoice.id == Payment.invoice_id)
    paid = paid.where(Invoice.subscription_id == link.subscription_id, Payment.returned_at.is_(None))
    return list(session.scalars(paid.order_by(Payment.paid_at, Payment.id)))
