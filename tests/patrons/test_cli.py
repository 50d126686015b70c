"""Staff are made, changed and disabled by whoever runs the service; the last admin stays."""

import json

import pytest
from sqlalchemy import select

from membership.audit.models import AuditEntry
from membership.mail.models import Letter
from membership.patrons.models import Role, StaffRole
from membership.patrons.rules import hash_of, typed_code
from tests.patrons.signing_in import SEALER, SECRET

ANNA, BOHDAN = "anna@example.org", "bohdan@example.org"


@pytest.fixture
def flask(app):
    runner = app.test_cli_runner()
    return lambda *words: runner.invoke(args=["staff", *words])


def roles(session):
    found = {one.patron.email: one for one in session.scalars(select(StaffRole))}
    session.expunge_all()
    session.rollback()
    return found


def test_adding_staff_prints_the_enrolment_code_and_writes_to_them(flask, session):
    told = json.loads(flask("add", "Anna@example.org", "--role", "admin", "--json").output)

    anna = roles(session)[ANNA]
    assert (anna.role, anna.totp_confirmed_at) == (Role.ADMIN, None)
    assert anna.enrolment_hash == hash_of(typed_code(told["enrolment_code"]))
    assert session.scalars(select(Letter)).one().kind == "staff_invited"


def test_adding_staff_again_voids_the_second_factor_that_they_had(flask, session):
    flask("add", ANNA, "--role", "admin", "--totp-secret", SECRET)
    before = roles(session)[ANNA].totp_confirmed_at
    output = flask("add", ANNA, "--role", "admin").output

    anna = roles(session)[ANNA]
    assert before is not None
    assert (anna.totp_sealed, anna.totp_confirmed_at) == (None, None)
    assert "Enrolment code, for 7 days:" in output


def test_a_demonstration_may_know_the_second_factor(flask, session):
    told = json.loads(flask("add", ANNA, "--role", "editor", "--totp-secret", SECRET, "--json").output)

    anna = roles(session)[ANNA]
    assert told["enrolment_code"] is None
    assert SEALER.decrypt(anna.totp_sealed.encode()).decode() == SECRET


@pytest.mark.parametrize("secret", ["short", "JBSWY3DP", "not base 32!" * 4])
def test_a_second_factor_that_is_too_weak_is_refused(flask, session, secret):
    assert flask("add", ANNA, "--totp-secret", secret).exit_code == 2
    assert roles(session) == {}


def test_roles_change(flask, session):
    flask("add", ANNA, "--role", "viewer")

    assert flask("role", ANNA, "finance").output == "anna@example.org is finance now.\n"
    assert roles(session)[ANNA].role is Role.FINANCE
    assert flask("role", ANNA, "admin", "--json").exit_code == 0


@pytest.mark.parametrize("words", [["role", ANNA, "viewer"], ["disable", ANNA], ["add", ANNA, "--role", "viewer"]])
def test_the_last_admin_stays(flask, session, words):
    flask("add", ANNA, "--role", "admin")
    flask("add", BOHDAN, "--role", "editor")
    refused = flask(*words)
    flask("role", BOHDAN, "admin")
    allowed = flask(*words)

    assert (refused.exit_code, allowed.exit_code) == (1, 0)
    assert "last admin" in refused.output


@pytest.mark.parametrize("words", [["role", BOHDAN, "viewer"], ["disable", BOHDAN], ["disable", "nonsense"]])
def test_who_is_not_staff_is_not_made_so_by_mistake(flask, session, words):
    flask("add", ANNA, "--role", "admin")

    assert flask(*words).exit_code == 1
    assert set(roles(session)) == {ANNA}


def test_disabled_staff_are_listed_and_can_come_back(flask, session):
    for email in (ANNA, BOHDAN):
        flask("add", email, "--role", "admin", "--totp-secret", SECRET)
    flask("disable", BOHDAN)
    twice = flask("disable", BOHDAN)
    flask("add", "vira@example.org")
    listed = json.loads(flask("list", "--json").output)["staff"]
    flask("add", BOHDAN, "--role", "viewer")

    assert twice.exit_code == 1
    assert [one["state"] for one in listed] == ["active", "disabled", "invited"]
    assert f"{ANNA} admin active" in flask("list").output
    assert roles(session)[BOHDAN].disabled_at is None


def test_all_of_it_is_noted_without_addresses(flask, session):
    flask("add", ANNA, "--role", "admin")
    flask("add", BOHDAN, "--role", "viewer")
    flask("role", BOHDAN, "editor")
    flask("disable", BOHDAN)

    noted = session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    assert [entry.action for entry in noted] == ["staff.added", "staff.added", "staff.role", "staff.disabled"]
    assert noted[2].details == {"before": "viewer", "after": "editor"}
    assert "@" not in "".join(f"{entry.subject}{entry.details}" for entry in noted)
