"""The page about the sandbox names every endpoint and every lever that there is."""

from pathlib import Path

from membership.sandbox.app import create_app
from membership.sandbox.requests import ROUTES
from tests.sandbox.driver import new_world

ROWS = [line for line in Path("docs/sandbox.md").read_text().splitlines() if line.startswith("| `")]


def is_told(method, path):
    """Whether a line about this family names the method, and what is done to one of it."""
    family, _, act = path.partition("/<id>")
    return any(family in row and method in row and act in row for row in ROWS)


def test_every_endpoint_is_described():
    assert [(method, path) for method, path, _ in ROUTES if not is_told(method, path)] == []


def test_every_lever_is_described(tmp_path):
    rules = create_app(new_world(tmp_path)).url_map.iter_rules()
    levers = {str(rule).removeprefix("/_sandbox/") for rule in rules if rule.endpoint.startswith("control.")} - {""}
    told = " ".join(row.split("|")[1] for row in ROWS)

    assert [one for one in levers if f"`{one.replace('<id>', '{id}')}`" not in told] == []
