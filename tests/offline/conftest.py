import pytest

from tests.offline.statements import open_account


@pytest.fixture
def account(session):
    way = open_account(session)
    session.commit()
    return way.details["iban"]
