"""What people do to get in."""

from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from membership.mail.models import Letter
from membership.patrons.rules import TOTP_SECONDS, sealer
from tests.browsing import post
from tests.conftest import make_settings

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
SEALER = sealer([make_settings().secret_key.get_secret_value()])


def ask(client: FlaskClient, email: str, **form: str) -> TestResponse:
    """Ask for a letter with a way in."""
    return post(client, "/sign-in", {"email": email, **form})


def letters(session: Session) -> list[dict[str, Any]]:
    """Return what the sign-in letters say, the newest first."""
    session.rollback()
    session.expire_all()
    found = [letter.values for letter in session.scalars(select(Letter).order_by(Letter.id.desc()))]
    session.rollback()
    return [values for values in found if "token" in values]


def sign_in(client: FlaskClient, session: Session, drain: Any, email: str, **form: str) -> TestResponse:
    """Sign in by the link of a letter, in the browser that asked for it."""
    ask(client, email, **form)
    drain()
    return post(client, f"/sign-in/{letters(session)[0]['token']}")


def step_of(moment: float) -> int:
    return int(moment) // TOTP_SECONDS
