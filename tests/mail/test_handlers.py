"""Letters go out once, later when they must, and secret ones forget what they said."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from membership.clock import utc_now
from membership.jobs.models import Job
from membership.mail.invariants import INVARIANTS
from membership.mail.models import Letter
from membership.mail.service import write


def written(session, kind="ended", to="olena@example.org", **values):
    values = values or {"tier": {"en": "Friend", "uk": "Друг"}}
    write(session, kind, to=to, locale="uk", about="1", **values)
    session.commit()


def sent(session):
    session.rollback()
    session.expire_all()
    return session.scalars(select(Letter)).one()


def offences(session):
    return [row for find in INVARIANTS.values() for row in find(session)]


def test_a_letter_is_sent_once_and_kept_as_it_was_said(session, drain, postbox):
    written(session)
    drain()
    drain()

    letter, message = sent(session), postbox.messages[0]
    assert len(postbox.messages) == 1
    assert message["Subject"] == letter.subject
    assert message["Message-ID"] == f"<{letter.message_id}@localhost>"
    assert letter.text == message.get_body(("plain",)).get_content().replace("\r\n", "\n")
    assert letter.sent_at is not None
    assert offences(session) == []


def test_a_letter_that_was_sent_is_not_sent_again_when_its_job_runs_twice(session, drain, postbox):
    written(session)
    drain()
    session.execute(Job.__table__.update().values(done_at=None))
    session.commit()
    drain()

    assert len(postbox.messages) == 1


def test_a_secret_letter_forgets_its_secret_when_it_is_sent(session, drain, postbox):
    written(session, "sign_in", token="a-token", code="ABCD-2345", minutes=10)
    drain()

    letter = sent(session)
    assert "ABCD-2345" in postbox.messages[0].get_body(("plain",)).get_content()
    assert (letter.values, letter.text, letter.html) == ({}, None, None)
    assert offences(session) == []


def test_a_letter_that_cannot_go_out_now_is_tried_again(session, drain, postbox):
    postbox.answer = "451 Later"
    written(session)
    drain()
    postbox.answer = "250 OK"
    job = session.scalars(select(Job)).one()
    assert (job.error, sent(session).sent_at) == ("MailFailed", None)
    session.execute(Job.__table__.update().values(run_at=utc_now() - timedelta(seconds=1)))
    session.commit()
    drain()

    assert sent(session).sent_at is not None


def test_an_address_that_takes_no_mail_is_not_tried_again(session, drain, postbox):
    postbox.answer = "550 No such person"
    written(session, "sign_in", token="a-token", code="ABCD-2345", minutes=10)
    drain()

    letter = sent(session)
    assert letter.refused_at is not None
    assert letter.values == {}
    assert session.scalars(select(Job)).one().done_at is not None
    assert offences(session) == []


def test_a_refused_letter_keeps_what_it_would_have_said(session, drain, postbox):
    postbox.answer = "550 No such person"
    written(session)
    drain()

    assert sent(session).values["tier"]["en"] == "Friend"


def test_two_addresses_in_one_are_nobody_s(session, drain, postbox):
    written(session, to="olena@example.org, eve@example.org")
    drain()

    assert postbox.messages == []
    assert sent(session).refused_at is not None


def test_the_check_finds_a_letter_without_a_job(session):
    written(session)
    letter = sent(session)
    session.execute(Job.__table__.delete())

    assert offences(session) == [f"letter {letter.id}"]


@pytest.mark.parametrize("end", ["sent_at", "refused_at"])
def test_the_check_finds_a_secret_that_was_kept(session, end):
    written(session, "sign_in", token="t", code="c", minutes=1)
    letter = sent(session)
    setattr(letter, end, utc_now())

    assert offences(session) == [f"letter {letter.id}"]
