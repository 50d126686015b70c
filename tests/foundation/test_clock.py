"""The clock follows the sandbox's, when told to."""

from datetime import UTC, datetime, timedelta

import pytest

from membership import clock


@pytest.fixture(autouse=True)
def own_clock():
    yield
    clock.follow(None)


def test_the_offset_of_the_sandbox_is_added(tmp_path):
    (tmp_path / "offset").write_text("86400")
    clock.follow(tmp_path / "offset")

    assert timedelta(hours=23) < clock.utc_now() - datetime.now(UTC) < timedelta(hours=25)


@pytest.mark.parametrize("text", [None, ""])
def test_no_file_or_an_empty_one_is_no_offset(tmp_path, text):
    if text is not None:
        (tmp_path / "offset").write_text(text)
    clock.follow(tmp_path / "offset")

    assert abs(clock.utc_now() - datetime.now(UTC)) < timedelta(minutes=1)
