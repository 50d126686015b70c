"""What is told, how it is signed, and when it is tried again. Standard Webhooks 1.0.0."""

import base64
import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from membership.access.rules import Decision, State

PREFIX = "whsec_"
SECRET_BYTES = 32
CHANGED = "decision.changed"
TEST = "connection.test"
# The example schedule of the specification: some three days in all.
DELAYS = tuple(timedelta(seconds=seconds) for seconds in (5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400))
LONGEST_DELAY = timedelta(days=1)
DISABLED_AFTER = timedelta(days=3)
CHECKED_EVERY = timedelta(days=1)
GONE = 410


@dataclass(frozen=True, slots=True)
class Told:
    """As much of a decision as a site is told."""

    state: str
    tier: str | None
    flags: tuple[str, ...]
    valid_until: datetime | None


NOTHING = Told(State.NONE.value, None, (), None)


def told_of(decision: Decision) -> Told:
    """Return what a site is told of a decision."""
    return Told(decision.state.value, decision.tier, tuple(sorted(decision.flags)), decision.valid_until)


def turns_at(decision: Decision, begins_at: datetime | None, now: datetime) -> datetime:
    """Return when a decision may change though nothing happens; `begins_at` is when more is given."""
    ends = [grant.until for grant in decision.grants if grant.until > now]
    return min([now + CHECKED_EVERY, *ends, *([begins_at] if begins_at else [])])


def write_change(subject: str, told: Told, version: int, now: datetime) -> str:
    """Write what changed, as it goes over the wire."""
    data = {
        "subject": subject,
        "version": version,
        "state": told.state,
        "tier": told.tier,
        "flags": list(told.flags),
        "valid_until": told.valid_until and told.valid_until.isoformat(),
    }
    return write_body(CHANGED, data, now)


def write_body(kind: str, data: dict[str, Any], now: datetime) -> str:
    """Write a message of any kind."""
    return json.dumps({"type": kind, "timestamp": now.isoformat(), "data": data}, separators=(",", ":"))


def new_secret() -> str:
    """Make a secret for signing, as Standard Webhooks writes it."""
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def new_message_id() -> str:
    return f"msg_{secrets.token_hex(12)}"


def headers_for(message_id: str, body: bytes, keys: list[str], now: datetime) -> dict[str, str]:
    """Sign a message with every secret that its receiver may have."""
    seconds = str(int(now.timestamp()))
    signed = f"{message_id}.{seconds}.".encode() + body
    return {
        "webhook-id": message_id,
        "webhook-timestamp": seconds,
        "webhook-signature": " ".join(_sign(key, signed) for key in keys),
    }


def _sign(secret: str, signed: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def next_delay(attempts: int, message_id: str, asked_for: timedelta | None) -> timedelta | None:
    """Return how long to wait after so many attempts that failed; None when that was the last one.

    Up to a tenth is added, another one for each message; a site that asks for more time gets it, up to a day.
    """
    if attempts > len(DELAYS):
        return None
    delay = DELAYS[attempts - 1]
    share = hashlib.sha256(message_id.encode()).digest()[0] / 255
    return max(delay * (1 + share / 10), min(asked_for or delay, LONGEST_DELAY))
