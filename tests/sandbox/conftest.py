import pytest

from membership.sandbox.webhooks import Mode
from tests.sandbox.driver import new_world, receiving, serving


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
