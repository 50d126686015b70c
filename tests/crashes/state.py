"""What there is in the end at Stripe, in our rows and in the mail, in words that are the same for the same story."""

from collections import Counter
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import select

from membership.access.service import flags_of
from membership.clock import utc_now
from membership.db import session as reading
from membership.donations.models import Donation, DonationStatus
from membership.jobs.models import Job
from membership.ledger.models import JournalTransaction
from membership.ledger.service import balances
from membership.mail.models import Letter
from membership.patrons.models import Patron
from membership.payments.models import Payment, Refund
from membership.subscriptions.models import IntentStatus, Invoice, Subscription, SubscriptionIntent
from tests.crashes.acts import Desk

# A wish that was never paid may be there more often: who saw no answer presses again. It may not be waiting.
UNPAID = {IntentStatus.EXPIRED, IntentStatus.FAILED, DonationStatus.EXPIRED, DonationStatus.FAILED}


def state_of(desk: Desk, mail: Path) -> dict[str, Any]:
    """Return the state in the end."""
    with desk.app.app_context():
        return {"stripe": _stripe(desk), **_ours(desk.app), **_mail(mail)}


def _stripe(desk: Desk) -> dict[str, Any]:
    charges = desk.listed("charges")
    return {
        "charged": sorted((one["amount"], one["amount_refunded"]) for one in charges if one["paid"]),
        "refunds": sorted((one["amount"], one["status"]) for one in desk.listed("refunds")),
        "customers": len(desk.listed("customers")),
        "subscriptions": sorted((one["status"], bool(one["cancel_at"])) for one in desk.listed("subscriptions")),
        "paid checkouts": sum(one["status"] == "complete" for one in desk.listed("checkout/sessions")),
        "open checkouts": sum(one["status"] == "open" for one in desk.listed("checkout/sessions")),
    }


def _ours(app: Flask) -> dict[str, Any]:
    session = reading()
    patrons = session.scalars(select(Patron).order_by(Patron.email)).all()
    letters = session.scalars(select(Letter)).all()
    wishes = [*session.scalars(select(Donation.status)), *session.scalars(select(SubscriptionIntent.status))]
    journal = session.scalars(select(JournalTransaction)).all()
    return {
        "wishes": sorted(str(one) for one in wishes if one not in UNPAID),
        "payments": sorted(
            (one.gross.minor, one.fee_minor, one.refunded_minor) for one in session.scalars(select(Payment))
        ),
        "refunds": sorted((one.amount.minor, str(one.status)) for one in session.scalars(select(Refund))),
        "subscriptions": sorted(
            (str(one.status), one.is_surplus, bool(one.cancel_at)) for one in session.scalars(select(Subscription))
        ),
        "invoices": sorted((str(one.status), one.total_minor) for one in session.scalars(select(Invoice))),
        "journal": sorted(
            (str(one.kind), sorted((str(e.account), e.amount.minor) for e in one.entries)) for one in journal
        ),
        "balances": sorted((f"{account} {currency}", sum_) for (account, currency), sum_ in balances(session).items()),
        "access": [(one.email, sorted(flags_of(session, one.id, utc_now()))) for one in patrons],
        "letters": sorted(one.kind for one in letters),
        "unsent": sum(one.sent_at is None for one in letters),
        "waiting": sorted(session.scalars(select(Job.kind).where(Job.done_at.is_(None), Job.run_at <= utc_now()))),
        "parked": session.scalars(select(Job.kind).where(Job.parked_at.is_not(None))).all(),
        "offended": [name for name, find in app.extensions["invariants"].items() if find(session)],
    }


def _mail(file: Path) -> dict[str, Any]:
    kinds = dict(reading().execute(select(Letter.message_id, Letter.kind)).all())
    taken = Counter(file.read_text().split())
    return {
        "messages": sorted(kinds[message_id] for message_id in taken),
        "sent twice": sum(times - 1 for times in taken.values()),
    }
