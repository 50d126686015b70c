import pytest

from tests.payments.story import Story


@pytest.fixture
def story(context, gateway):
    return Story(gateway)
