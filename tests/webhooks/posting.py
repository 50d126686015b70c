"""Events as Stripe posts them."""

import json
import secrets

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from membership.clock import utc_now
from membership.gateway import signatures
from membership.gateway.memory import MemoryGateway
from tests.conftest import WEBHOOK_SECRET

PATH = "/webhooks/stripe"


def event_body(kind: str = "invoice.paid", object_id: str = "in_1", **fields: object) -> bytes:
    """Write an event; every one has its own id."""
    body = {
        "id": f"evt_{secrets.token_hex(6)}",
        "object": "event",
        "api_version": "2026-10-28.endive",
        "created": int(utc_now().timestamp()),
        "livemode": False,
        "type": kind,
        "data": {"object": {"id": object_id}},
    }
    return json.dumps(body | fields).encode()


def post(client: FlaskClient, body: bytes, **headers: str) -> TestResponse:
    """Post a body, rightly signed unless the headers say otherwise."""
    sent = {"Stripe-Signature": signatures.sign(body, WEBHOOK_SECRET, utc_now())} | headers
    return client.post(PATH, data=body, headers=sent, content_type="application/json")


def deliver_all(client: FlaskClient, gateway: MemoryGateway) -> None:
    """Deliver every message that waits at the provider."""
    while gateway.events:
        body, signature = gateway.deliver_body(gateway.events.pop(0))
        assert client.post(PATH, data=body, headers={"Stripe-Signature": signature}).status_code == 204
