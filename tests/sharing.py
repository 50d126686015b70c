"""What equal applications share: each test makes one, and most of its time went into compiling routes and templates."""

from collections.abc import Callable
from typing import Any

from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from sqlalchemy import Dialect, Engine
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule

from membership import db

_builders: dict[tuple[Any, ...], Callable[..., tuple[str, str]]] = {}
_compile = Rule._compile_builder


def _compile_once(rule: Rule, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
    # All that a builder is made of; the converters it finds on the rule that calls it.
    made_of = (tuple(rule._trace), tuple((rule.defaults or {}).items()), append_unknown)
    if made_of not in _builders:
        _builders[made_of] = _compile(rule, append_unknown)
    return _builders[made_of]


def compile_routes_once() -> None:
    """Let equal routes of several applications share what builds their addresses."""
    Rule._compile_builder = _compile_once  # type: ignore[method-assign]


class _Templates(BytecodeCache):
    """Compiled templates, kept in memory under the checksum of their source."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if code := self._kept.get((bucket.key, bucket.checksum)):
            bucket.bytecode_from_string(code)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key, bucket.checksum] = bucket.bytecode_to_string()


_templates = _Templates()


def compile_templates_once(app: Flask) -> None:
    """Let an application take the templates that another has compiled."""
    app.jinja_env.bytecode_cache = _templates


_dialects: dict[str, Dialect] = {}
_statements: dict[str, LRUCache[Any, Any]] = {}
_make_engine = db.make_engine


def _make_alike(url: str, *, alone: bool = False) -> Engine:
    engine = _make_engine(url, alone=alone)
    # Statements are kept under the dialect that compiled them; those of one kind of database compile alike.
    kind = f"{engine.dialect.name} {alone}"
    engine.dialect = engine.pool._dialect = _dialects.setdefault(kind, engine.dialect)
    engine._compiled_cache = _statements.setdefault(kind, LRUCache(2000))
    return engine


def compile_statements_once() -> None:
    """Let an application take the statements that another has compiled for the same kind of database."""
    db.make_engine = _make_alike
