"""A code is redeemed once, or its gift goes back to its giver, never both."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from membership.gifts import rules
from membership.gifts.errors import GiftCodeUnknown, GiftReturned, GiftUsed
from membership.gifts.models import Gift
from membership.gifts.rules import GiftState
from membership.gifts.service.standing import get_gift, lock, lock_unused, state_of
from membership.mail import service as mail
from membership.patrons.models import Patron
from membership.patrons.rules import hash_of
from membership.payments.models import Payment
from membership.payments.service import RefundPlan, intend_refund
from membership.subscriptions.models import SubscriptionStatus
from membership.subscriptions.service import live_subscription
from membership.terms import service as terms
from membership.terms.models import Term, TermSource
from membership.terms.rules import begins
from membership.terms.service import TermDraft

_PAYING = (SubscriptionStatus.ACTIVE, SubscriptionStatus.TRIALING)


def plan_return(session: Session, public_id: str, *, actor: str, reason: str) -> RefundPlan:
    """Write down that an unused gift goes back to its giver; its code is dead from now on.

    Raises GiftUsed, GiftReturned or GiftNotPaid.
    """
    gift = lock_unused(session, public_id)
    payment = session.scalars(select(Payment).filter_by(donation_id=gift.donation_id)).one()
    return intend_refund(session, payment.receipt_number, reason=reason, actor=actor)


def void(session: Session, public_id: str, now: datetime) -> Gift:
    """Let a code, or the time that it gave, count no more; the money stays where it is."""
    gift = lock(session, get_gift(session, public_id).id)
    gift.voided_at = gift.voided_at or now
    terms.revoke(session, gift.cause, now)
    return gift


def redeem(session: Session, code: str, patron: Patron, now: datetime) -> Term:
    """Give a patron the time of a code, once; the same patron may press twice.

    It begins after all that she has paid for or was given. Raises GiftCodeUnknown, GiftUsed or GiftReturned.
    """
    gift = _lock_by_code(session, code)
    state = state_of(session, gift)
    if state is GiftState.REDEEMED and gift.patron_id == patron.id:
        return terms.get_term(session, gift.cause)
    if state is not GiftState.SENT:
        raise GiftUsed if state is GiftState.REDEEMED else GiftReturned
    gift.redeemed_at, gift.patron_id = now, patron.id
    terms.lock_patron(session, patron.id)
    term = terms.give(session, _draft(session, gift, patron, now))
    _welcome(session, gift, patron, term)
    return term


def _lock_by_code(session: Session, code: str) -> Gift:
    gift_id = session.scalar(select(Gift.id).filter_by(code_hash=hash_of(rules.typed_code(code))))
    gift = lock(session, gift_id) if gift_id is not None else None
    # A newer code may have been sent while the lock was waited for.
    if gift is None or gift.code_hash != hash_of(rules.typed_code(code)):
        raise GiftCodeUnknown
    return gift


def _draft(session: Session, gift: Gift, patron: Patron, now: datetime) -> TermDraft:
    own = live_subscription(session, patron.id)
    paid_until = own.period_ends_at if own is not None and own.status in _PAYING else None
    starts_at = begins(now, paid_until=paid_until, given_until=terms.given_until(session, patron.id))
    return TermDraft(
        patron_id=patron.id,
        tier_id=gift.tier_id,
        source=TermSource.GIFT,
        cause=gift.cause,
        starts_at=starts_at,
        months=gift.months,
    )


def _welcome(session: Session, gift: Gift, patron: Patron, term: Term) -> None:
    if patron.email is not None:
        mail.write(
            session,
            "gift_begun",
            to=patron.email,
            locale=patron.locale,
            about=str(gift.id),
            tier=gift.tier.name,
            starts_at=term.starts_at.isoformat(),
            ends_at=term.ends_at.isoformat(),
        )
