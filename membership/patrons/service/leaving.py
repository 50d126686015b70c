"""What is told when somebody types the address of an account that is being erased: to its owner, by letter alone."""

from sqlalchemy.orm import Session

from membership.clock import utc_now
from membership.mail import service as mail
from membership.patrons.models import Patron
from membership.patrons.service.people import find_by_email


def find_leaving(session: Session, email: str) -> Patron | None:
    """Find whose account under an address is being erased; raises EmailUnreadable.

    An address proves nothing, so whoever typed it is shown what everybody else is shown.
    """
    patron = find_by_email(session, email)
    return patron if patron is not None and patron.erasure_asked_at is not None else None


def tell_of_erasure(session: Session, email: str) -> bool:
    """Write to an address whose account is being erased that nothing was begun, once a day; return whether it is."""
    patron = find_leaving(session, email)
    if patron is None or patron.erasure_asked_at is None:
        return False
    about, asked_at = f"{patron.public_id}:{utc_now().date()}", patron.erasure_asked_at.isoformat()
    to, locale = patron.email or "", patron.locale
    mail.write(session, "erasure_under_way", to=to, locale=locale, about=about, asked_at=asked_at)
    return True
