"""How entries are chained: each hash covers the entry and the hash before it."""

import json
from datetime import datetime
from hashlib import sha256
from typing import Any

BEGINNING = "0" * 64


def hash_of(previous: str, at: datetime, what: tuple[str, str, str], details: dict[str, Any]) -> str:
    """Return the hash of an entry; `what` is its actor, action and subject."""
    entry = [previous, at.isoformat(), *what, details]
    text = json.dumps(entry, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()
