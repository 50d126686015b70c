"""What the check finds when somebody went round the rules."""

from datetime import timedelta

import pytest

from membership.clock import utc_now
from membership.patrons.invariants import INVARIANTS
from membership.patrons.models import Role, SignIn, SignInAttempt, StaffRole
from tests.factories import make_patron

NOW = utc_now()


def offences(session):
    session.flush()
    return [row for find in INVARIANTS.values() for row in find(session)]


def make_sign_in(session, patron, **fields):
    defaults = {"token_hash": "a" * 64, "created_at": NOW, "expires_at": NOW + timedelta(hours=1)}
    session.add(SignIn(patron_id=patron.id, **defaults | fields))


def make_staff(session, patron, **fields):
    session.add(StaffRole(patron_id=patron.id, role=Role.VIEWER, created_at=NOW, **fields))


def test_a_sound_database_offends_nothing(session):
    patron = make_patron(session)
    make_staff(session, patron)
    make_sign_in(session, patron, second_factor_at=NOW)

    assert offences(session) == []


def test_a_bare_secret_is_found(session):
    session.add(SignInAttempt(about_hash="olena@example.org", at=NOW))

    assert offences(session) == ["sign_in_attempts 1"]


def test_a_role_of_nobody_is_found(session):
    make_staff(session, make_patron(session, email=None))

    assert offences(session) == ["staff role 1"]


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({"second_factor_at": NOW}, ["sign-in 1"]),
        ({}, []),
        ({"second_factor_at": NOW, "ended_at": NOW}, []),
        ({"second_factor_at": NOW, "expires_at": NOW}, []),
    ],
)
def test_power_that_outlived_its_role_is_found(session, fields, found):
    make_sign_in(session, make_patron(session), **fields)

    assert offences(session) == found
