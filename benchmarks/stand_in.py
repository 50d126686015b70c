"""A stand-in for Stripe that knows the newsroom of these benchmarks and counts how fast it is asked.

`python -m benchmarks.stand_in PATRONS NOW` prints its port, and answers until its input ends.
"""

import json
import sys
import threading
import time
from collections import deque
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

MONTH, RECENT = 30 * 86400, 2_000
STATUS = {0: "canceled", 1: "past_due"}
EMPTY: dict[str, Any] = {"object": "list", "data": [], "has_more": False, "url": "/v1"}


class Books:
    """What Stripe would say about patron n, in Stripe's shape and about its length."""

    def __init__(self, patrons: int, now: int) -> None:
        self.patrons, self.now = patrons, now

    def subscription(self, n: int) -> dict[str, Any]:
        is_over = n % 10 == 0
        item = {
            "id": f"si_{n}",
            "object": "subscription_item",
            "price": {"id": "price_friend", "object": "price", "currency": "eur", "unit_amount": 500, "metadata": {}},
            "current_period_start": self.now - MONTH // 2,
            "current_period_end": self.now + MONTH // 2,
            "metadata": {},
            "quantity": 1,
        }
        nothing = dict.fromkeys(("cancel_at", "pause_collection", "schedule", "pending_update", "trial_end"))
        return {
            "id": f"sub_{n}",
            "object": "subscription",
            "status": STATUS.get(n % 10, "active"),
            "customer": f"cus_{n}",
            "items": {"object": "list", "data": [item], "has_more": False, "url": "/v1/subscription_items"},
            "metadata": {"reference": f"intent-{n}"},
            "start_date": self.now - 3 * MONTH,
            "cancel_at_period_end": False,
            "cancellation_details": {"reason": None, "comment": None, "feedback": None},
            "ended_at": self.now - MONTH if is_over else None,
            **nothing,
        }

    def invoice(self, n: int) -> dict[str, Any]:
        period = {"start": self.now - MONTH // 2, "end": self.now + MONTH // 2}
        of_item = {"subscription_item_details": {"proration": False}, "invoice_item_details": None}
        line = {"id": f"il_{n}", "object": "line_item", "amount": 500, "parent": of_item, "period": period}
        parent = {"type": "subscription_details", "subscription_details": {"subscription": f"sub_{n}", "metadata": {}}}
        is_late = n % 10 == 1
        return {
            "id": f"in_{n}_2",
            "object": "invoice",
            "parent": parent,
            "status": "open" if is_late else "paid",
            "total": 500,
            "currency": "eur",
            "created": period["start"],
            "attempt_count": 1,
            "period_start": period["start"],
            "period_end": period["start"],
            "status_transitions": {"paid_at": None if is_late else period["start"]},
            "payments": EMPTY | {"url": "/v1/invoice_payments"},
            "lines": EMPTY | {"data": [line]},
        }

    def answer(self, path: str, asked: dict[str, list[str]]) -> dict[str, Any]:
        _, _, kind, *named = path.split("/")
        tell = {"subscriptions": self.subscription, "invoices": self.invoice}.get(kind)
        if tell is None:
            return EMPTY
        if named:
            return tell(int(named[0].split("_")[1]))
        after = asked.get("starting_after", [f"x_{self.patrons + 1}"])[0]
        newest = int(after.split("_")[1]) - 1
        oldest = 0 if kind == "subscriptions" else self.patrons - RECENT
        numbers = range(newest, max(newest - 100, oldest), -1)
        return EMPTY | {"data": [tell(n) for n in numbers], "has_more": newest - 100 > oldest}


class Watch:
    """When it was asked, as far as the last second goes."""

    def __init__(self) -> None:
        self.times: deque[float] = deque()
        self.count, self.busiest, self.first, self.last = 0, 0, 0.0, 0.0
        self.lock = threading.Lock()

    def note(self) -> None:
        with self.lock:
            now = time.monotonic()
            self.times.append(now)
            while self.times[0] <= now - 1:
                self.times.popleft()
            self.first, self.last = self.first or now, now
            self.count, self.busiest = self.count + 1, max(self.busiest, len(self.times))


def serve(books: Books, watch: Watch) -> ThreadingHTTPServer:
    """Make the server."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version, wbufsize = "HTTP/1.1", -1

        def do_GET(self) -> None:
            asked = urlsplit(self.path)
            if asked.path == "/_told":
                told: dict[str, Any] = {
                    "requests": watch.count,
                    "busiest": watch.busiest,
                    "seconds": watch.last - watch.first,
                }
            else:
                watch.note()
                told = books.answer(asked.path, parse_qs(asked.query))
            body = json.dumps(told).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    return ThreadingHTTPServer(("127.0.0.1", 0), Handler)


if __name__ == "__main__":
    server = serve(Books(int(sys.argv[1]), int(sys.argv[2])), Watch())
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_port, flush=True)
    sys.stdin.read()
