"""Letters are written once, in the transaction that causes them."""

import pytest
from sqlalchemy import func, select

from membership.jobs.models import Job
from membership.mail.models import Letter
from membership.mail.service import write


def write_ended(session, to="olena@example.org", about="sub_1"):
    write(session, "ended", to=to, locale="en", about=about, tier={"en": "Friend"})


def letters_to(session, recipient):
    return session.scalars(select(Letter).filter_by(recipient=recipient)).all()


def test_a_letter_comes_with_the_job_that_sends_it(session):
    write_ended(session)

    letter, job = session.scalars(select(Letter)).one(), session.scalars(select(Job)).one()
    assert (job.kind, job.payload) == ("mail.send", {"letter_id": letter.id})


def test_the_same_letter_about_the_same_thing_is_written_once(session):
    for about in ("sub_1", "sub_1", "sub_2"):
        write_ended(session, about=about)

    assert len(letters_to(session, "olena@example.org")) == 2
    assert session.scalar(select(func.count()).select_from(Job)) == 2


def test_a_letter_goes_to_each_recipient(session):
    for to in ("olena@example.org", "taras@example.org"):
        write_ended(session, to=to)

    assert [letter.recipient for letter in letters_to(session, "taras@example.org")] == ["taras@example.org"]


def test_a_letter_that_could_not_be_said_is_not_written(session):
    with pytest.raises(ValueError, match="tier"):
        write(session, "ended", to="olena@example.org", locale="en", about="sub_1")


def test_what_is_undone_leaves_no_letter(session):
    write_ended(session)
    session.rollback()

    assert session.scalars(select(Letter)).all() == []
