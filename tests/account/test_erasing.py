"""She takes her data away, or has herself erased: asked in writing, done once, and never for staff."""

import json

import pytest
from sqlalchemy import select

from membership.clock import utc_now
from membership.patrons.models import Patron, Role, StaffRole
from membership.privacy.models import Erasure
from tests.account.signing_in import sign_in
from tests.browsing import post
from tests.factories import make_patron

EMAIL = "olena@example.org"


@pytest.fixture
def olena(session):
    return make_patron(session, email=EMAIL, name="Olena")


def asked(session):
    session.rollback()
    found = len(session.scalars(select(Erasure)).all())
    session.rollback()
    return found


def test_she_writes_her_address_and_is_let_go(client, session, olena, drain):
    sign_in(client, session, olena)
    answer = post(client, "/account/erase", {"email": " OLENA@example.org "})

    assert (answer.location, asked(session)) == ("/", 1)
    assert client.get("/account").location == "/sign-in?next=/account"
    drain()
    session.rollback()
    assert session.get_one(Patron, olena.id, populate_existing=True).email is None


def test_without_her_address_nothing_is_asked(client, session, olena):
    sign_in(client, session, olena)
    answer = post(client, "/account/erase", {"email": "olena"})

    assert (answer.status_code, "exactly as it stands above" in answer.text, asked(session)) == (400, True, 0)


def test_staff_end_their_role_first(client, session, olena):
    sign_in(client, session, olena)
    session.add(StaffRole(patron_id=olena.id, role=Role.EDITOR, created_at=utc_now()))
    session.commit()
    answer = post(client, "/account/erase", {"email": EMAIL})

    assert (answer.status_code, "works here" in answer.text, asked(session)) == (400, True, 0)


def test_she_takes_all_of_it_away(client, session, olena):
    sign_in(client, session, olena)
    answer = client.get("/account/data")

    assert "attachment" in answer.headers["Content-Disposition"]
    assert json.loads(answer.text)["patrons"][0]["email"] == EMAIL
    assert "no-store" in answer.headers["Cache-Control"]
