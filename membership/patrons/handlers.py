"""Letters with ways in are written by the worker, out of the sight of whoever asks."""

from typing import Any

from membership.db import transaction
from membership.patrons.service import links


def write_link(payload: dict[str, Any]) -> None:
    """Write the letter that was asked for, if the address has an account."""
    with transaction() as session:
        links.forget_attempts(session)
        links.write_link(session, payload["email"], payload["browser_hash"], payload["next_path"])
