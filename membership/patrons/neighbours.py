"""Whom the proxy of a site beside us asks about: a cookie for the parent domain, which opens `/access/verify` alone.

Our own cookie comes to no other host. This one goes to every host of the domain, so it is worth little: whoever
catches it learns what its reader may read, until she signs out.
"""

from typing import TypedDict

from cryptography.fernet import InvalidToken, MultiFernet
from flask import Flask, Response, request
from flask.sessions import SessionMixin

from membership import db
from membership.clock import utc_now
from membership.edge import Sessions
from membership.patrons import rules
from membership.patrons.models import Patron
from membership.patrons.service import sign_ins
from membership.web import settings

NAME = "membership-reader"
PURPOSE = b"membership reader beside us"


class SharedSessions(Sessions):
    """Sets and takes the cookie together with the session that it stands for."""

    def __init__(self, kept_as: str) -> None:
        self._kept_as = kept_as

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        super().save_session(app, session, response)
        # A cache that keeps an answer for everybody would hand one reader's cookie to all.
        if not session.accessed or response.cache_control.public:
            return
        token, is_there, how = session.get(self._kept_as), cookie_name() in request.cookies, _how()
        # A proxy's question comes without our own cookie, and its answer may reach her browser: it takes nothing.
        is_told = session.modified or self.get_cookie_name(app) in request.cookies
        if token and (session.modified or not is_there):
            value = _sealer().encrypt(rules.hash_of(token).encode()).decode()
            response.set_cookie(cookie_name(), value, max_age=sign_ins.READER_LIFE, **how)
        elif is_there and is_told and not token:
            response.delete_cookie(cookie_name(), **how)


def patron_beside() -> Patron | None:
    """Return whom the cookie stands for, if her sign-in still holds."""
    sealed = request.cookies.get(cookie_name(), "") if settings().parent_domain else ""
    try:
        token_hash = _sealer().decrypt(sealed).decode() if sealed else ""
    except (InvalidToken, ValueError):  # not even letters that a token is made of
        return None
    sign_in = sign_ins.find_by_hash(db.session(), token_hash, utc_now()) if token_hash else None
    return sign_in.patron if sign_in else None


def cookie_name() -> str:
    """Return its name; `__Secure-` keeps it to HTTPS (`__Host-` would keep it to our host)."""
    return f"__Secure-{NAME}" if settings().is_secure else NAME


class _Kept(TypedDict):
    domain: str
    secure: bool
    httponly: bool
    samesite: str


def _how() -> _Kept:
    known = settings()
    return {"domain": known.parent_domain, "secure": known.is_secure, "httponly": True, "samesite": "Lax"}


def _sealer() -> MultiFernet:
    keys = [settings().secret_key, *settings().secret_key_fallbacks]
    return rules.sealer([key.get_secret_value() for key in keys], PURPOSE)
