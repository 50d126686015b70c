"""What happened with a patron, the latest first: never that she voted; that a letter went, never what it said."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from membership.access.models import Comp
from membership.access.service import list_bans_of
from membership.groups.models import Group, Seat
from membership.mail.models import Letter
from membership.patrons.models import Patron
from membership.payments.models import Payment, Refund
from membership.payments.service import list_payments_of
from membership.subscriptions.models import Invoice, Subscription
from membership.subscriptions.service import list_subscriptions_of
from membership.tiers.models import Tier

MOST_LETTERS = 100
TELL_WHO_VOTED = ("vote_receipt", "vote_withdrawn", "round_reminder", "round_result")


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened; `kind` chooses the sentence, `about` fills it."""

    at: datetime
    kind: str
    about: Mapping[str, Any]


def tell_timeline(session: Session, patron: Patron) -> list[Happening]:
    """Tell what happened with a patron, the latest first."""
    told = [
        Happening(patron.created_at, "joined", {}),
        *_subscriptions(session, patron.id),
        *_failures(session, patron.id),
        *_payments(session, patron.id),
        *_refunds(session, patron.id),
        *_comps(session, patron.id),
        *_seats(session, patron.id),
        *_bans(session, patron.id),
        *_letters(session, patron.email),
    ]
    return sorted(told, key=lambda happening: happening.at, reverse=True)


def _subscriptions(session: Session, patron_id: int) -> Iterator[Happening]:
    for subscription in list_subscriptions_of(session, patron_id):
        about = {"tier": subscription.price.tier.name, "price": subscription.price}
        yield Happening(subscription.started_at, "subscribed", about)
        if subscription.ended_at is not None:
            yield Happening(subscription.ended_at, "ended", about)


def _failures(session: Session, patron_id: int) -> Iterator[Happening]:
    failed = select(Invoice).join(Subscription, Subscription.id == Invoice.subscription_id)
    late = failed.where(Subscription.patron_id == patron_id, Invoice.first_failed_at.is_not(None))
    for invoice in session.scalars(late).unique():
        yield Happening(invoice.first_failed_at or invoice.created_at, "late", {"tier": invoice.asked.tier.name})


def _payments(session: Session, patron_id: int) -> Iterator[Happening]:
    for payment in list_payments_of(session, patron_id):
        about = {"amount": payment.gross, "receipt_number": payment.receipt_number}
        yield Happening(payment.paid_at, "paid", about)
        if payment.returned_at is not None:
            yield Happening(payment.returned_at, "sent_back", about)


def _refunds(session: Session, patron_id: int) -> Iterator[Happening]:
    mine = select(Refund).join(Payment, Payment.id == Refund.payment_id).where(Payment.patron_id == patron_id)
    for refund in session.scalars(mine).unique():
        about = {"amount": refund.amount, "status": refund.status, "receipt_number": refund.payment.receipt_number}
        yield Happening(refund.created_at, "refunded", about)


def _comps(session: Session, patron_id: int) -> Iterator[Happening]:
    granted = select(Comp, Tier).join(Tier, Tier.id == Comp.tier_id).where(Comp.patron_id == patron_id)
    for comp, tier in session.execute(granted):
        yield Happening(comp.starts_at, "comp", {"tier": tier.name, "ends_at": comp.ends_at, "reason": comp.reason})
        if comp.revoked_at is not None:
            yield Happening(comp.revoked_at, "comp_revoked", {"tier": tier.name})


def _seats(session: Session, patron_id: int) -> Iterator[Happening]:
    held = select(Seat, Group).join(Group, Group.id == Seat.group_id).where(Seat.patron_id == patron_id)
    for seat, group in session.execute(held):
        about = {"group": group.name}
        yield Happening(seat.taken_at or seat.sent_at, "seat", about)
        if seat.ended_at is not None:
            yield Happening(seat.ended_at, "seat_ended", about)


def _bans(session: Session, patron_id: int) -> Iterator[Happening]:
    for ban in list_bans_of(session, patron_id):
        yield Happening(ban.banned_at, "banned", {"reason": ban.reason})
        if ban.lifted_at is not None:
            yield Happening(ban.lifted_at, "unbanned", {})


def _letters(session: Session, email: str | None) -> Iterator[Happening]:
    columns = (Letter.created_at, Letter.kind, Letter.sent_at, Letter.refused_at)
    sent = select(*columns).where(Letter.recipient == email, Letter.kind.not_in(TELL_WHO_VOTED))
    latest = sent.order_by(Letter.id.desc()).limit(MOST_LETTERS)
    for created_at, kind, sent_at, refused_at in session.execute(latest):
        about = {"kind": kind, "is_sent": sent_at is not None, "is_refused": refused_at is not None}
        yield Happening(sent_at or created_at, "letter", about)
