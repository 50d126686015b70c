"""The databases to measure on: SQLite in a file, and PostgreSQL from a Python package."""

from collections.abc import Iterator
from pathlib import Path

from tests.databases import postgres_url


def addresses(folder: Path, name: str = "bench") -> Iterator[tuple[str, str]]:
    """Yield each database's name and address, empty and ready."""
    yield "SQLite", f"sqlite:///{folder / 'membership.db'}"
    yield "PostgreSQL", postgres_url(name)
