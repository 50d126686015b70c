"""What must always be true of memberships for somebody else."""

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import String, cast, literal, select
from sqlalchemy.orm import Session

from membership.clock import utc_now
from membership.donations.models import Donation, DonationStatus
from membership.gifts.models import Gift, GiftPause, PauseStatus
from membership.terms.models import Term

UNANSWERED = timedelta(hours=1)


def redeemed_without_time(session: Session) -> list[str]:
    """List the gifts that were redeemed and gave nothing, and the other way round."""
    cause = literal("gift:").concat(cast(Gift.id, String))
    gave = select(Term.id).where(Term.cause == cause).exists()
    wrong = select(Gift.id).where(Gift.redeemed_at.is_not(None) != gave)
    return [f"gift {found}" for found in session.scalars(wrong.order_by(Gift.id))]


def unpaid_codes(session: Session) -> list[str]:
    """List the gifts whose code was sent although nothing was paid."""
    paid = select(Donation.id).filter_by(status=DonationStatus.PAID)
    wrong = select(Gift.id).where(Gift.code_hash.is_not(None), Gift.donation_id.not_in(paid))
    return [f"gift {found}" for found in session.scalars(wrong.order_by(Gift.id))]


def unanswered_pauses(session: Session) -> list[str]:
    """List the pauses beside a gift that the sweeper should have asked for long ago."""
    stuck = select(GiftPause.id).filter_by(status=PauseStatus.WANTED)
    stuck = stuck.where(GiftPause.changed_at < utc_now() - UNANSWERED)
    return [f"gift pause {found}" for found in session.scalars(stuck.order_by(GiftPause.id))]


INVARIANTS: dict[str, Callable[[Session], list[str]]] = {
    "I18 no stuck gift pause": unanswered_pauses,
    "G2 a redeemed gift gave its time once": redeemed_without_time,
    "G3 codes are sent for paid gifts only": unpaid_codes,
}
