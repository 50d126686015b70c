"""What the access API answers, as it goes over the wire."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime

from membership.access.rules import Decision


@dataclass(frozen=True, slots=True)
class Answer:
    """The JSON, and how long and for whom it may be kept."""

    body: bytes
    headers: dict[str, str]


def describe(subject: str, decision: Decision, now: datetime) -> Answer:
    """Write a decision about the reader whom the site knows by this name."""
    told = {
        "subject": subject,
        "state": decision.state,
        "sources": decision.sources,
        "tier": decision.tier,
        "flags": sorted(decision.flags),
        "ask": decision.ask,
        "valid_until": decision.valid_until and decision.valid_until.isoformat(),
    }
    # Not over `fresh_until`, which moves on while nothing else changes.
    etag = hashlib.sha256(json.dumps(told).encode()).hexdigest()[:32]
    headers = {
        "ETag": f'W/"{etag}"',
        "Cache-Control": f"private, max-age={int((decision.fresh_until - now).total_seconds())}",
        "Vary": "Authorization",
    }
    return Answer(json.dumps(told | {"fresh_until": decision.fresh_until.isoformat()}).encode(), headers)
