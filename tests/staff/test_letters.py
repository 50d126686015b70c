"""Letters without their words, and the work that keeps failing."""

import pytest
from sqlalchemy import select

from membership.app import HANDLERS
from membership.audit.models import AuditEntry
from membership.clock import utc_now
from membership.jobs.models import Job
from membership.mail.kinds import KINDS
from membership.mail.models import Letter
from membership.staff.service.timeline import TELL_WHO_VOTED
from membership.staff.words import JOBS, LETTERS
from tests.browsing import post
from tests.staff.looking import look


def add_letter(session, **fields):
    now = utc_now()
    defaults = {"kind": "sign_in", "recipient": "olena@example.org", "locale": "en", "values": {"code": "S3CRET"}}
    session.add(Letter(key="a", message_id="a", created_at=now, **defaults | fields))
    session.commit()


def add_parked(session):
    now = utc_now()
    session.add(Job(key="k", kind="mail.send", payload={}, run_at=now, attempts=12, parked_at=now, error="MailFailed"))
    session.commit()


def test_before_the_first_letter_the_page_says_what_will_appear(viewer):
    text = viewer.get("/staff/letters").text

    assert "No letter was written yet." in text
    assert "None. Work that failed many times waits here" in text


def test_a_letter_is_listed_without_its_words_and_its_whole_address(viewer, session):
    add_letter(session)

    text = viewer.get("/staff/letters").text

    assert "A way to sign in" in text
    assert "o…@example.org" in text
    assert "waiting" in text
    assert "olena@" not in text
    assert "S3CRET" not in text


@pytest.mark.parametrize("kind", TELL_WHO_VOTED)
def test_no_letter_is_listed_that_tells_who_voted_and_when(viewer, session, kind):
    add_letter(session, kind=kind)
    text = viewer.get("/staff/letters").text

    assert "o…@example.org" not in text
    assert "they would tell who voted, and when" in text


def test_a_letter_that_went_is_not_waiting(viewer, session):
    add_letter(session, sent_at=utc_now())

    assert "waiting" not in viewer.get("/staff/letters").text


def test_a_letter_that_its_address_refused_is_not_waiting(viewer, session):
    add_letter(session, refused_at=utc_now())

    text = viewer.get("/staff/letters").text

    assert "did not go out" in text
    assert "waiting" not in text


def test_all_work_and_every_letter_is_called_by_a_word():
    assert JOBS.keys() == HANDLERS.keys()
    assert LETTERS.keys() == KINDS.keys()


def test_an_admin_has_stuck_work_tried_again_and_that_is_noted(admin, session):
    add_parked(session)
    assert "MailFailed" in admin.get("/staff/letters").text

    answer = post(admin, "/staff/letters/retry", page="/staff/letters")

    assert (answer.status_code, answer.location) == (303, "/staff/letters")
    assert look(session, select(Job.parked_at)) == [None]
    assert look(session, select(AuditEntry.details)) == [{"count": 1}]
    assert "1 piece of work is tried again." in admin.get("/staff/letters").text


def test_who_is_no_admin_is_told_who_can(viewer, session):
    add_parked(session)

    text = viewer.get("/staff/letters").text

    assert "An admin can have it tried again." in text
    assert "Try all of it again" not in text
