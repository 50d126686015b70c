import pytest

from membership.access.service import flags_of
from membership.clock import utc_now
from membership.mail.models import Letter
from tests.factories import make_group, make_patron
from tests.subscriptions.making import rows


@pytest.fixture
def group(session):
    """A group of three seats, looked after by somebody."""
    group = make_group(session, name="City Library")
    session.commit()
    return group


@pytest.fixture
def reader(session):
    patron = make_patron(session, email="olena@example.org", locale="uk")
    session.commit()
    return patron


@pytest.fixture
def letters(session):
    """Read the letters of a kind."""
    return lambda kind: [letter for letter in rows(session, Letter) if letter.kind == kind]


@pytest.fixture
def codes(letters):
    """Read the codes that were sent, by address, as their recipients do."""

    def read():
        sent = letters("seat_invitation")
        return {letter.recipient: letter.values["join_url"].partition("code=")[2] for letter in sent}

    return read


@pytest.fixture
def has_access(session):
    def ask(patron):
        return bool(flags_of(session, patron.id, utc_now()))

    return ask
