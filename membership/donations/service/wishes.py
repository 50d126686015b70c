"""One-off gifts: the wish on its way to the provider, and what became of it."""

import secrets
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from membership.clock import utc_now
from membership.donations import rules
from membership.donations.errors import UnknownDonation
from membership.donations.models import Donation, DonationStatus, Purpose
from membership.gateway.values import CHECKOUT_LIFE, LAST_MOMENT_TO_ASK, CheckoutSnapshot
from membership.money import Money
from membership.patrons.service import hold

WAITING = (DonationStatus.STARTED, DonationStatus.OPEN)


@dataclass(frozen=True, slots=True, kw_only=True)
class DonationDraft:
    """A wish to give. `patron_id` is only ever that of a reader who has signed in; `cover_minor` comes on top."""

    amount: Money
    email: str | None
    patron_id: int | None
    source: str
    locale: str
    cover_minor: int = 0
    purpose: Purpose = Purpose.DONATION
    honouree: str = ""
    message: str = ""
    is_anonymous: bool = False

    @property
    def total(self) -> Money:
        return self.amount + Money(self.cover_minor, self.amount.currency)


def intend(session: Session, draft: DonationDraft) -> Donation:
    """Record the wish to give; the same wish that never got an answer is the same row, so that it is asked once.

    Raises DonationTooSmall, AmountNotChargeable, or ErasureUnderWay for an account that is being erased. What is given
    under its address without signing in is of no account (docs/decisions/0140-nobody-is-told-of-an-erasure.md).
    """
    rules.admit(draft.amount)
    draft = _as_of_now(session, draft)
    return _unanswered(session, draft) or _new(session, draft)


def _as_of_now(session: Session, draft: DonationDraft) -> DonationDraft:
    """Let the wish be the account's that the donor's went over into, if it did since she signed in."""
    if draft.patron_id is None:
        return draft
    kept = hold(session, draft.patron_id)
    return draft if kept.id == draft.patron_id else replace(draft, patron_id=kept.id, email=kept.email)


def _unanswered(session: Session, draft: DonationDraft) -> Donation | None:
    same = select(Donation).filter_by(status=DonationStatus.STARTED, **_kept(draft, "source", "locale"))
    in_time = Donation.expires_at > utc_now() + LAST_MOMENT_TO_ASK
    return session.scalar(same.where(in_time).order_by(Donation.id.desc()).limit(1))


def _kept(draft: DonationDraft, *left_out: str) -> dict[str, Any]:
    told = {name: value for name, value in asdict(draft).items() if name not in {"amount", *left_out}}
    return told | {"amount_minor": draft.total.minor, "amount_currency": draft.total.currency}


def _new(session: Session, draft: DonationDraft) -> Donation:
    now = utc_now()
    donation = Donation(
        **_kept(draft),
        reference=new_reference(),
        status=DonationStatus.STARTED,
        created_at=now,
        expires_at=now.replace(microsecond=0) + CHECKOUT_LIFE,
    )
    session.add(donation)
    session.flush()
    return donation


def new_reference() -> str:
    """Return a reference for a donation that nobody can guess."""
    return f"don_{secrets.token_hex(16)}"


def get_donation(session: Session, donation_id: int) -> Donation:
    """Return a donation, or raise UnknownDonation."""
    return _known(session.get(Donation, donation_id))


def find_donation_by_session(session: Session, session_id: str) -> Donation | None:
    """Return the donation whose checkout this is."""
    return session.scalar(select(Donation).filter_by(stripe_session_id=session_id))


def find_donation_by_reference(session: Session, reference: str) -> Donation | None:
    """Return the donation with this reference of ours."""
    return session.scalar(select(Donation).filter_by(reference=reference))


def _lock(session: Session, donation_id: int) -> Donation:
    return _known(session.get(Donation, donation_id, with_for_update=True, populate_existing=True))


def _known(donation: Donation | None) -> Donation:
    if donation is None:
        raise UnknownDonation
    return donation


def record_checkout(session: Session, donation_id: int, checkout: CheckoutSnapshot) -> Donation:
    """Keep the checkout that the provider opened."""
    donation = _lock(session, donation_id)
    donation.stripe_session_id, donation.checkout_url = checkout.id, checkout.url
    if donation.status is DonationStatus.STARTED:
        donation.status = DonationStatus.OPEN
    return donation


def expire_checkout(session: Session, session_id: str) -> None:
    """Mark that a checkout was closed unpaid at the provider."""
    donation = find_donation_by_session(session, session_id)
    record_expired(_lock(session, donation.id if donation else 0))


def fail_donation(session: Session, donation_id: int) -> None:
    """Mark that the provider refused to open a checkout, or that no money will come from it."""
    record_failed(_lock(session, donation_id))


def record_paid(donation: Donation, stripe_payment_intent_id: str, paid_at: datetime) -> None:
    """Mark a donation as paid; the first news of it stays."""
    if donation.status is not DonationStatus.PAID:
        donation.status, donation.paid_at = DonationStatus.PAID, paid_at
        donation.stripe_payment_intent_id = stripe_payment_intent_id


def record_expired(donation: Donation) -> None:
    """Mark that the checkout was closed unpaid; a paid donation stays paid."""
    if donation.status in WAITING:
        donation.status = DonationStatus.EXPIRED


def record_failed(donation: Donation) -> bool:
    """Mark that no money will come from this wish, and return whether that is new; a paid donation stays paid."""
    if donation.status not in WAITING:
        return False
    donation.status = DonationStatus.FAILED
    return True


def list_stuck_donations(session: Session, before: datetime) -> list[int]:
    """List the donations that began before a moment and never got an answer."""
    stuck = select(Donation.id).where(Donation.status == DonationStatus.STARTED, Donation.created_at < before)
    return list(session.scalars(stuck.order_by(Donation.id)))


def list_overdue_sessions(session: Session, now: datetime) -> list[str]:
    """List the checkouts that should be closed by now and that we last saw open."""
    overdue = select(Donation.stripe_session_id).where(
        Donation.status == DonationStatus.OPEN, Donation.expires_at < now
    )
    return [found for found in session.scalars(overdue.order_by(Donation.id)) if found is not None]
