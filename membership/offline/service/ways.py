"""Which other ways are open, and the reference by which we know a patron's transfers."""

from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from membership.clock import utc_now
from membership.inserts import insert_unless_known
from membership.mail import service as mail
from membership.offline import rules
from membership.offline.errors import UnknownWay, WayUnreadable
from membership.offline.models import BankReference, Way, WayKind
from membership.patrons.models import Patron

# What a way needs to be told beside its text.
NEEDED = {WayKind.BANK: ("holder", "iban"), WayKind.PAYPAL: ("url",), WayKind.CRYPTO: ("address",)}


def list_ways(session: Session) -> Sequence[Way]:
    """List the ways that are open, in the order of their page."""
    return session.scalars(select(Way).order_by(Way.position, Way.kind)).all()


def get_way(session: Session, kind: WayKind) -> Way:
    """Return a way that is open, or raise UnknownWay."""
    way = session.get(Way, kind)
    if way is None:
        raise UnknownWay
    return way


def set_way(
    session: Session, kind: WayKind, text: Mapping[str, str], details: Mapping[str, str], position: int = 0
) -> Way:
    """Open a way, or say anew how it goes. Raises WayUnreadable."""
    told = {name: value.strip() for name, value in details.items() if value.strip()}
    if not text.get("en", "").strip() or any(name not in told for name in NEEDED.get(kind, ())):
        raise WayUnreadable(field="details")
    if "iban" in told:
        told["iban"] = _iban(told["iban"])
    if "url" in told and urlsplit(told["url"]).scheme != "https":
        raise WayUnreadable(field="url")
    way = session.merge(Way(kind=kind, text=dict(text), details=told, position=position))
    session.flush()
    return way


def _iban(text: str) -> str:
    found = rules.read_iban(text)
    if found is None:
        raise WayUnreadable(field="iban")
    return found


def close_way(session: Session, kind: WayKind) -> None:
    """Show a way no more."""
    session.execute(delete(Way).filter_by(kind=kind))


def our_account(session: Session) -> str:
    """Return the account that readers send money to; empty while the way by bank is not open."""
    way = session.get(Way, WayKind.BANK)
    return way.details["iban"] if way else ""


def reference_for(session: Session, patron_id: int) -> str:
    """Return the patron's reference, made now if need be."""
    values = {"patron_id": patron_id, "reference": rules.new_reference(), "created_at": utc_now()}
    insert_unless_known(session, BankReference, values)
    return session.scalars(select(BankReference.reference).filter_by(patron_id=patron_id)).one()


def find_reference(session: Session, patron_id: int) -> str | None:
    """Return the patron's reference if she has one."""
    return session.scalar(select(BankReference.reference).filter_by(patron_id=patron_id))


def write_reference(session: Session, patron: Patron) -> None:
    """Write a patron how to send money and with which reference, once a day at most. Raises UnknownWay."""
    way = get_way(session, WayKind.BANK)
    mail.write(
        session,
        "bank_details",
        to=patron.email or "",
        locale=patron.locale,
        about=f"{patron.id}:{utc_now().date()}",
        holder=way.details["holder"],
        iban=rules.spaced_iban(way.details["iban"]),
        bic=way.details.get("bic", ""),
        reference=rules.spaced(reference_for(session, patron.id)),
    )
