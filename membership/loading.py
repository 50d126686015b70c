"""Libraries that few requests need: loaded by the first that does, since each is megabytes in every web process."""

from importlib import import_module
from typing import Any


class Seldom:
    """Stands for a module until something of it is asked for."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        return getattr(import_module(self._name), attribute)
