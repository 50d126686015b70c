"""One-time ways in: asked for in one browser, sent by letter, used once."""

import secrets
from datetime import timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from membership.clock import utc_now
from membership.jobs.models import Job
from membership.jobs.service import enqueue
from membership.mail import service as mail
from membership.patrons.errors import CodeWrong, LinkUnknown
from membership.patrons.models import SignInAttempt, SignInLink
from membership.patrons.rules import LINK_LIFE, MOST_ATTEMPTS, hash_of, is_open, is_same, new_code, spaced, typed_code
from membership.patrons.service import sign_ins
from membership.patrons.service.leaving import tell_of_erasure
from membership.patrons.service.people import find_by_email, hold

WRITE = "sign_in.write"
WINDOW = timedelta(hours=1)
MOST_PER_ADDRESS = 5
MOST_PER_NETWORK = 30


def ask(session: Session, email: str, *, network: str, browser_hash: str, next_path: str, pepper: str) -> bool:
    """Ask for a letter with a way in; whether there is such an account is found out later, by the worker.

    What is done here is the same for every address, so that neither the answer nor its time tells who has an account.
    Too many asks, for one address or from one network, are quietly left unheard. Return whether this one was heard.
    """
    about = {hash_of(email, pepper): MOST_PER_ADDRESS, hash_of(network, pepper): MOST_PER_NETWORK}
    is_heard = all(_count_lately(session, one) < most for one, most in about.items())
    now = utc_now()
    session.add_all(SignInAttempt(about_hash=one, at=now) for one in about)
    if is_heard:
        payload = {"email": email, "browser_hash": browser_hash, "next_path": next_path}
        enqueue(session, WRITE, f"{WRITE}:{secrets.token_hex(16)}", payload)
    return is_heard


def _count_lately(session: Session, about_hash: str) -> int:
    asked = select(func.count()).where(SignInAttempt.about_hash == about_hash, SignInAttempt.at > utc_now() - WINDOW)
    return session.scalar(asked) or 0


def write_link(session: Session, email: str, browser_hash: str, next_path: str) -> None:
    """Write the letter with a way in, if the address has an account; older ways in die.

    Whoever is being erased is told so instead, by letter alone: the page says the same to everybody.
    """
    patron = find_by_email(session, email)
    if patron is None or patron.email is None or tell_of_erasure(session, email):
        return
    _kill_open(session, patron.id)
    link, token, code = _open(session, patron.id, browser_hash, next_path)
    mail.write(
        session,
        "sign_in",
        to=patron.email,
        locale=patron.locale,
        about=str(link.id),
        token=token,
        code=spaced(code),
        minutes=LINK_LIFE // timedelta(minutes=1),
    )


def _open(session: Session, patron_id: int, browser_hash: str, next_path: str) -> tuple[SignInLink, str, str]:
    """Keep a way in; return it with the link's token and the code, which only the letter keeps."""
    token, code, now = secrets.token_urlsafe(32), new_code(), utc_now()
    link = SignInLink(
        patron_id=patron_id,
        token_hash=hash_of(token),
        code_hash=hash_of(code, browser_hash),
        browser_hash=browser_hash,
        next_path=next_path,
        created_at=now,
        expires_at=now + LINK_LIFE,
    )
    session.add(link)
    session.flush()
    return link, token, code


def forget_attempts(session: Session) -> None:
    """Delete the asks that no limit counts any more, and the addresses in the jobs that are done."""
    session.execute(delete(SignInAttempt).where(SignInAttempt.at <= utc_now() - WINDOW))
    session.execute(delete(Job).where(Job.kind == WRITE, Job.done_at.is_not(None)))


def get_link(session: Session, token: str) -> SignInLink:
    """Return the link of a letter, or raise LinkUnknown: never written, used, expired or replaced alike."""
    link = session.scalar(select(SignInLink).filter_by(token_hash=hash_of(token)))
    if link is None or not is_open(link, utc_now()):
        raise LinkUnknown
    return link


def get_asked_link(session: Session, browser_hash: str) -> SignInLink:
    """Return the link that this browser asked for last, or raise LinkUnknown."""
    asked = select(SignInLink).filter_by(browser_hash=browser_hash).order_by(SignInLink.id.desc()).limit(1)
    link = session.scalar(asked)
    if link is None or not is_open(link, utc_now()):
        raise LinkUnknown
    return link


def count_attempt(session: Session, link: SignInLink) -> None:
    """Count a typed code before it is looked at, in a transaction of its own; raises LinkUnknown after too many."""
    tried = update(SignInLink).where(SignInLink.id == link.id, SignInLink.attempts < MOST_ATTEMPTS)
    if session.scalar(tried.values(attempts=SignInLink.attempts + 1).returning(SignInLink.id)) is None:
        raise LinkUnknown


def enter_by_link(session: Session, link: SignInLink) -> str:
    """Use a link up and begin a sign-in; return its token.

    Raises LinkUnknown if somebody was faster, or ErasureUnderWay.
    """
    now = utc_now()
    unused = update(SignInLink).where(SignInLink.id == link.id, SignInLink.used_at.is_(None))
    in_time = unused.where(SignInLink.expires_at > now).values(used_at=now)
    if session.scalar(in_time.returning(SignInLink.id)) is None:
        raise LinkUnknown
    patron = hold(session, link.patron_id)
    patron.confirmed_at = patron.confirmed_at or now
    return sign_ins.begin(session, patron)


def enter_by_code(session: Session, link: SignInLink, text: str) -> str:
    """Use a link up by its typed code and begin a sign-in; return its token. Raises CodeWrong or LinkUnknown."""
    if not is_same(hash_of(typed_code(text), link.browser_hash), link.code_hash):
        raise CodeWrong
    return enter_by_link(session, link)


def _kill_open(session: Session, patron_id: int) -> None:
    still_open = update(SignInLink).where(SignInLink.patron_id == patron_id, SignInLink.expires_at > utc_now())
    session.execute(still_open.values(expires_at=utc_now()))
