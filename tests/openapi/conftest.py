import shutil

import pytest


@pytest.fixture
def database_url(sqlite_template, tmp_path):
    """Give an empty database of one kind; what a description says does not depend on it, and asking takes a while."""
    shutil.copy(sqlite_template, tmp_path / "test.db")
    return f"sqlite:///{tmp_path / 'test.db'}"
