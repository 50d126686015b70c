"""Browsers that are signed in as staff, as the real routes would leave them."""

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from membership.clock import utc_now
from membership.patrons.login import KEPT_AS
from membership.patrons.models import Patron, Role, StaffRole
from membership.patrons.service import sign_ins
from tests.factories import make_patron


def sign_in(client: FlaskClient, session: Session, patron: Patron, *, has_second_factor: bool = True) -> FlaskClient:
    """Give a browser a sign-in of its own, and commit."""
    token = sign_ins.begin(session, patron, has_second_factor=has_second_factor)
    session.commit()
    with client.session_transaction() as cookie:
        cookie[KEPT_AS] = token
    return client


def make_staff(session: Session, role: Role) -> Patron:
    """Make somebody staff whose second factor is connected."""
    patron = make_patron(session, name=f"Staff of role {role}")
    patron.staff = StaffRole(role=role, created_at=utc_now(), totp_confirmed_at=utc_now())
    session.flush()
    return patron


def staff_client(app: Flask, session: Session, role: Role) -> FlaskClient:
    """Open a browser that is signed in as new staff of a role."""
    return sign_in(app.test_client(), session, make_staff(session, role))
