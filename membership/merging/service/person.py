"""Names, ways in, wishes and addresses of an account that goes: handed over or ended, and nothing of them is left."""

from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from membership.access.models import AppealRest, Handover, SiteSubject
from membership.donations.models import Donation
from membership.gifts.models import Gift
from membership.mail.models import Letter
from membership.merging.service.money import move
from membership.patrons.models import LetterWish, Patron, SignInLink
from membership.patrons.service import sign_ins
from membership.privacy.service import forget_events

_ADDRESSED: tuple[InstrumentedAttribute[Any], ...] = (Donation.email, Gift.recipient_email)


def move_site_names(session: Session, leaving: Patron, staying: Patron) -> tuple[int, int]:
    """Let the names that sites have for one account lead to the other; return how many do, and how many lead nowhere.

    A site that has a name for each keeps that of the account that stays.
    """
    known = {name.site_id: name for name in session.scalars(select(SiteSubject).filter_by(patron_id=staying.id))}
    names = session.scalars(select(SiteSubject).filter_by(patron_id=leaving.id)).all()
    for name in names:
        if (own := known.get(name.site_id)) is None:
            name.patron_id = staying.id
            continue
        session.delete(name)
        session.flush()
        own.external_id = own.external_id or name.external_id
    session.flush()
    ended = sum(name.site_id in known for name in names)
    return len(names) - ended, ended


def join_wishes(session: Session, leaving: Patron, staying: Patron) -> None:
    """Let what either account did not want be wanted of neither: letters, and appeals."""
    letters, own_letters = (session.get(LetterWish, one.id) for one in (leaving, staying))
    if letters is not None and own_letters is not None:
        own_letters.stopped = sorted({*own_letters.stopped, *letters.stopped})
    rest, own_rest = (session.get(AppealRest, one.id) for one in (leaving, staying))
    if rest is not None and own_rest is not None:
        own_rest.until = max(own_rest.until, rest.until)
    for model, hers, own in ((LetterWish, letters, own_letters), (AppealRest, rest, own_rest)):
        if hers is not None and own is not None:
            session.delete(hers)
            session.flush()
        else:
            move(session, model.patron_id, leaving, staying)


def shut(session: Session, leaving: Patron) -> None:
    """End every way in to an account."""
    sign_ins.end_all(session, leaving.id)
    session.execute(delete(SignInLink).filter_by(patron_id=leaving.id))
    session.execute(delete(Handover).filter_by(patron_id=leaving.id))


def empty(session: Session, leaving: Patron, staying: Patron) -> None:
    """Take name and address out of an account: what was addressed there is addressed to the one that stays."""
    for column in _ADDRESSED:
        there = update(column.class_).where(column == leaving.email)
        session.execute(there.values({column.key: staying.email}))
    _readdress_letters(session, str(leaving.email), str(staying.email))
    forget_events(session, [str(leaving.email)])
    staying.name = staying.name or leaving.name
    leaving.email = leaving.confirmed_at = None
    leaving.name, leaving.locale = "", "en"
    session.flush()


def _readdress_letters(session: Session, before: str, after: str) -> None:
    """Let letters be hers at her other address, so that none of them is written there a second time."""
    known = set(session.scalars(select(Letter.key).filter_by(recipient=after)))
    for letter in session.scalars(select(Letter).filter_by(recipient=before)):
        key = letter.key.removesuffix(before) + after
        letter.recipient, letter.key = after, letter.key if key in known else key
    session.flush()
