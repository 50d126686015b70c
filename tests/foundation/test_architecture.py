"""The house: imports point down, outer libraries stay at the edge, one place commits, one asks the time."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "membership"
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if "sandbox" not in path.relative_to(PACKAGE).parts)
PURE = {"models.py", "rules.py", "service.py", "handlers.py", "forms.py", "errors.py", "invariants.py"}


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def attributes(path: Path) -> Iterator[str]:
    return (node.attr for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Attribute))


def is_pure(path: Path) -> bool:
    return path.name in PURE or path.parent.name in {name.removesuffix(".py") for name in PURE}


def test_the_contracts_of_the_layers_hold():
    assert lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True) == EXIT_STATUS_SUCCESS


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_outer_libraries_stay_at_the_edge(path):
    roots = {name.split(".")[0] for name in imports(path)}

    assert "stripe" not in roots or path.is_relative_to(PACKAGE / "gateway" / "stripe_gateway")
    assert not is_pure(path) or not roots & {"flask", "flask_login", "requests"}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_one_place_commits_and_one_asks_the_time(path):
    used = set(attributes(path))

    assert "commit" not in used or path == PACKAGE / "db.py"
    assert not used & {"now", "utcnow", "today"} or path == PACKAGE / "clock.py"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_nobody_but_the_worker_catches_everything(path):
    handlers = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.ExceptHandler)]
    caught = {ast.unparse(handler.type) if handler.type else "" for handler in handlers}

    assert not caught & {"", "Exception", "BaseException"} or path in {PACKAGE / "jobs/worker.py", PACKAGE / "db.py"}


def test_nothing_is_imported_inside_a_function_or_a_class():
    nested = [
        path
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
        for inner in ast.walk(node)
        if isinstance(inner, ast.Import | ast.ImportFrom)
    ]

    assert nested == []
