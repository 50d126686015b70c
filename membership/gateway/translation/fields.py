"""Fields that many of Stripe's objects share."""

from datetime import UTC, datetime
from typing import Any

# An expandable field is an id or an object, and the types of the package cannot tell which was asked for.
Expanded = Any


def id_of(reference: Expanded) -> str | None:
    """Return the id of a reference, expanded or not."""
    return reference if reference is None or isinstance(reference, str) else reference.id


def reference_of(found: Expanded) -> str:
    """Return the reference of ours that an object carries, or nothing."""
    return found.metadata["reference"] if found.metadata and "reference" in found.metadata else ""


def moment(seconds: int) -> datetime:
    """Read whole seconds since 1970."""
    return datetime.fromtimestamp(seconds, UTC)


def moment_or_none(seconds: int | None) -> datetime | None:
    """Read whole seconds since 1970, if given."""
    return None if seconds is None else moment(seconds)
