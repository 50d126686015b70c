"""Staff's power needs the second factor, in this sign-in, with a code that nobody used before."""

from threading import Barrier, Thread

import pyotp
import pytest
import time_machine
from sqlalchemy import select

from membership.audit.models import AuditEntry
from membership.audit.service import verify_chain
from membership.clock import utc_now
from membership.patrons.errors import NotStaff
from membership.patrons.login import staff_only
from membership.patrons.models import Role, SignIn, StaffRole
from membership.patrons.service import staff as staff_service
from membership.patrons.service.second_factor import pass_second_factor
from tests.browsing import post, token_on
from tests.factories import make_patron
from tests.patrons.signing_in import SEALER, SECRET, sign_in, step_of

ANNA = "anna@example.org"


@pytest.fixture
def app(app):
    """Give the application a page for each role."""
    for role in Role:
        app.add_url_rule(f"/staff/for-{role}", f"for_{role}", lambda role=role: staff_only(role).email)
    return app


@pytest.fixture
def enrolment(session):
    """Make Anna an admin who has still to connect her app; return her enrolment code."""
    code = staff_service.add_staff(session, ANNA, Role.ADMIN, actor="cli").enrolment_code
    session.commit()
    return code


@pytest.fixture
def anna(session):
    """Make Anna an admin with a second factor."""
    invitation = staff_service.add_staff(session, ANNA, Role.ADMIN, actor="cli")
    staff_service.trust_secret(session, invitation.patron, SECRET, SEALER)
    session.commit()
    return invitation.patron


def code_of(secret=SECRET, steps=0):
    return pyotp.TOTP(secret).generate_otp(step_of(utc_now().timestamp()) + steps)


def show(client, code, **form):
    return post(client, "/staff/second-factor", {"code": code, **form})


def may(client, role=Role.VIEWER):
    return client.get(f"/staff/for-{role}").status_code == 200


def test_the_letter_alone_opens_no_page_of_the_newsroom(client, session, drain, anna):
    sign_in(client, session, drain, ANNA)
    answers = [client.get(f"/staff/for-{role}?a=b") for role in Role]

    assert [answer.status_code for answer in answers] == [303] * 4
    assert answers[0].location == "/staff/second-factor?next=/staff/for-viewer?a%3Db"


def test_the_code_of_her_app_opens_it_and_brings_her_where_she_wanted(client, session, drain, anna):
    sign_in(client, session, drain, ANNA)
    answer = show(client, code_of(), next="/staff/for-viewer")

    assert (answer.status_code, answer.location) == (303, "/staff/for-viewer")
    assert client.get(answer.location).text == ANNA


@pytest.mark.parametrize("role", Role)
def test_a_role_reaches_its_own_pages_and_those_below(client, session, drain, anna, role):
    session.scalars(select(StaffRole)).one().role = role
    session.commit()
    sign_in(client, session, drain, ANNA)
    show(client, code_of())

    assert [may(client, needed) for needed in Role] == [list(Role).index(role) >= n for n in range(4)]


@pytest.mark.parametrize("path", ["/staff/for-viewer", "/staff/second-factor", "/staff/enrol"])
def test_readers_are_told_that_it_is_not_for_them(client, session, drain, path):
    make_patron(session, email="olena@example.org")
    session.commit()
    sign_in(client, session, drain, "olena@example.org")

    assert client.get(path).status_code == 403


@pytest.mark.parametrize("path", ["/staff/for-viewer", "/staff/second-factor", "/staff/enrol"])
def test_strangers_sign_in_first(client, path):
    answer = client.get(path)

    assert (answer.status_code, answer.location) == (303, f"/sign-in?next={path}")


def test_a_code_is_taken_once(app, session, drain, anna):
    code, browsers = code_of(), [app.test_client(), app.test_client()]
    for browser in browsers:
        sign_in(browser, session, drain, ANNA)
    answers = [show(browser, code) for browser in browsers]

    assert [answer.status_code for answer in answers] == [303, 400]
    assert not may(browsers[1])


def test_a_code_that_is_shown_twice_at_once_is_taken_once(app, session, drain, anna):
    browsers = [app.test_client() for _ in range(4)]
    for browser in browsers:
        sign_in(browser, session, drain, ANNA)
    forms = [{"csrf_token": token_on(browser, "/staff/second-factor"), "code": code_of()} for browser in browsers]
    start, answers = Barrier(4), []

    def press(browser, form):
        start.wait(10)
        answers.append(browser.post("/staff/second-factor", data=form).status_code)

    threads = [Thread(target=press, args=pair) for pair in zip(browsers, forms, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(answers) == [303, 400, 400, 400]


@pytest.mark.parametrize("code", ["", "123", "abcdef", "١٢٣٤٥٦", -9, 9])
def test_a_wrong_code_opens_nothing_and_is_said_so_at_its_field(client, session, drain, anna, code):
    sign_in(client, session, drain, ANNA)
    answer = show(client, code_of(steps=code) if isinstance(code, int) else code, next="/staff/for-viewer")

    assert answer.status_code == 400
    assert 'aria-describedby="code-error"' in answer.text
    assert 'value="/staff/for-viewer"' in answer.text
    assert not may(client)


def test_a_code_may_be_typed_with_a_space(client, session, drain, anna):
    sign_in(client, session, drain, ANNA)
    code = code_of()

    assert show(client, f"{code[:3]} {code[3:]}").status_code == 303


def test_after_five_wrong_codes_even_the_right_one_waits_fifteen_minutes(client, session, drain, anna):
    sign_in(client, session, drain, ANNA)
    wrong = [show(client, "000000").status_code for _ in range(5)]
    locked = show(client, code_of())
    with time_machine.travel(utc_now().timestamp() + 901):
        later = show(client, code_of())

    assert wrong == [400] * 5
    assert locked.status_code == 409
    assert "wait fifteen minutes" in locked.text
    assert later.status_code == 303


def test_elevation_begins_a_new_session_and_ends_the_old_one(app, client, session, drain, anna):
    sign_in(client, session, drain, ANNA)
    old = client.get_cookie("membership").value
    show(client, code_of())
    thief = app.test_client()
    thief.set_cookie("membership", old)

    assert client.get_cookie("membership").value != old
    assert not may(thief)
    assert thief.get("/sign-in").status_code == 200


def test_the_second_factor_belongs_to_one_browser(app, client, session, drain, anna):
    sign_in(client, session, drain, ANNA)
    show(client, code_of())
    other = app.test_client()
    sign_in(other, session, drain, ANNA)

    assert may(client)
    assert not may(other)


def test_staff_are_signed_out_after_twelve_hours(client, session, drain, anna):
    sign_in(client, session, drain, ANNA)
    show(client, code_of())
    with time_machine.travel(utc_now().timestamp() + 11.9 * 3600):
        within = may(client)
    with time_machine.travel(utc_now().timestamp() + 12.1 * 3600):
        after = may(client)

    assert (within, after) == (True, False)


@pytest.mark.parametrize("end", ["disable", "demote"])
def test_power_ends_at_once_with_the_role(client, session, drain, anna, end):
    staff_service.add_staff(session, "bohdan@example.org", Role.ADMIN, actor="cli")
    session.commit()
    sign_in(client, session, drain, ANNA)
    show(client, code_of())
    if end == "disable":
        staff_service.disable_staff(session, ANNA, actor="cli")
    else:
        staff_service.change_role(session, ANNA, Role.VIEWER, actor="cli")
    session.commit()

    assert not may(client)
    assert client.get("/sign-in").status_code == 200


@pytest.mark.parametrize(
    "trick", [{"query_string": {"second_factor_at": "now", "totp": "1"}}, {"headers": {"X-Second-Factor": "done"}}]
)
def test_the_step_is_skipped_by_no_parameter(client, session, drain, anna, trick):
    sign_in(client, session, drain, ANNA)

    assert client.get("/staff/for-viewer", **trick).status_code == 303


def test_a_setting_of_flask_login_opens_nothing(app, client):
    app.config["LOGIN_DISABLED"] = True

    assert not may(client)


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "options"])
def test_no_other_method_slips_by(client, method):
    assert getattr(client, method)("/staff/for-viewer").status_code in {200, 400, 405}
    assert ANNA not in getattr(client, method)("/staff/for-viewer").text


def test_connecting_an_app_takes_the_enrolment_code_and_a_first_code(client, session, drain, enrolment):
    sign_in(client, session, drain, ANNA)
    asked = client.get("/staff/second-factor?next=/staff/for-admin")
    begun = post(client, "/staff/enrol", {"enrolment": enrolment, "next": "/staff/for-admin"})
    secret = begun.text.split('<p class="code">')[1].split("<")[0]
    done = connect(client, enrolment, code_of(secret), next="/staff/for-admin")

    assert asked.location == "/staff/enrol?next=/staff/for-admin"
    assert "data:image/svg+xml" in begun.text
    assert (done.status_code, done.location) == (303, "/staff/for-admin")
    assert may(client, Role.ADMIN)


def connect(client, enrolment, code, **form):
    form = {"enrolment": enrolment, "code": code, **form}
    return post(client, "/staff/enrol/connect", form, page="/staff/enrol")


def test_a_wrong_first_code_shows_the_same_secret_again(client, session, drain, enrolment):
    sign_in(client, session, drain, ANNA)
    begun = post(client, "/staff/enrol", {"enrolment": enrolment})
    again = connect(client, enrolment, "000000")
    secret = begun.text.split('<p class="code">')[1].split("<")[0]

    assert again.status_code == 400
    assert secret in again.text
    assert not may(client)


@pytest.mark.parametrize("typed", ["", "AAAA-AAAA"])
def test_without_the_enrolment_code_no_secret_is_shown(client, session, drain, enrolment, typed):
    sign_in(client, session, drain, ANNA)
    answer = post(client, "/staff/enrol", {"enrolment": typed})

    assert answer.status_code == 400
    assert 'class="code"' not in answer.text
    assert connect(client, typed, "000000").status_code == 400


def test_enrolment_codes_are_not_guessed(client, session, drain, enrolment):
    sign_in(client, session, drain, ANNA)
    guesses = [post(client, "/staff/enrol", {"enrolment": "AAAA-AAAA"}).status_code for _ in range(5)]

    assert guesses == [400] * 5
    assert post(client, "/staff/enrol", {"enrolment": enrolment}).status_code == 409
    assert connect(client, enrolment, "000000").status_code == 409


def test_an_enrolment_code_works_once_and_for_seven_days(client, session, drain, enrolment):
    with time_machine.travel(utc_now().timestamp() + 7.1 * 86400):
        sign_in(client, session, drain, ANNA)
        late = post(client, "/staff/enrol", {"enrolment": enrolment}).status_code
    sign_in(client, session, drain, ANNA)
    begun = post(client, "/staff/enrol", {"enrolment": enrolment})
    connect(client, enrolment, code_of(begun.text.split('<p class="code">')[1].split("<")[0]))

    assert late == 400
    assert post(client, "/staff/enrol", {"enrolment": enrolment}).status_code == 400


def test_connecting_without_having_begun_is_refused(client, session, drain, enrolment):
    sign_in(client, session, drain, ANNA)

    assert connect(client, enrolment, code_of()).status_code == 409


def test_who_has_no_app_yet_has_no_second_factor(client, session, drain, enrolment):
    sign_in(client, session, drain, ANNA)

    assert show_from(client, "/staff/enrol").status_code == 400


def show_from(client, page):
    return post(client, "/staff/second-factor", {"code": code_of()}, page=page)


def test_a_secret_that_no_key_opens_asks_for_a_new_enrolment(client, session, drain, anna):
    session.scalars(select(StaffRole)).one().totp_sealed = "sealed with a key that is gone"
    session.commit()
    sign_in(client, session, drain, ANNA)
    answer = show(client, code_of())

    assert answer.status_code == 409
    assert "connected anew" in answer.text


def test_secrets_are_sealed_and_what_staff_did_is_noted(client, session, drain, anna):
    sign_in(client, session, drain, ANNA)
    show(client, code_of())
    session.rollback()

    assert SECRET not in session.scalars(select(StaffRole)).one().totp_sealed
    noted = [entry.action for entry in session.scalars(select(AuditEntry).order_by(AuditEntry.id))]
    assert noted == ["staff.added", "staff.enrolled", "staff.signed_in"]
    assert verify_chain(session) == []


def test_staff_who_were_disabled_meanwhile_cannot_finish(app, session, anna):
    sign_in_row = SignIn(patron_id=anna.id, token_hash="x" * 64, created_at=utc_now(), expires_at=utc_now())
    session.add(sign_in_row)
    anna.staff.disabled_at = utc_now()
    session.flush()

    with pytest.raises(NotStaff):
        pass_second_factor(session, sign_in_row, code_of(), SEALER)
