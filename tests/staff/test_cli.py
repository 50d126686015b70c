"""`flask patrons`: what staff do to one patron, with a reason that stays."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from membership.access.errors import BeingErased
from membership.access.service import flags_of, list_bans_of
from membership.audit.models import AuditEntry
from membership.clock import utc_now
from membership.db import session as reading
from membership.mail.models import Letter
from membership.privacy.service import ask_erasure
from membership.voting.models import Ballot, RoundState
from tests.factories import make_patron, make_roll_entry, make_round, make_tier

REASON = ("--reason", "asked by phone")


@pytest.fixture
def run(app):
    return lambda *words: app.test_cli_runner().invoke(args=["patrons", *words])


@pytest.fixture
def guest(context, session):
    make_tier(session, slug="friend")
    patron = make_patron(session)
    session.commit()
    return patron


def noted():
    reading().rollback()
    return [(entry.action, entry.details["reason"]) for entry in reading().scalars(select(AuditEntry))]


def test_access_is_granted_and_taken_back(run, guest):
    day = f"{utc_now() + timedelta(days=9):%Y-%m-%d}"
    told = json.loads(run("comp", guest.email, "friend", "--until", day, "--json", *REASON).output)
    assert flags_of(reading(), guest.id, utc_now())

    reading().rollback()
    assert run("uncomp", guest.email, str(told["comp"]), *REASON).exit_code == 0
    reading().rollback()
    assert not flags_of(reading(), guest.id, utc_now())
    assert [action for action, _ in noted()] == ["comp.granted", "comp.revoked"]


def test_a_patron_is_shut_out_and_let_in_again(run, guest):
    assert run("ban", guest.email, *REASON).exit_code == 0
    assert list_bans_of(reading(), guest.id)[0].lifted_at is None
    reading().rollback()
    assert run("unban", guest.email, *REASON).exit_code == 0
    assert [action for action, _ in noted()] == ["patron.banned", "patron.unbanned"]


@pytest.mark.parametrize(
    "words",
    [
        ("comp", "nobody@example.org", "friend", "--until", "2126-01-01", *REASON),
        ("comp", "GUEST", "friend", "--until", "2126-01-01"),
        ("comp", "GUEST", "friend", "--until", "2126-01-01", "--reason", " "),
        ("comp", "GUEST", "friend", "--until", "soon", *REASON),
        ("comp", "GUEST", "friend", "--until", "2020-01-01", *REASON),
        ("uncomp", "GUEST", "1", "--reason", " "),
        ("uncomp", "GUEST", "1", *REASON),
        ("ban", "GUEST", "--reason", " "),
        ("unban", "GUEST", *REASON),
    ],
)
def test_what_cannot_be_done_is_refused_and_not_noted(run, guest, words):
    answer = run(*[guest.email if word == "GUEST" else word for word in words])

    assert answer.exit_code != 0
    assert noted() == []


def test_nobody_is_told_how_when_or_whether_she_voted(run, session, guest):
    round, now = make_round(session, state=RoundState.OPEN), utc_now()
    entry = make_roll_entry(session, round, patron_id=guest.id, voted_at=now, confirmed_at=now)
    ballot = {"weight": 1, "marks": [round.slugs[0]], "receipt": "KXQ793PM4RTA8WDE"}
    session.add(Ballot(round_id=round.id, roll_entry_id=entry.id, **ballot))
    for kind in ("vote_receipt", "vote_struck"):
        letter = {"key": f"{kind}:x", "kind": kind, "recipient": guest.email, "locale": "en", "values": ballot}
        session.add(Letter(**letter, message_id=kind, created_at=now))
    session.commit()
    output = run("export", guest.email, "--json").output
    told = json.loads(output)

    assert "ballots" not in told
    assert not {"voted_at", "confirmed_at"} & set(told["roll_entries"][0])
    assert [letter["kind"] for letter in told["letters"]] == ["vote_struck"]
    assert "ballots: 1" not in run("export", guest.email).output
    assert "account page" in run("export", guest.email).output


def test_nothing_is_granted_to_whoever_is_being_erased(run, guest, session):
    ask_erasure(session, guest, actor="test", reason="asked")
    session.commit()
    answer = run("comp", guest.email, "friend", "--until", "2126-01-01", *REASON)

    assert (answer.exit_code, answer.output) == (1, f"Error: {BeingErased.message}\n")


def test_a_patron_is_told_all_and_erased(run, guest):
    email = guest.email
    told = json.loads(run("export", email, "--json").output)
    assert "finds hers on her own account page" in told["left_out"]
    assert [row["email"] for row in told["patrons"]] == [email]

    reading().rollback()
    assert json.loads(run("erase", email, *REASON, "--json").output) == {"erased": True}
    reading().rollback()
    actions = list(reading().scalars(select(AuditEntry.action).order_by(AuditEntry.id)))
    assert actions == ["patron.exported", "patron.erasure_asked", "patron.erased"]
    assert run("export", email).exit_code == 1
