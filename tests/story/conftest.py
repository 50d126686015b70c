"""A story is told in its order, also where all other tests are shuffled."""

from pathlib import Path

import pytest

HERE = Path(__file__).parent


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    told = [item for item in items if item.path.is_relative_to(HERE)]
    others = [item for item in items if not item.path.is_relative_to(HERE)]
    # First of all, because a story takes longest: the other tests fill the second process meanwhile.
    items[:] = sorted(told, key=lambda item: (item.path, item.location[1] or 0)) + others
