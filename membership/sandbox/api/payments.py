"""Payment intents and charges."""

from membership.sandbox.listing import listed
from membership.sandbox.routes import Route, retrieve

ROUTES: list[Route] = [
    ("GET", "/v1/payment_intents", listed("payment_intent", "customer")),
    ("GET", "/v1/payment_intents/<id>", retrieve("payment_intent")),
    ("GET", "/v1/charges", listed("charge", "customer payment_intent")),
    ("GET", "/v1/charges/<id>", retrieve("charge")),
]
