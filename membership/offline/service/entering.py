"""A gift that came past Stripe: a donation, a payment with its receipt, a movement in the journal, and its time."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from membership.clock import utc_now
from membership.donations.models import Donation, DonationStatus, Method
from membership.donations.service import new_reference
from membership.money import Money
from membership.offline.errors import NotYetReceived, OfflineGiftUnreadable
from membership.patrons.service import register
from membership.payments.fulfilment import take_offline
from membership.payments.models import Payment


@dataclass(frozen=True, slots=True, kw_only=True)
class OfflineDraft:
    """What came, how and when; without an `email` it is nobody's. `fee` is what it cost to receive."""

    amount: Money
    method: Method
    received_at: datetime
    email: str | None = None
    name: str = ""
    locale: str = "en"
    fee: Money | None = None
    honouree: str = ""
    message: str = ""
    is_anonymous: bool = False


def enter(session: Session, draft: OfflineDraft) -> Payment:
    """Record a gift that came past Stripe, with a receipt for its giver. Raises OfflineGiftUnreadable, NotYetReceived.

    Once for each call: what must not be entered twice is kept from it by whoever calls.
    """
    fee = draft.fee or Money(0, draft.amount.currency)
    if draft.method is Method.STRIPE or not 0 <= fee.minor < draft.amount.minor:
        raise OfflineGiftUnreadable(field="amount")
    if draft.received_at > utc_now():
        raise NotYetReceived
    patron = register(session, draft.email, locale=draft.locale, name=draft.name) if draft.email else None
    donation = Donation(
        reference=new_reference(),
        email=patron.email if patron else None,
        patron_id=patron.id if patron else None,
        amount=draft.amount,
        status=DonationStatus.PAID,
        method=draft.method,
        honouree=draft.honouree,
        message=draft.message,
        is_anonymous=draft.is_anonymous,
        locale=patron.locale if patron else draft.locale,
        created_at=utc_now(),
        expires_at=draft.received_at,
        paid_at=draft.received_at,
    )
    session.add(donation)
    session.flush()
    return take_offline(session, donation, fee)
