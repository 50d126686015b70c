"""Who is asking: the cookie alone for words, the database for power."""

import pytest
from sqlalchemy import update

from membership.clock import utc_now
from membership.patrons.login import current_patron, signed_in
from membership.patrons.models import SignIn
from membership.patrons.service import register
from tests.browsing import post
from tests.patrons.signing_in import sign_in

OLENA = "olena@example.org"


@pytest.fixture
def app(app):
    app.add_url_rule("/who", "who", lambda: str((one := current_patron()) and one.email))
    app.add_url_rule("/mine", "mine", lambda: str(signed_in().email), methods=["GET", "POST"])
    app.add_url_rule("/api/mine", "api_mine", lambda: str(signed_in().email))
    return app


@pytest.fixture
def olena(client, session, drain):
    register(session, OLENA, locale="en")
    session.commit()
    sign_in(client, session, drain, OLENA)


def test_who_is_signed_in_is_known(client, olena):
    assert (client.get("/who").text, client.get("/mine").text) == (OLENA, OLENA)


def test_who_is_not_is_sent_to_sign_in_and_back(client):
    assert client.get("/who").text == "None"
    assert client.get("/mine?a=b").location == "/sign-in?next=/mine?a%3Db"


def test_a_form_sent_by_a_stranger_leads_to_her_account(client):
    assert post(client, "/mine", page="/sign-in").location == "/sign-in?next=/account"


def test_a_program_is_told_and_not_sent_around(client):
    answer = client.get("/api/mine")

    assert (answer.status_code, answer.content_type) == (401, "application/problem+json")


def test_pages_speak_to_her_by_the_cookie_alone(client, olena, statements):
    page = client.get("/sign-in/code")

    assert 'href="/account"' in page.text
    assert statements == []


def test_a_cookie_whose_sign_in_is_over_is_emptied(client, olena, session):
    session.execute(update(SignIn).values(ended_at=utc_now()))
    session.commit()
    client.get("/who")

    assert 'href="/sign-in"' in client.get("/sign-in/code").text


def test_pages_for_everyone_do_not_vary_by_cookie(client, olena):
    assert "Vary" not in client.get("/api/nothing").headers
