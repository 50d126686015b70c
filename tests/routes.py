"""Routes are compiled once per process: each test makes an application, most of which was compiling routes."""

from collections.abc import Callable
from typing import Any

from werkzeug.routing import Rule

_builders: dict[tuple[Any, ...], Callable[..., tuple[str, str]]] = {}
_compile = Rule._compile_builder


def _compile_once(rule: Rule, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
    # All that a builder is made of; the converters it finds on the rule that calls it.
    made_of = (tuple(rule._trace), tuple((rule.defaults or {}).items()), append_unknown)
    if made_of not in _builders:
        _builders[made_of] = _compile(rule, append_unknown)
    return _builders[made_of]


def compile_once() -> None:
    """Let equal routes of several applications share what builds their addresses."""
    Rule._compile_builder = _compile_once  # type: ignore[method-assign]
