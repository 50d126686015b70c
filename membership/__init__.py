"""Reader membership and donations for newsrooms that keep their reporting open."""

from importlib import import_module
from typing import Any

__all__ = ["create_app"]


def __getattr__(name: str) -> Any:
    """Load the application only for whoever asks for it: the sandbox lives in this package and needs none of it."""
    if name == "create_app":
        return import_module("membership.app").create_app
    raise AttributeError(name)
