"""Gifts to look at, and how each stands: paid, sent, redeemed, returned."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from membership.donations.models import DonationStatus
from membership.gifts.errors import GiftNotPaid, GiftReturned, GiftUsed, UnknownGift
from membership.gifts.models import Gift
from membership.gifts.rules import GiftState
from membership.payments.fulfilment.consequences import is_taken_back
from membership.payments.models import Dispute, DisputeStatus, Payment, Refund, RefundStatus

_TAKEN = (DisputeStatus.OPEN, DisputeStatus.LOST)


def get_gift(session: Session, public_id: str) -> Gift:
    """Return a gift by what its giver knows it by, or raise UnknownGift."""
    return known(session.scalar(select(Gift).filter_by(public_id=public_id)))


def find_gift_of(session: Session, donation_id: int) -> Gift | None:
    """Return the membership that a donation pays for, if it is one."""
    return session.scalar(select(Gift).filter_by(donation_id=donation_id))


def list_gifts_by(session: Session, patron_id: int) -> Sequence[Gift]:
    """List what a patron has given, the latest first."""
    paid = select(Gift).where(Gift.donation.has(patron_id=patron_id, status=DonationStatus.PAID))
    return session.scalars(paid.order_by(Gift.id.desc())).all()


def list_gifts(session: Session) -> Sequence[Gift]:
    """List every gift that was paid for, the latest first."""
    return session.scalars(
        select(Gift).where(Gift.donation.has(status=DonationStatus.PAID)).order_by(Gift.id.desc())
    ).all()


def known(gift: Gift | None) -> Gift:
    if gift is None:
        raise UnknownGift
    return gift


def lock(session: Session, gift_id: int) -> Gift:
    """Let nobody else redeem this gift, nor pay its money back, until the transaction ends."""
    gift = known(session.get(Gift, gift_id, with_for_update={"of": Gift}, populate_existing=True))
    session.execute(select(Payment.id).filter_by(donation_id=gift.donation_id).with_for_update())
    return gift


def state_of(session: Session, gift: Gift) -> GiftState:
    """Tell how a gift stands."""
    if gift.redeemed_at is not None:
        return GiftState.REDEEMED
    if gift.donation.status is not DonationStatus.PAID:
        return GiftState.UNPAID
    if gift.voided_at is not None or _is_returned(session, gift):
        return GiftState.RETURNED
    return GiftState.SENT if gift.sent_at else GiftState.WAITING


def _is_returned(session: Session, gift: Gift) -> bool:
    """Whether all that was paid went back or is on its way, the bank took it or may, or it gives nothing by policy."""
    payment = session.scalars(select(Payment).filter_by(donation_id=gift.donation_id)).one()
    if is_taken_back(session, payment):
        return True
    taken = select(Dispute.id).filter_by(payment_id=payment.id).where(Dispute.status.in_(_TAKEN))
    if session.scalar(taken.limit(1)) is not None:
        return True
    return is_sent_back(session, gift)


def is_sent_back(session: Session, gift: Gift) -> bool:
    """Whether all that was paid for a gift goes back to its giver."""
    back = select(func.coalesce(func.sum(Refund.amount_minor), 0)).where(
        Refund.payment_id == Payment.id, Refund.status != RefundStatus.FAILED
    )
    all_of_it = select(Payment.id).filter_by(donation_id=gift.donation_id)
    return session.scalar(all_of_it.where(back.scalar_subquery() >= Payment.gross_minor)) is not None


def lock_unused(session: Session, public_id: str) -> Gift:
    """Lock a gift that can still be redeemed; raises GiftUsed, GiftReturned or GiftNotPaid."""
    gift = lock(session, get_gift(session, public_id).id)
    refusals = {
        GiftState.UNPAID: GiftNotPaid,
        GiftState.REDEEMED: GiftUsed,
        GiftState.RETURNED: GiftReturned,
    }
    if refusal := refusals.get(state_of(session, gift)):
        raise refusal
    return gift
