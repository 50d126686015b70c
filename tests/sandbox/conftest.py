import pytest

from membership.sandbox.webhooks import Mode
from tests.sandbox.driver import new_world, receiving, serving
from tests.sandbox.schemas import problems


@pytest.fixture
def sandbox(tmp_path):
    """Run a sandbox in a thread, whose events nobody receives."""
    with serving(new_world(tmp_path, mode=Mode.DROP)) as driver:
        yield driver


@pytest.fixture
def receiver():
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def delivering(tmp_path, receiver):
    """Run a sandbox in a thread, whose events go to the receiver."""
    with serving(new_world(tmp_path, endpoint=receiver.endpoint)) as driver:
        yield driver


@pytest.fixture
def sandbox2025(tmp_path):
    """Run a sandbox that begins with the year 2025, whose events nobody receives; check all that it made."""
    with serving(new_world(tmp_path, "2025-01-01T00:00", mode=Mode.DROP)) as driver:
        yield driver
    tables = driver.world.store.tables.values()
    assert not {one for table in tables for thing in table.values() for one in problems(thing)}
