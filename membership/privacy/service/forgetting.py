"""What is forgotten of a person, and what stays without her: money, votes that were counted, topics."""

import json
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, delete, or_, select, update
from sqlalchemy.orm import Session

from membership.access.models import AppealRest, Comp, Handover, SiteSubject
from membership.donations.models import Donation
from membership.gifts.models import Gift
from membership.groups import service as groups
from membership.jobs.models import Job
from membership.mail.models import Letter
from membership.offline.models import BankLine, BankReference
from membership.patrons.models import Ban, LetterWish, Patron, SignIn, SignInLink, StaffRole
from membership.patrons.service import list_merged
from membership.patrons.service.links import WRITE
from membership.payments.models import Payment
from membership.subscriptions.models import Stop, Subscription, SubscriptionIntent
from membership.terms.models import Term
from membership.topics import service as topics
from membership.voting import service as voting
from membership.webhooks.models import StoredEvent
from membership.webhooks.service import EMPTY

ERASED = "erased"


def forget(session: Session, patron: Patron, now: datetime) -> None:
    """Forget a person everywhere, in one transaction; whatever happens later finds an account without a name."""
    email = patron.email or ""
    # What she typed may be somebody else's address, whose letters are not hers.
    others = select(Patron.id).where(Patron.email == Donation.email, Patron.id != patron.id).exists()
    typed = select(Donation.email).filter_by(patron_id=patron.id).where(Donation.email.is_not(None), ~others)
    addresses = {email, *session.scalars(typed)}
    _money(session, patron, email)
    _letters(session, patron, addresses)
    _ways_in(session, patron)
    _given(session, patron, now)
    groups.forget_seats(session, patron, now)
    merged = list_merged(session, patron.id)
    forget_events(session, [email, *(one.stripe_customer_id or "" for one in (patron, *merged))])
    for account in (patron, *merged):
        topics.forget_patron(session, account)
        voting.forget_voter(session, account)
        session.execute(delete(BankReference).filter_by(patron_id=account.id))
        # Their own random names stay, so that sites are told that nothing is hers any more.
        session.execute(update(SiteSubject).filter_by(patron_id=account.id).values(external_id=None))
        account.stripe_customer_id = None
    patron.email = patron.confirmed_at = None
    patron.name, patron.locale = "", "en"
    session.flush()


def _money(session: Session, patron: Patron, email: str) -> None:
    hers = gave(patron)
    gifts = update(Gift).where(Gift.donation_id.in_(select(Donation.id).where(hers)))
    session.execute(gifts.values(giver_name="", words=""))
    # A code that has not gone out yet still needs to know where; whoever redeemed it was its receiver.
    received = or_(Gift.patron_id == patron.id, (Gift.recipient_email == email) & Gift.sent_at.is_not(None))
    session.execute(update(Gift).where(received).values(recipient_name="", recipient_email=None))
    empty = {"email": None, "honouree": "", "message": "", "checkout_url": None}
    lines = select(Donation.id).where(hers)
    of_hers = or_(BankLine.patron_id == patron.id, BankLine.donation_id.in_(lines))
    session.execute(update(BankLine).where(of_hers).values(payer="", payer_hash="", text="", reason=""))
    session.execute(update(Donation).where(hers).values(empty))
    intents = update(SubscriptionIntent).filter_by(patron_id=patron.id)
    session.execute(intents.values(checkout_url=None, browser_hash=""))
    subscriptions = select(Subscription.id).filter_by(patron_id=patron.id)
    session.execute(update(Stop).where(Stop.subscription_id.in_(subscriptions)).values(words=""))


def gave(patron: Patron) -> ColumnElement[bool]:
    """Tell her donations: what was given under her address without an account was hers, too, until she asked.

    What is given under it later is of somebody without an account, as it is once she is erased.
    """
    typed = (Donation.email == (patron.email or "")) & (Donation.created_at < patron.erasure_asked_at)
    return or_(Donation.patron_id == patron.id, typed)


def _kept_letters(session: Session, patron: Patron) -> tuple[set[str], tuple[str, ...]]:
    """Return which letters to her address are of gifts that are not hers: by receipt, and by how their keys begin."""
    theirs = (Donation.patron_id.is_(None), Donation.email == patron.email)
    later = select(Donation.id).where(*theirs, Donation.created_at >= patron.erasure_asked_at)
    receipts = set(session.scalars(select(Payment.receipt_number).where(Payment.donation_id.in_(later))))
    given = session.scalars(select(Gift.id).where(Gift.donation_id.in_(later))).all()
    return receipts, tuple(f"{kind}:{one}:" for kind in ("gift_bought", "gift_code") for one in given)


def _letters(session: Session, patron: Patron, addresses: set[str | None]) -> None:
    receipts, beginnings = _kept_letters(session, patron)
    for letter in session.scalars(select(Letter).where(Letter.recipient.in_(addresses))):
        if letter.values.get("receipt_number") in receipts or letter.key.startswith(beginnings):
            continue
        if letter.sent_at is None and letter.refused_at is None:
            session.execute(delete(Job).filter_by(key=f"mail.send:{letter.id}"))
            session.delete(letter)
        else:
            letter.key, letter.recipient, letter.values = f"{ERASED}:{letter.id}", "", {}
            letter.subject = letter.text = letter.html = None
    for job in session.scalars(select(Job).filter_by(kind=WRITE)):
        if job.payload["email"].strip().lower() in addresses:
            session.delete(job)


def _ways_in(session: Session, patron: Patron) -> None:
    for model in (SignIn, SignInLink, LetterWish, Handover, AppealRest):
        session.execute(delete(model).where(_is_hers(model, patron)))
    nothing = {"totp_sealed": None, "enrolment_hash": None}
    session.execute(update(StaffRole).filter_by(patron_id=patron.id).values(nothing))


def _is_hers(
    model: type[SignIn | SignInLink | LetterWish | Handover | AppealRest], patron: Patron
) -> ColumnElement[bool]:
    return model.patron_id == patron.id


def _given(session: Session, patron: Patron, now: datetime) -> None:
    for running in (Comp, Term):
        given = update(running).where(running.patron_id == patron.id, running.revoked_at.is_(None))
        session.execute(given.values(revoked_at=now))
    for reasoned in (Comp, Ban):
        session.execute(update(reasoned).where(reasoned.patron_id == patron.id).values(reason=ERASED))


def forget_events(session: Session, names: Iterable[str]) -> None:
    """Empty the messages that name somebody, where an earlier version has kept them whole."""
    for name in filter(None, names):
        told = StoredEvent.payload.contains(json.dumps(name, ensure_ascii=False), autoescape=True)
        session.execute(update(StoredEvent).where(told).values(payload=EMPTY))
