"""Letters about gifts: to the giver when it is paid, with the code on its day."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from membership.donations.models import DonationStatus
from membership.gifts import rules
from membership.gifts.models import Gift
from membership.gifts.rules import GiftState
from membership.gifts.service.standing import lock, lock_unused, state_of
from membership.mail import service as mail
from membership.patrons.rules import hash_of


def list_due(session: Session, now: datetime) -> list[int]:
    """List the gifts that were paid for and whose giver or recipient is to be written to."""
    unused = (Gift.redeemed_at.is_(None), Gift.voided_at.is_(None), Gift.donation.has(status=DonationStatus.PAID))
    due = Gift.announced_at.is_(None) | (Gift.sent_at.is_(None) & (Gift.send_at <= now))
    return list(session.scalars(select(Gift.id).where(*unused, due).order_by(Gift.id)))


def write_letters(session: Session, gift_id: int, now: datetime) -> None:
    """Tell the giver what will happen, once, and send the code when its day has come, once."""
    gift = lock(session, gift_id)
    if state_of(session, gift) is not GiftState.WAITING:
        gift.announced_at = gift.announced_at or now
        return
    if gift.announced_at is None:
        gift.announced_at = now
        _announce(session, gift)
    if gift.send_at <= now:
        _send_code(session, gift, now)


def _announce(session: Session, gift: Gift) -> None:
    if gift.donation.email is not None:
        mail.write(
            session,
            "gift_bought",
            to=gift.donation.email,
            locale=gift.donation.locale,
            about=str(gift.id),
            tier=gift.tier.name,
            months=gift.months,
            recipient=gift.recipient_name,
            send_at=gift.send_at.isoformat(),
            is_for_print=gift.recipient_email is None,
            gift_url=f"/gifts/{gift.public_id}",
        )


def _send_code(session: Session, gift: Gift, now: datetime) -> None:
    code = rules.new_code()
    gift.code_hash, gift.sent_at = hash_of(code), now
    by_mail = gift.recipient_email is not None
    mail.write(
        session,
        "gift_code",
        to=gift.recipient_email or gift.donation.email or "",
        locale=gift.recipient_locale if by_mail else gift.donation.locale,
        about=f"{gift.id}:{gift.code_hash[:16]}",
        tier=gift.tier.name,
        months=gift.months,
        giver=gift.giver_name,
        recipient=gift.recipient_name,
        words=gift.words,
        is_for_print=not by_mail,
        code=rules.spaced(code),
        redeem_url=f"/redeem?code={code}",
    )


def send_again(session: Session, public_id: str, email: str | None, now: datetime) -> Gift:
    """Send a new code, to another address if need be; the one that was sent works no more.

    Raises GiftUsed, GiftReturned or GiftNotPaid.
    """
    gift = lock_unused(session, public_id)
    gift.recipient_email = email
    _send_code(session, gift, now)
    return gift
