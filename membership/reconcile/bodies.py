"""What Stripe told, as text, and read again."""

from dataclasses import fields
from functools import cache
from typing import Any, get_args

from pydantic import TypeAdapter

from membership.payments.fulfilment import Facts
from membership.reconcile.grouping import Anything


def write(kind: str, snapshot: Anything) -> str:
    """Write a snapshot down."""
    return _adapter(kind).dump_json(snapshot).decode()


def read(kind: str, body: str) -> Anything:
    """Read a snapshot that was written down."""
    found: Anything = _adapter(kind).validate_json(body)
    return found


@cache
def _adapter(kind: str) -> TypeAdapter[Any]:
    (of_kind,) = [one.type for one in fields(Facts) if one.name == kind]
    return TypeAdapter(get_args(of_kind)[0])
