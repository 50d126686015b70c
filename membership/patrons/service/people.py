"""People with an account: found by their address or by their public id."""

import secrets
import string
import unicodedata
from collections.abc import Collection

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import BindParameter, Select, func, select
from sqlalchemy.orm import Session

from membership.clock import utc_now
from membership.inserts import insert_unless_known
from membership.patrons.errors import EmailUnreadable, NameTooLong, UnknownPatron
from membership.patrons.models import Ban, Merger, Patron

LONGEST_NAME = 80


def canonical_email(text: str) -> str:
    """Return the one spelling in which we know an address; raises EmailUnreadable."""
    try:
        found = validate_email(text.strip(), check_deliverability=False)
    except EmailNotValidError:
        raise EmailUnreadable from None
    return unicodedata.normalize("NFC", found.normalized.lower())


def find_by_email(session: Session, email: str) -> Patron | None:
    """Find the patron of an address, however it is spelt; raises EmailUnreadable."""
    return session.scalar(select(Patron).filter_by(email=canonical_email(email)))


def find_by_customer(session: Session, stripe_customer_id: str) -> Patron | None:
    """Find the patron whom the payment provider knows by this id."""
    return session.scalar(select(Patron).where(Patron.id.in_(owners_of([stripe_customer_id]))))


def owners_of(stripe_customer_ids: Collection[str] | BindParameter[str]) -> Select[int]:
    """Select the keys of those whom the payment provider knows by these ids, under an account of before, too."""
    return _followed().where(Patron.stripe_customer_id.in_(stripe_customer_ids))


def _followed() -> Select[int]:
    follows = select(func.coalesce(Merger.into_id, Patron.id)).select_from(Patron)
    return follows.outerjoin(Merger, Merger.patron_id == Patron.id)


def list_merged(session: Session, patron_id: int) -> list[Patron]:
    """List the emptied accounts that went over into this one."""
    found = select(Patron).join(Merger, Merger.patron_id == Patron.id).where(Merger.into_id == patron_id)
    return list(session.scalars(found.order_by(Patron.id)))


def get_patron(session: Session, public_id: str) -> Patron:
    """Return a patron by her public id, that of an account of before, too; or raise UnknownPatron."""
    patron = session.scalar(select(Patron).where(Patron.id.in_(_followed().where(Patron.public_id == public_id))))
    if patron is None:
        raise UnknownPatron
    return patron


def register(session: Session, email: str, *, locale: str, name: str = "") -> Patron:
    """Return the patron of an address, made now if need be; proves nothing about who asks.

    Raises EmailUnreadable, or ErasureUnderWay: whatever is begun under that address now would be lost.
    """
    address = canonical_email(email)
    values = {
        "public_id": _new_public_id(),
        "email": address,
        "locale": locale,
        "name": clean_name(name),
        "created_at": utc_now(),
    }
    insert_unless_known(session, Patron, values)
    patron = session.scalars(select(Patron).filter_by(email=address)).one()
    patron.admit()
    return patron


def hold(session: Session, patron_id: int) -> Patron:
    """Hold an account as it is now until the transaction ends, and return the one that it went over into, if it did.

    Whoever signed in a moment ago may have been merged or have asked to be forgotten since: raises ErasureUnderWay.
    """
    session.execute(select(Patron.id).filter_by(id=patron_id).with_for_update())
    kept = select(Patron).where(Patron.id.in_(_followed().where(Patron.id == patron_id)))
    patron = session.scalars(kept.execution_options(populate_existing=True)).one()
    patron.admit()
    return patron


def is_shut_out(session: Session, patron_id: int) -> bool:
    """Whether the newsroom has shut a patron out."""
    in_force = select(Ban.id).filter_by(patron_id=patron_id, lifted_at=None)
    return session.scalar(in_force) is not None


def _new_public_id() -> str:
    # Commands take it as an argument, and would read one that begins with a hyphen as an option.
    return secrets.choice(string.ascii_letters) + secrets.token_urlsafe(16)


def describe(session: Session, patron_id: int, *, name: str, locale: str) -> Patron:
    """Keep how a patron wants to be called, and in which language; raises NameTooLong."""
    patron = session.get_one(Patron, patron_id)
    patron.name, patron.locale = check_name(name), locale
    return patron


def check_name(text: str, field: str = "name") -> str:
    """Return a name in one line, without what cannot be printed. Raises NameTooLong at this field."""
    name = _one_line(text)
    if len(name) > LONGEST_NAME:
        raise NameTooLong(field=field, most=LONGEST_NAME)
    return name


def clean_name(text: str) -> str:
    """Return a name in one line, without what cannot be printed, cut to what we keep."""
    return _one_line(text)[:LONGEST_NAME].rstrip()


def _one_line(text: str) -> str:
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())
