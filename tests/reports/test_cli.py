"""Commands that report what came in."""

import json
from datetime import UTC, datetime

import pytest

from membership.money import Money
from tests.factories import make_payment

MIDDLE = datetime(2026, 11, 15, tzinfo=UTC)


@pytest.fixture
def run(app):
    return lambda *args: app.test_cli_runner().invoke(args=["report", "month", *args])


@pytest.fixture
def november(session):
    make_payment(session, paid_at=MIDDLE)
    make_payment(session, paid_at=MIDDLE, gross=Money(90_000, "uah"), fee_minor=None, source="/articles/river")
    session.commit()


def test_a_month_is_told_to_programs(run, november):
    told = json.loads(run("2026-11", "--json").output)

    assert told["since"] == "2026-10-31T22:00:00+00:00"
    assert [total["gross"] for total in told["totals"]] == [
        {"minor": 2000, "currency": "eur"},
        {"minor": 90_000, "currency": "uah"},
    ]
    assert told["by_source"][1]["source"] == "/articles/river"


def test_a_month_is_told_to_people(run, november):
    lines = run("2026-11").output.splitlines()

    nothing = "refunds 0.00, disputes and write-offs 0.00"
    assert f"EUR: gross 20.00, added for fees 0.00, fees 0.60, {nothing}, net 19.40" in lines
    unknown = "net 900.00 (1 fees not known yet)"
    assert f"UAH: gross 900.00, added for fees 0.00, fees 0.00, {nothing}, {unknown}" in lines


def test_this_month_is_told_unless_another_is_named(run):
    answer = run()

    assert answer.exit_code == 0
    assert "Nothing came in." in answer.output


def test_what_is_no_month_is_refused(run):
    answer = run("november")

    assert answer.exit_code == 2
    assert "Please name a month like 2026-11." in answer.output
