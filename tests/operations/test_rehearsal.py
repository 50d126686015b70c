"""`flask sandbox rehearse`: two years of a newsroom in seconds, and what came of them."""

import json
from pathlib import Path

import pytest

from membership import clock
from membership.config import Mode
from membership.operations.rehearsal import sandbox as process

SCENARIOS = Path(__file__).parents[2] / "demo" / "scenarios"
pytestmark = [pytest.mark.processes, pytest.mark.timeout(400)]

# Of each patron: how she stands, what she paid and what went back in minor units, letters beside receipts.
ENDS = {
    "quiet": {
        "Olena": ("active", {"eur": 11200}, {}, {"welcome": 1}),
        "James": ("active", {"eur": 10000}, {}, {"welcome": 1}),
        "Grace": ("none", {"eur": 10000}, {}, {}),
        "Andriy": ("ended", {"eur": 7000}, {}, {"welcome": 1, "stopping": 1, "ended": 1}),
    },
    "card": {
        "Olena": ("active", {"eur": 11200}, {}, {"welcome": 1, "payment_late": 1}),
        "James": ("ended", {"eur": 1400}, {}, {"welcome": 1, "payment_late": 1, "payment_late_again": 1, "ended": 1}),
    },
    "disputes": {
        "Grace": ("none", {"eur": 4000}, {"eur": 1500}, {"refunded": 1}),
        "Olena": ("active", {"eur": 5000}, {}, {"welcome": 1, "disputed": 1, "ended": 1}),
        "James": ("ended", {"eur": 5000}, {}, {"welcome": 1, "disputed": 1, "ended": 1}),
    },
    "debit": {
        "Olena": ("active", {"eur": 15000}, {"eur": 5000}, {"welcome": 1, "debit_returned": 1}),
        "James": ("none", {}, {}, {"debit_refused": 1}),
        "Grace": ("none", {"eur": 3000}, {"eur": 3000}, {"debit_returned": 1}),
    },
    "currencies": {
        "Clara": ("active", {"eur": 10000}, {}, {"welcome": 1}),
        "Noah": ("active", {"usd": 13500}, {}, {"welcome": 1}),
        "Olena": ("active", {"uah": 400000}, {}, {"welcome": 1}),
    },
    "rise": {
        "Olena": ("active", {"eur": 12700}, {}, {"welcome": 1, "price_rise": 1}),
        "James": ("ended", {"eur": 4200}, {}, {"welcome": 1, "price_rise": 1, "stopping": 1, "ended": 1}),
    },
}


@pytest.fixture
def database_url(tmp_path):
    """Give a database that is never opened: a rehearsal has its own."""
    return f"sqlite:///{tmp_path}/not-opened.db"


def rehearse(app, path, *words):
    return app.test_cli_runner(catch_exceptions=False).invoke(args=["sandbox", "rehearse", str(path), *words])


def written(folder, *lines):
    path = folder / "scenario.toml"
    path.write_text("\n".join(['title = "A short one"', "months = 5", "[[tier]]", 'slug = "friend"', *lines]))
    return path


def step(**fields):
    return "\n".join(["[[step]]", *(f"{name} = {json.dumps(value)}" for name, value in fields.items())])


def end_of(one):
    letters = {kind: count for kind, count in one["letters"].items() if not kind.startswith("receipt")}
    return one["state"], one["paid"], one["returned"], letters


def test_every_shipped_scenario_has_an_end_here():
    assert {path.stem for path in SCENARIOS.glob("*.toml")} == ENDS.keys()


@pytest.mark.parametrize("name", ENDS)
def test_a_shipped_scenario_ends_as_it_should(app, name):
    result = rehearse(app, SCENARIOS / f"{name}.toml", "--json")
    told = json.loads(result.stdout)

    assert result.exit_code == 0
    assert {one["name"]: end_of(one) for one in told["patrons"]} == ENDS[name]
    assert (told["offended"], told["found"], told["left"]) == ([], 0, 0)


def test_everything_that_can_happen_to_one_patron_is_told_in_a_table(app, tmp_path):
    path = written(
        tmp_path,
        'prices = "month=5.00eur,year=50.00eur"',
        step(day=0, patron="Olena", does="join", tier="friend"),
        step(day=5, does="lose_events"),
        step(day=40, does="deliver_events"),
        step(day=65, patron="Olena", does="stop"),
        step(day=66, patron="Olena", does="continue"),
        step(day=70, patron="Olena", does="pause", months=1),
        step(day=130, patron="Olena", does="move", tier="friend", interval="year"),
    )
    result = rehearse(app, path)

    assert result.exit_code == 0, result.output
    assert "Olena              join friend month 4242424242424242" in result.output
    assert "access: active friend" in result.output
    assert "access: ended" not in result.output
    assert all(f"letter: {kind}" in result.output for kind in ("stopping", "continuing", "paused", "change_planned"))
    assert "Invariants offended: none." in result.output
    assert clock._offset_file is None


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (["prices ="], "cannot be read"),
        (['prices = "month=5.00eur"', step(day=0, patron="Olena", does="dance")], "step.0"),
        (['prices = "month=5.00eur"', step(day=999, does="lose_events")], "a step comes after the end"),
        (['prices = "month=5.00eur"', step(day=0, patron="Olena", does="stop")], "Olena has no payment"),
        (['prices = "month=5.00eur"', step(day=0, patron="Olena", does="join", tier="friend", card="1")], "test cards"),
    ],
)
def test_what_cannot_be_played_is_told_in_one_line(app, tmp_path, lines, words):
    result = rehearse(app, written(tmp_path, *lines))

    assert result.exit_code == 1
    assert words in result.output


@pytest.mark.parametrize("does", ["refund", "lose_dispute"])
def test_a_step_about_a_payment_needs_one(app, tmp_path, does):
    gift = step(day=0, patron="Grace", does="give", amount="5.00", card="DE62370400440532013001")
    lines = ['prices = "month=5.00eur"', gift, step(day=1, patron="Grace", does=does)]

    assert "Grace has no payment" in rehearse(app, written(tmp_path, *lines)).output


def test_a_sandbox_that_does_not_start_is_told(app, monkeypatch):
    monkeypatch.setattr(process.sys, "executable", "/bin/true")

    assert "The sandbox did not start" in rehearse(app, SCENARIOS / "quiet.toml").output


def test_nothing_is_rehearsed_in_production(app):
    settings = app.extensions["settings"]
    app.extensions["settings"] = settings.model_copy(update={"membership_mode": Mode.PRODUCTION})
    result = rehearse(app, SCENARIOS / "quiet.toml")

    assert result.exit_code == 1
    assert "Nothing is rehearsed in production" in result.output
