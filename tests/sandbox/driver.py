"""A sandbox in a thread, driven by Stripe's own client, and a receiver of its events."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from stripe import StripeClient

from membership.sandbox.clock import Clock
from membership.sandbox.server import Server
from membership.sandbox.store import Store
from membership.sandbox.world import Endpoint, World
from tests.sandbox import process

GOOD, DECLINED, POOR = "4242424242424242", "4000000000000002", "4000000000009995"
FAILS_LATER, ASKS = "4000000000000341", "4000002500003155"
SUCCESS = "http://shop.test/thanks?session_id={CHECKOUT_SESSION_ID}"
SECRET = "whsec_of_the_sandbox"


class Driver(process.Sandbox):
    """What a test does to a sandbox."""

    def __init__(self, url, world):
        super().__init__(url, 0)
        object.__setattr__(self, "world", world)
        object.__setattr__(self, "v1", StripeClient("sk_test_x", base_addresses={"api": url}).v1)

    def price(self, amount=500, currency="eur", interval="month", **fields):
        recurring = {"interval": interval}
        terms = {"currency": currency, "unit_amount": amount, "recurring": recurring}
        return self.v1.prices.create({"product_data": {"name": "Friend"}, **terms, **fields})

    def open_membership(self, price=None, **fields):
        line = {"price": (price or self.price()).id, "quantity": 1}
        own = {"mode": "subscription", "line_items": [line], "success_url": SUCCESS, "cancel_url": "http://shop.test/"}
        who = {} if "customer" in fields else {"customer_email": "olena@example.org"}
        return self.v1.checkout.sessions.create({**own, **who, **fields})

    def open_gift(self, amount=2000, currency="eur", **fields):
        price = {"currency": currency, "unit_amount": amount, "product_data": {"name": "A gift"}}
        own = {"mode": "payment", "line_items": [{"price_data": price, "quantity": 1}], "success_url": SUCCESS}
        return self.v1.checkout.sessions.create({**own, **fields})

    def pay(self, session, card=GOOD, **who):
        return self.post(f"/_sandbox/checkout/{session.id}/pay", {"card": card, **who})

    def member(self, card=GOOD, price=None, **fields):
        session = self.open_membership(price, **fields)
        self.pay(session, card)
        return self.v1.subscriptions.retrieve(self.v1.checkout.sessions.retrieve(session.id).subscription)

    def gift(self, amount=2000, card=GOOD, **fields):
        session = self.open_gift(amount, **fields)
        self.pay(session, card)
        return self.v1.payment_intents.retrieve(self.v1.checkout.sessions.retrieve(session.id).payment_intent)

    def charge(self, amount=2000, card=GOOD, **fields):
        """Return a charge whose fee is known."""
        intent = self.gift(amount, card, **fields)
        self.advance(seconds=6)
        return self.v1.charges.retrieve(intent.latest_charge)

    def terms(self, **terms):
        return self.post("/_sandbox/terms", terms)

    def movements(self, *categories, **filters):
        """Return the transactions of these reporting categories, the oldest first."""
        found = self.v1.balance_transactions.list({"limit": 100, **filters}).data[::-1]
        return [one for one in found if not categories or one.reporting_category in categories]

    def advance(self, **span):
        return self.post("/_sandbox/advance", span)

    def settle(self):
        self.advance(seconds=10)

    def told(self):
        """Return the types of all events, the oldest first."""
        return [event["type"] for event in self.world.store.tables.get("event", {}).values()]


@contextmanager
def serving(world):
    """Serve a world in a thread inside the block."""
    server = Server(world)
    thread = threading.Thread(target=server.serve, daemon=True)
    thread.start()
    try:
        yield Driver(server.url, world)
    finally:
        world.faults.released.set()
        server.shut_down()
        thread.join()


def new_world(folder, at=None, **fields):
    """Make a world whose clock begins at a moment, written as in ISO 8601 and in UTC."""
    file = folder / "clock"
    if at:
        begins = datetime.fromisoformat(at).replace(tzinfo=UTC).timestamp()
        file.write_text(str(begins - datetime.now(UTC).timestamp()))
    return World(Store("seed"), Clock(file), **fields)


def day(moment):
    return datetime.fromtimestamp(moment, UTC).date().isoformat()


@dataclass
class Receiver:
    """An address for events; it answers with `statuses` in turn, and with 200 when they are used up."""

    url: str = ""
    statuses: list[int] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    signatures: list[str] = field(default_factory=list)
    arrived: threading.Condition = field(default_factory=threading.Condition)

    @property
    def endpoint(self):
        return Endpoint(self.url, SECRET)

    def wait_for(self, count):
        with self.arrived:
            assert self.arrived.wait_for(lambda: len(self.bodies) >= count, 20), len(self.bodies)


@contextmanager
def receiving() -> Iterator[Receiver]:
    """Receive events on loopback inside the block."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            with receiver.arrived:
                receiver.bodies.append(body)
                receiver.signatures.append(self.headers["Stripe-Signature"])
                status = receiver.statuses.pop(0) if receiver.statuses else 200
                receiver.arrived.notify_all()
            self.send_response(status)
            self.end_headers()

        def log_message(self, *words):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        receiver.url = f"http://127.0.0.1:{server.server_port}/hook?from=stripe"
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        yield receiver
        server.shutdown()
        thread.join()
