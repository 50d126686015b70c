"""What is done when the process is killed: a reader or the newsroom acts, Stripe's events come, the worker works.

Each act is told twice: from its beginning, and as it goes on after a restart, when whoever acted looks and goes on.
"""

import json
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from membership.clock import utc_now
from membership.db import session as reading
from membership.gateway import signatures
from membership.payments.models import Refund
from membership.reconcile import walk
from membership.subscriptions.models import Subscription
from membership.webhooks.service import explain
from tests.browsing import post
from tests.conftest import WEBHOOK_SECRET
from tests.sandbox.process import Sandbox
from tests.webhooks.posting import PATH

GOOD = "4242424242424242"
STRIPE = {"Authorization": "Bearer sk_test_x", "Stripe-Version": "2026-10-28.endive"}
# What the worker does regularly and these acts may leave to it; the walk over Stripe's lists is asked for by name.
SWEEPS = ("intents.sweep", "refunds.sweep", "renewals.write", "renewals.act")


@dataclass
class Desk:
    """One process of the service, Stripe's side of it, and the browsers and papers of those who act."""

    app: Flask
    sandbox: Sandbox
    known: dict[str, str]
    delivered: set[str] = field(default_factory=set)

    def browser(self, cookie: str) -> FlaskClient:
        """Open a browser that has been here before."""
        client = self.app.test_client()
        client.set_cookie("membership", self.known[cookie])
        return client

    def listed(self, what: str) -> list[dict[str, Any]]:
        """List what Stripe has of a kind, oldest first."""
        asked = urllib.request.Request(f"{self.sandbox.url}/v1/{what}?limit=100", headers=STRIPE)
        with urllib.request.urlopen(asked, timeout=20) as answer:
            return json.load(answer)["data"][::-1]

    def pay(self, where: str) -> None:
        """Pay on the checkout page, as a person does."""
        self.sandbox.post(f"/_sandbox/checkout/{where.rpartition('/')[2]}/pay", {"card": GOOD})

    def work(self) -> None:
        """Deliver what Stripe has to tell, and do all that is due."""
        client = self.app.test_client()
        for event in self.listed("events"):
            if event["id"] not in self.delivered:
                body = json.dumps(event).encode()
                signed = {"Stripe-Signature": signatures.sign(body, WEBHOOK_SECRET, utc_now())}
                assert client.post(PATH, data=body, headers=signed).status_code == 204
                self.delivered.add(event["id"])
        with self.app.app_context():
            self.app.extensions["worker"].drain()

    def pass_time(self, **span: int) -> None:
        """Let time go by at Stripe, and here what that brings."""
        self.sandbox.post("/_sandbox/advance", span)
        self.work()

    def sweep(self) -> None:
        """Do the regular work."""
        with self.app.app_context():
            self.app.extensions["worker"].tick()
        self.work()

    def reconcile(self) -> int:
        """Compare everything with Stripe; return how much differs still."""
        with self.app.app_context():
            return walk.reconcile(explain).left


def checkout(path: str, form: dict[str, str]) -> Callable[[Desk], None]:
    """Make the act of somebody who fills in a form, pays, and comes back; if she has not paid, she begins anew."""

    def act(desk: Desk) -> None:
        reader = desk.browser("visitor")
        paid = desk.known["paid_before"].split()
        complete = [one["id"] for one in desk.listed("checkout/sessions") if one["status"] == "complete"]
        mine = [one for one in complete if one not in paid]
        if not mine:
            where = post(reader, path, form, page="/").location
            desk.pay(where)
            mine = [where.rpartition("/")[2]]
        reader.get(f"/thanks?session_id={mine[0]}")

    return act


def refund(desk: Desk) -> None:
    """Give a part of a gift back by the command; whoever did not see it end looks whether it is written down."""
    with desk.app.app_context():
        is_known = reading().scalar(select(func.count()).select_from(Refund))
    if not is_known:
        words = ["payments", "refund", desk.known["receipt_number"], "--amount", "5", "--reason", "asked for"]
        assert desk.app.test_cli_runner(catch_exceptions=False).invoke(args=words).exit_code == 0


def cancel(desk: Desk) -> None:
    """Stop a membership on the page of the account, unless it says that it stops."""
    with desk.app.app_context():
        is_stopping = reading().scalars(select(Subscription)).one().cancel_at
    if not is_stopping:
        stop = "/account/subscription/stop"
        assert post(desk.browser("patron"), stop, {"reason": "other"}).status_code == 303


ACTS: dict[str, Callable[[Desk], None]] = {
    "donate": checkout("/donate", {"amount": "20", "email": "visitor@example.org"}),
    "subscribe": checkout("/subscribe", {"tier": "friend", "interval": "month", "email": "visitor@example.org"}),
    "refund": refund,
    "cancel": cancel,
}


def begin(desk: Desk, act: str) -> None:
    """Do an act from its beginning, and what follows from it in a minute."""
    ACTS[act](desk)
    desk.work()
    desk.pass_time(seconds=60)


def go_on(desk: Desk, act: str) -> int:
    """Go on after a restart: sweep, act again if it was in vain, work all off, reconcile; return what is left."""
    desk.sandbox.post("/_sandbox/advance", {"seconds": 180})
    desk.sweep()
    ACTS[act](desk)
    desk.pass_time(days=2)
    desk.sweep()
    return desk.reconcile()
