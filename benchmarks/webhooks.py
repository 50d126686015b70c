"""The webhook intake beside a bare route that inserts one row and commits, on the same database."""

import json
import secrets
from collections.abc import Callable

from benchmarks.figures import Figure, compare
from benchmarks.load import Load
from membership.clock import utc_now
from membership.gateway import signatures

WANTED = 0.5
# More than any machine of today takes in a second.
ENOUGH_FOR_A_SECOND = 5_000


def measure_rate(load: Load, secret: str, rounds: int, *, on: str) -> Figure:
    """Deliver events that nobody has seen before, at both routes."""
    ours, bare = (_delivering(load, secret, path) for path in ("/webhooks/stripe", "/bare/insert"))
    ours()
    name = f"webhook intake, {on}, beside a bare insert and commit"
    return compare(name, ours, bare, unit="/s", wanted=WANTED, rounds=rounds)


def _delivering(load: Load, secret: str, path: str) -> Callable[[], float]:
    def deliver() -> float:
        events = [_signed(load, secret, path) for _ in range(round(ENOUGH_FOR_A_SECOND * load.seconds))]
        return load.rate(events, once=True)

    return deliver


def _signed(load: Load, secret: str, path: str) -> bytes:
    body = _event()
    sent = {"Content-Type": "application/json", "Stripe-Signature": signatures.sign(body, secret, utc_now())}
    return load.request(f"POST {path}", sent, body)


def _event() -> bytes:
    # As long as what Stripe sends about an invoice with one line, some 2 kB.
    described = {f"field_{n}": secrets.token_hex(16) for n in range(36)}
    told = {
        "id": f"evt_{secrets.token_hex(12)}",
        "object": "event",
        "api_version": "2026-10-28.endive",
        "created": int(utc_now().timestamp()),
        "livemode": True,
        "type": "invoice.paid",
        "data": {"object": {"id": f"in_{secrets.token_hex(12)}", "object": "invoice", **described}},
    }
    return json.dumps(told).encode()
