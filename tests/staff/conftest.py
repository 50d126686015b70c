"""Browsers of staff, one per role."""

import pytest

from membership.patrons.models import Role
from tests.staff.signing_in import staff_client


@pytest.fixture
def viewer(app, session):
    return staff_client(app, session, Role.VIEWER)


@pytest.fixture
def editor(app, session):
    return staff_client(app, session, Role.EDITOR)


@pytest.fixture
def finance(app, session):
    return staff_client(app, session, Role.FINANCE)


@pytest.fixture
def admin(app, session):
    return staff_client(app, session, Role.ADMIN)
