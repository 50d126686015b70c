"""A code is redeemed once, or its gift goes back to its giver, never both."""

from datetime import datetime
from typing import Any

from sqlalchemy import String, cast, literal, select
from sqlalchemy.orm import Session

from membership.gifts import rules
from membership.gifts.errors import GiftCodeUnknown, GiftReturned, GiftUsed
from membership.gifts.models import Gift, GiftPause
from membership.gifts.rules import GiftState
from membership.gifts.service import pausing
from membership.gifts.service.standing import get_gift, lock, lock_unused, state_of
from membership.mail import service as mail
from membership.patrons.models import Patron
from membership.patrons.rules import hash_of
from membership.patrons.service import hold
from membership.payments.fulfilment.consequences import is_taken_back
from membership.payments.models import Dispute, FraudWarning, Payment
from membership.payments.service import RefundPlan, intend_refund
from membership.subscriptions.models import Subscription
from membership.subscriptions.service import amount_of
from membership.terms import service as terms
from membership.terms.models import Term, TermSource
from membership.terms.rules import begins
from membership.terms.service import TermDraft


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
    _take_back(session, gift, now)
    return gift


def take_returned_back(session: Session, gift_id: int, now: datetime) -> None:
    """Take the time of a gift back that was returned after it was accepted, and let what its owner pays go on."""
    _take_back(session, lock(session, gift_id), now)


def _take_back(session: Session, gift: Gift, now: datetime) -> None:
    terms.revoke(session, gift.cause, now)
    if gift.patron_id is not None:
        terms.lock_patron(session, gift.patron_id)
        moved = _move_up(session, gift.patron_id, now)
        until = terms.given_until(session, gift.patron_id)
        for one in (gift, *moved):
            pausing.shorten(session, one.id, until, now)


def _move_up(session: Session, patron_id: int, now: datetime) -> list[Gift]:
    """Let the gifts that wait begin where the time before them ends now, and tell her; return those that moved."""
    gifts = {gift.cause: gift for gift in session.scalars(select(Gift).filter_by(patron_id=patron_id))}
    until = pausing.paid_until(session, patron_id)
    moved = []
    for term in sorted(terms.list_terms_of(session, patron_id), key=lambda one: one.starts_at):
        if term.revoked_at is not None:
            continue
        starts_at = begins(now, paid_until=until, given_until=None)
        gift = gifts.get(term.cause)
        if gift is not None and now < term.starts_at and starts_at < term.starts_at:
            terms.begin_earlier(term, starts_at, gift.months)
            pausing.fit(session, term)
            moved.append(gift)
            _tell_moved(session, gift, term)
        until = max(until or now, term.ends_at)
    return moved


def _tell_moved(session: Session, gift: Gift, term: Term) -> None:
    patron = session.get_one(Patron, term.patron_id)
    pause = session.scalar(select(GiftPause).filter_by(gift_id=gift.id))
    _welcome(session, gift, patron, term, pause, about=f"{gift.id}:{term.starts_at:%Y-%m-%d}")


def list_returned(session: Session, now: datetime) -> list[int]:
    """List the gifts that give time although all that was paid for them went back, or a bank took it, by policy."""
    cause = literal("gift:").concat(cast(Gift.id, String))
    gives = select(Term.id).where(Term.cause == cause, Term.revoked_at.is_(None), Term.ends_at > now).exists()
    suspects = select(Gift.id, Payment).join(Payment, Payment.donation_id == Gift.donation_id).where(gives)
    went_back = Payment.refunded_minor > 0
    is_disputed = select(Dispute.id).where(Dispute.payment_id == Payment.id).exists()
    is_warned = select(FraudWarning.id).where(FraudWarning.payment_id == Payment.id).exists()
    came_back = Payment.returned_at.is_not(None)
    found = session.execute(suspects.where(went_back | came_back | is_disputed | is_warned).order_by(Gift.id))
    return [gift_id for gift_id, payment in found if is_taken_back(session, payment)]


def redeem(session: Session, code: str, patron: Patron, now: datetime) -> int:
    """Give a patron the time of a code, once; return the number of the gift. The same patron may press twice.

    It begins after all that she has paid for or was given, and what she pays herself rests until it is over.
    Raises GiftCodeUnknown, GiftUsed, GiftReturned or ErasureUnderWay.
    """
    gift = _lock_by_code(session, code)
    patron = hold(session, patron.id)
    if _has_used(session, gift, patron.id):
        return gift.id
    terms.lock_patron(session, patron.id)
    gift.redeemed_at, gift.patron_id = now, patron.id
    term = terms.give(session, _draft(session, gift, patron, now))
    pause = pausing.let_rest(session, gift.id, term, now)
    _welcome(session, gift, patron, term, pause, about=str(gift.id))
    return gift.id


def check_code(session: Session, code: str, patron_id: int) -> None:
    """Raise what redeem raises of a code if this patron cannot use it; nothing is used."""
    _has_used(session, _lock_by_code(session, code), patron_id)


def _has_used(session: Session, gift: Gift, patron_id: int) -> bool:
    state = state_of(session, gift)
    if state is GiftState.REDEEMED and gift.patron_id == patron_id:
        return True
    if state is not GiftState.SENT:
        raise GiftUsed if state is GiftState.REDEEMED else GiftReturned
    return False


def _lock_by_code(session: Session, code: str) -> Gift:
    gift_id = session.scalar(select(Gift.id).filter_by(code_hash=hash_of(rules.typed_code(code))))
    gift = lock(session, gift_id) if gift_id is not None else None
    # A newer code may have been sent while the lock was waited for.
    if gift is None or gift.code_hash != hash_of(rules.typed_code(code)):
        raise GiftCodeUnknown
    return gift


def _draft(session: Session, gift: Gift, patron: Patron, now: datetime) -> TermDraft:
    paid_until = pausing.paid_until(session, patron.id)
    starts_at = begins(now, paid_until=paid_until, given_until=terms.given_until(session, patron.id))
    return TermDraft(
        patron_id=patron.id,
        tier_id=gift.tier_id,
        source=TermSource.GIFT,
        cause=gift.cause,
        starts_at=starts_at,
        months=gift.months,
    )


def _welcome(session: Session, gift: Gift, patron: Patron, term: Term, pause: GiftPause | None, *, about: str) -> None:
    own = pause.subscription if pause else None
    if patron.email is not None:
        mail.write(
            session,
            "gift_begun",
            to=patron.email,
            locale=patron.locale,
            about=about,
            tier=gift.tier.name,
            starts_at=term.starts_at.isoformat(),
            ends_at=term.ends_at.isoformat(),
            rests=own.price.tier.name if own else "",
            **(_resting(session, own) if own else {}),
        )


def _resting(session: Session, own: Subscription) -> dict[str, Any]:
    """Tell what becomes of a recipient's own support: until when it is paid, and which planned price is dropped."""
    told: dict[str, Any] = amount_of(own.price)
    if (paid_until := pausing.paid_until(session, own.patron_id)) is not None:
        told["paid_until"] = paid_until.isoformat()
    if own.next_price is not None:
        told |= {f"dropped_{name}": value for name, value in amount_of(own.next_price).items()}
    return told
