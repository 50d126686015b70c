"""Who is asking: Flask-Login, kept in one place, over sign-ins that the database can end."""

import secrets
from typing import Any, NoReturn, cast

from cryptography.fernet import InvalidToken, MultiFernet
from flask import Flask, abort, redirect, request, session, url_for
from flask_login import LoginManager, UserMixin, current_user
from sqlalchemy.orm import Session

from membership import db
from membership.clock import utc_now
from membership.errors import Forbidden
from membership.i18n import N_, gettext
from membership.patrons import rules
from membership.patrons.models import Patron, Role, SignIn, SignInLink
from membership.patrons.neighbours import SharedSessions
from membership.patrons.rules import is_active_staff, reaches
from membership.patrons.service import links, sign_ins
from membership.web import MACHINE_PATHS, problem, safe_path, settings

# The key under which Flask-Login looks for somebody's id; here it is the sign-in's token.
KEPT_AS = "_user_id"
# What a browser was reading at a site, where it goes back to.
READING = "reading"
STAYS = ("locale", READING)
NOT_STAFF = N_("This page is for the newsroom's staff.")
ROLE_TOO_LOW = N_("Your role in the newsroom does not reach this page.")


class SignedIn(UserMixin):  # type: ignore[misc]
    """A browser's sign-in, as Flask-Login wants to see it."""

    def __init__(self, sign_in: SignIn) -> None:
        self.sign_in = sign_in


def init_app(app: Flask) -> None:
    """Recognise signed-in browsers."""
    if app.extensions["settings"].parent_domain:
        app.session_interface = SharedSessions(KEPT_AS)
    app.config.update(PERMANENT_SESSION_LIFETIME=sign_ins.READER_LIFE, SESSION_REFRESH_EACH_REQUEST=False)
    manager = LoginManager()
    # Its protection would believe X-Forwarded-For (flask-login#700).
    manager.session_protection = None
    manager.user_loader(_load)
    # Not init_app: its hook looks for remember cookies, which we have none of, and would make every answer vary
    # by cookie, public ones too.
    app.login_manager = manager  # type: ignore[attr-defined]
    app.context_processor(_page_words)


def _load(token: str) -> SignedIn | None:
    sign_in = sign_ins.find_current(db.session(), token, utc_now())
    if sign_in is None:
        session.pop(KEPT_AS)
        return None
    return SignedIn(sign_in)


def _page_words() -> dict[str, Any]:
    # The cookie alone: a page that says "Your account" should not cost a query.
    return {"signed_in": KEPT_AS in session}


def current_sign_in() -> SignIn | None:
    """Return the sign-in of this browser, if it has one that still holds."""
    return cast(SignedIn, current_user).sign_in if current_user.is_authenticated else None


def current_patron() -> Patron | None:
    """Return who is asking, if she is signed in."""
    sign_in = current_sign_in()
    return sign_in.patron if sign_in else None


def signed_in() -> Patron:
    """Return who is asking, or send her to sign in first."""
    return _sign_in().patron


def staff_only(role: Role) -> Patron:
    """Return who is asking if she is staff of at least this role with her second factor done in this sign-in."""
    sign_in = staff_by_mail_alone()
    staff = sign_in.patron.staff
    if staff is None or sign_in.second_factor_at is None:
        _send_to("second_factor.ask")
    if not reaches(staff.role, role):
        raise Forbidden(ROLE_TOO_LOW)
    return sign_in.patron


def staff_by_mail_alone() -> SignIn:
    """Return the sign-in of staff whose second factor may still be missing: for the pages that ask for it only."""
    sign_in = _sign_in()
    if not is_active_staff(sign_in.patron):
        raise Forbidden(NOT_STAFF)
    return sign_in


def keep(token: str) -> None:
    """Give this browser a new session that holds a sign-in, and nothing from before but what stays."""
    _clear()
    session.permanent = True
    session[KEPT_AS] = token


def forget() -> None:
    """Take the sign-in out of this browser."""
    _clear()


def _clear() -> None:
    stays = {name: session[name] for name in STAYS if name in session}
    session.clear()
    session.update(stays)


def browser_hash() -> str:
    """Return what tells this browser from others, made on the first asking; only the browser itself keeps the whole."""
    return rules.hash_of(session.setdefault("browser", secrets.token_urlsafe(32)))


def ask_letter(current: Session, email: str, path: str) -> bool:
    """Have a letter with a way in written for this browser, if the address has an account; it leads to the path.

    Returns whether it was heard: too many asks are not.
    """
    return links.ask(
        current,
        email,
        network=rules.network_of(request.remote_addr),
        browser_hash=browser_hash(),
        next_path=_path_sealer().encrypt(path.encode()).decode(),
        pepper=settings().secret_key.get_secret_value(),
    )


def path_behind(link: SignInLink) -> str:
    """Return where a way in leads, which is kept sealed: the path may carry the code of a seat or of a gift."""
    try:
        path = _path_sealer().decrypt(link.next_path).decode()
    except (InvalidToken, ValueError):  # sealed with a key that is gone
        path = ""
    return safe_path(path, "/account")


def sealer() -> MultiFernet:
    """Return what seals the secrets of second factors, made from SECRET_KEY and its fallbacks."""
    return rules.sealer(_keys())


def _path_sealer() -> MultiFernet:
    return rules.sealer(_keys(), b"membership way in")


def _keys() -> list[str]:
    return [key.get_secret_value() for key in (settings().secret_key, *settings().secret_key_fallbacks)]


def _sign_in() -> SignIn:
    sign_in = current_sign_in()
    if sign_in is None:
        _send_to("sign_in.ask")
    return sign_in


def _send_to(endpoint: str) -> NoReturn:
    if request.path.startswith(MACHINE_PATHS):
        abort(problem(401, "SignInNeeded", gettext("Please sign in first.")))
    wanted = request.full_path.rstrip("?") if request.method in {"GET", "HEAD"} else "/account"
    abort(redirect(url_for(endpoint, next=safe_path(wanted, "/account")), code=303))
