"""Signing in by letter: inert until pressed, once, in time, in the browser that asked."""

from threading import Barrier, Thread

import pytest
import time_machine
from sqlalchemy import func, select

from membership import create_app
from membership.clock import utc_now
from membership.jobs.models import Job
from membership.mail.rendering import compose
from membership.patrons.errors import LinkUnknown
from membership.patrons.models import Patron, SignIn, SignInAttempt, SignInLink
from membership.patrons.service.links import count_attempt
from tests.browsing import post, token_on
from tests.conftest import make_settings
from tests.factories import make_patron
from tests.patrons.signing_in import ask, letters, sign_in

OLENA = "olena@example.org"


@pytest.fixture(autouse=True)
def olena(session):
    patron = make_patron(session, email=OLENA, name="Olena")
    session.commit()
    return patron


@pytest.fixture
def elsewhere(app):
    """Another browser."""
    return app.test_client()


def is_signed_in(client):
    return client.get("/sign-in").status_code == 303


def counted(session, model):
    session.rollback()
    number = session.scalar(select(func.count()).select_from(model))
    session.rollback()
    return number


def test_the_link_of_the_letter_signs_her_in_and_brings_her_where_she_wanted(client, session, drain):
    answer = sign_in(client, session, drain, " Olena@Example.org", next="/vote/november")

    assert (answer.status_code, answer.location) == (303, "/vote/november")
    assert is_signed_in(client)
    session.rollback()
    assert session.scalars(select(Patron)).one().confirmed_at is not None


def test_the_language_of_a_link_goes_along(client):
    client.get("/sign-in?lang=uk")

    assert '<html lang="uk">' in client.get("/sign-in/code").text


def test_a_way_in_whose_path_cannot_be_read_any_more_leads_to_the_account(client, session, drain):
    ask(client, OLENA, next="/vote/november")
    drain()
    session.scalars(select(SignInLink)).one().next_path = "/vote/november"
    session.commit()

    assert post(client, f"/sign-in/{letters(session)[0]['token']}").location == "/account"


def test_the_code_of_the_letter_signs_her_in_where_she_asked(client, session, drain):
    ask(client, OLENA)
    drain()
    answer = post(client, "/sign-in/code", {"code": letters(session)[0]["code"].lower()})

    assert (answer.status_code, answer.location) == (303, "/account")
    assert is_signed_in(client)


def test_an_address_without_an_account_is_answered_alike_and_gets_no_letter(app, session, drain):
    answers = []
    for email in (OLENA, "nobody@example.org"):
        client = app.test_client()
        first = ask(client, email)
        answers.append((first, client.get(first.location)))
    drain()

    (known, known_page), (unknown, unknown_page) = answers
    assert (known.status_code, known.location, known.data) == (unknown.status_code, unknown.location, unknown.data)
    assert without_tokens(known_page.text) == without_tokens(unknown_page.text)
    assert set(known.headers.keys()) == set(unknown.headers.keys())
    assert len(letters(session)) == 1


def without_tokens(page):
    return [line for line in page.splitlines() if "csrf_token" not in line]


def test_the_request_does_the_same_work_whether_or_not_there_is_an_account(app, statements):
    done = []
    for email in (OLENA, "nobody@example.org"):
        statements.clear()
        ask(app.test_client(), email)
        done.append(list(statements))

    assert done[0] == done[1]


def test_an_address_that_cannot_be_read_is_said_so_at_its_field_and_kept(client):
    answer = ask(client, "olena@@example", next="/vote")

    assert answer.status_code == 400
    assert 'value="olena@@example"' in answer.text
    assert 'aria-describedby="email-error"' in answer.text
    assert 'name="next" value="/vote"' in answer.text


@pytest.mark.parametrize("method", ["get", "head", "options"])
def test_opening_the_link_changes_nothing(client, elsewhere, session, drain, method):
    ask(client, OLENA)
    drain()
    path = f"/sign-in/{letters(session)[0]['token']}"
    for visitor in (elsewhere, client, elsewhere, client):
        getattr(visitor, method)(path, headers={"Sec-Fetch-Mode": "navigate", "Purpose": "prefetch"})

    assert counted(session, SignIn) == 0
    assert not is_signed_in(elsewhere)
    assert post(client, path).status_code == 303


def test_the_link_alone_signs_nobody_in_in_another_browser(client, elsewhere, session, drain):
    ask(client, OLENA)
    drain()
    path = f"/sign-in/{letters(session)[0]['token']}"
    page, answer = elsewhere.get(path), post(elsewhere, path)

    assert "o…@example.org" in page.text
    assert OLENA not in page.text
    assert answer.status_code == 400
    assert not is_signed_in(elsewhere)


def test_link_and_code_together_sign_her_in_in_another_browser(client, elsewhere, session, drain):
    ask(client, OLENA)
    drain()
    letter = letters(session)[0]
    answer = post(elsewhere, f"/sign-in/{letter['token']}", {"code": letter["code"]})

    assert answer.status_code == 303
    assert is_signed_in(elsewhere)
    assert not is_signed_in(client)


def test_a_code_works_in_no_browser_but_the_one_that_asked(client, elsewhere, session, drain):
    ask(client, OLENA)
    ask(elsewhere, "nobody@example.org")
    drain()
    answer = post(elsewhere, "/sign-in/code", {"code": letters(session)[0]["code"]})

    assert answer.status_code == 400
    assert not is_signed_in(elsewhere)


def test_a_wrong_code_tells_no_address_apart(client, elsewhere, session, drain):
    ask(client, OLENA)
    ask(elsewhere, "nobody@example.org")
    drain()
    known, unknown = (post(one, "/sign-in/code", {"code": "AAAA-AAAA"}) for one in (client, elsewhere))

    assert known.status_code == unknown.status_code == 400
    assert without_tokens(known.text) == without_tokens(unknown.text)


def test_after_five_wrong_codes_the_letter_is_dead(client, session, drain):
    ask(client, OLENA)
    drain()
    wrong = [post(client, "/sign-in/code", {"code": "AAAA-AAAA"}).status_code for _ in range(6)]
    letter = letters(session)[0]
    right = post(client, "/sign-in/code", {"code": letter["code"]}, page="/sign-in/code")

    assert wrong == [400] * 6
    assert right.status_code == 400
    assert not is_signed_in(client)
    assert client.get(f"/sign-in/{letter['token']}").status_code == 410


def test_a_wrong_code_is_said_so_at_its_field(client, session, drain):
    ask(client, OLENA)
    drain()

    assert "not the code from the newest letter" in post(client, "/sign-in/code", {"code": "<b>"}).text


@pytest.mark.parametrize("end", ["used", "older", "expired", "unknown", "signed out"])
def test_a_link_that_is_over_tells_the_way_on(client, session, drain, end):
    if end == "signed out":
        sign_in(client, session, drain, OLENA)
        post(client, "/sign-out", page="/")
    elif end == "used":
        sign_in(client, session, drain, OLENA)
    else:
        ask(client, OLENA)
        drain()
    token = "unknown" if end == "unknown" else letters(session)[0]["token"]
    if end == "older":
        ask(client, OLENA)
        drain()
    with time_machine.travel(utc_now().timestamp() + (601 if end == "expired" else 0)):
        page = client.get(f"/sign-in/{token}")
        answer = post(client, f"/sign-in/{token}", page="/sign-in/code")

    assert (page.status_code, answer.status_code) == (410, 410)
    assert 'href="/sign-in"' in page.text


def test_one_link_pressed_in_parallel_signs_in_once(app, client, session, drain):
    ask(client, OLENA)
    drain()
    path = f"/sign-in/{letters(session)[0]['token']}"
    token, cookie = token_on(client, path), client.get_cookie("membership").value
    start, answers = Barrier(6), []

    def press():
        other = app.test_client()
        other.set_cookie("membership", cookie)
        start.wait(10)
        answers.append(other.post(path, data={"csrf_token": token}).status_code)

    threads = [Thread(target=press) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(answers) == [303, 410, 410, 410, 410, 410]
    assert counted(session, SignIn) == 1


def test_each_letter_belongs_to_its_addressee(client, elsewhere, session, drain):
    make_patron(session, email="taras@example.org")
    session.commit()
    ask(client, OLENA)
    ask(elsewhere, "taras@example.org")
    drain()
    pages = [elsewhere.get(f"/sign-in/{letter['token']}").text for letter in letters(session)]

    assert "t…@example.org" in pages[0]
    assert "o…@example.org" in pages[1]


def test_tokens_and_codes_are_kept_as_hashes_only(client, session, drain):
    sign_in(client, session, drain, OLENA)
    letter, link = letters(session)[0], session.scalars(select(SignInLink)).one()

    assert len(letter["token"]) >= 43
    kept = [link.token_hash, link.code_hash, link.browser_hash, session.scalars(select(SignIn)).one().token_hash]
    assert {len(value) for value in kept} == {64}
    assert letter["token"] not in kept


def test_the_sixth_letter_in_an_hour_to_one_address_is_quietly_not_written(app, session, drain):
    answers = [ask(app.test_client(), OLENA).status_code for _ in range(7)]
    drain()
    written = counted(session, SignInLink)
    with time_machine.travel(utc_now().timestamp() + 3601):
        ask(app.test_client(), OLENA)
        drain()

    assert answers == [303] * 7
    assert (written, counted(session, SignInLink)) == (5, 6)
    assert counted(session, SignInAttempt) == 2


def test_one_network_asks_for_thirty_letters_an_hour_at_most(app, session, drain):
    for n in range(31):
        ask(app.test_client(), f"nobody{n}@example.org")
    ask(app.test_client(), OLENA)
    drain()

    assert letters(session) == []


def test_addresses_of_strangers_are_not_kept(client, session, drain):
    for email in ("nobody@example.org", "noone@example.org"):
        ask(client, email)
        drain()

    kept = [job.payload["email"] for job in session.scalars(select(Job).filter_by(kind="sign_in.write"))]
    assert kept == ["noone@example.org"]


@pytest.mark.parametrize("host", ["evil.test", "localhost.evil.test", "evil@localhost", "localhost:80@evil.test"])
def test_a_foreign_host_gets_no_letter_out(client, session, drain, host):
    token = token_on(client, "/sign-in")
    answer = client.post("/sign-in", data={"csrf_token": token, "email": OLENA}, headers={"Host": host})
    drain()

    assert answer.status_code == 400
    assert letters(session) == []


@pytest.mark.parametrize("header", ["X-Forwarded-Host", "Forwarded", "X-Original-Host", "X-Forwarded-Server"])
def test_no_header_moves_the_link_of_the_letter(client, session, drain, header):
    token = token_on(client, "/sign-in")
    value = "host=evil.test" if header == "Forwarded" else "evil.test"
    client.post("/sign-in", data={"csrf_token": token, "email": OLENA}, headers={header: value})
    drain()

    assert compose("sign_in", "en", letters(session)[0], make_settings()).text.count("http://localhost/sign-in/") == 1
    session.rollback()
    assert "evil.test" not in str([job.payload for job in session.scalars(select(Job))])


@pytest.mark.parametrize("target", ["//evil.test", "https://evil.test", "/\\evil.test", "x" * 3000, "/" + "x" * 3000])
def test_nobody_is_sent_elsewhere_after_signing_in(client, session, drain, target):
    assert sign_in(client, session, drain, OLENA, next=target).location == "/account"


def test_signing_in_begins_a_new_session(client, session, drain):
    client.post("/language/uk", data={"csrf_token": token_on(client, "/sign-in")})
    before, old_form = client.get_cookie("membership").value, token_on(client, "/sign-in")
    sign_in(client, session, drain, OLENA)
    with client.session_transaction() as kept:
        assert set(kept) == {"_user_id", "_permanent", "locale"}

    assert client.get_cookie("membership").value != before
    assert client.post("/sign-out", data={"csrf_token": old_form}).status_code == 400


def test_a_session_that_was_planted_before_is_worth_nothing_after(app, client, session, drain):
    token_on(client, "/sign-in")
    planted = client.get_cookie("membership").value
    sign_in(client, session, drain, OLENA)
    thief = app.test_client()
    thief.set_cookie("membership", planted)

    assert not is_signed_in(thief)


@pytest.mark.parametrize("way", ["link", "code"])
def test_a_stolen_cookie_dies_when_she_signs_in_anew(app, client, session, drain, way):
    sign_in(client, session, drain, OLENA)
    thief = app.test_client()
    thief.set_cookie("membership", client.get_cookie("membership").value)
    post(client, "/sign-in", {"email": OLENA}, page="/sign-in/code")
    drain()
    letter = letters(session)[0]
    path = f"/sign-in/{letter['token']}" if way == "link" else "/sign-in/code"
    answer = post(client, path, {"code": letter["code"]})

    assert answer.status_code == 303
    assert is_signed_in(client)
    assert not is_signed_in(thief)


def test_a_stolen_cookie_dies_with_the_sign_out(app, client, session, drain):
    sign_in(client, session, drain, OLENA)
    thief = app.test_client()
    thief.set_cookie("membership", client.get_cookie("membership").value)
    stolen_before = is_signed_in(thief)
    answer = post(client, "/sign-out", page="/sign-in/code")

    assert stolen_before
    assert answer.location == "/"
    assert not is_signed_in(client)
    assert not is_signed_in(thief)


def test_signing_out_everywhere_ends_every_browser(client, elsewhere, session, drain):
    for browser in (client, elsewhere):
        sign_in(browser, session, drain, OLENA)
    post(client, "/sign-out/everywhere", page="/sign-in/code")

    assert not is_signed_in(client)
    assert not is_signed_in(elsewhere)


def test_the_language_outlives_the_sign_out(client, session, drain):
    client.post("/language/uk", data={"csrf_token": token_on(client, "/sign-in")})
    sign_in(client, session, drain, OLENA)
    post(client, "/sign-out", page="/sign-in/code")

    assert '<html lang="uk">' in client.get("/sign-in").text


def test_codes_that_are_tried_at_once_are_all_counted(client, session, drain):
    ask(client, OLENA)
    drain()
    link = session.scalars(select(SignInLink)).one()
    for _ in range(5):
        count_attempt(session, link)

    with pytest.raises(LinkUnknown):
        count_attempt(session, link)


def test_signing_out_twice_is_no_trouble(client):
    assert post(client, "/sign-out", page="/sign-in").status_code == 303


def test_a_sign_in_lasts_ninety_days(client, session, drain):
    sign_in(client, session, drain, OLENA)
    with time_machine.travel(utc_now().timestamp() + 89 * 86400):
        within = is_signed_in(client)
    with time_machine.travel(utc_now().timestamp() + 91 * 86400):
        after = is_signed_in(client)

    assert (within, after) == (True, False)


def test_cookies_of_https_are_bound_to_the_host(database_url, gateway):
    app = create_app(make_settings(database_url=database_url, public_url="https://localhost"), gateway)
    client = app.test_client()
    form = {"csrf_token": token_on(client, "/sign-in", base_url="https://localhost"), "email": OLENA}
    answer = client.post("/sign-in", data=form, base_url="https://localhost", headers={"Referer": "https://localhost/"})
    app.extensions["engine"].dispose()

    for cookie in answer.headers.getlist("Set-Cookie"):
        assert cookie.startswith("__Host-")
        assert all(part in cookie for part in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"))
        assert "Domain" not in cookie


@pytest.mark.parametrize("name", ["remember_token", "session"])
def test_no_other_cookie_and_no_header_signs_anybody_in(client, session, drain, name):
    sign_in(client, session, drain, OLENA)
    with client.session_transaction() as kept:
        token = kept["_user_id"]
    client.delete_cookie("membership")
    client.set_cookie(name, token)

    assert client.get("/sign-in", headers={"Authorization": f"Bearer {token}"}).status_code == 200
