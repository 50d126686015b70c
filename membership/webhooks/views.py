"""Signed events in: stored, answered; worked on after."""

import structlog
from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import OperationalError, TimeoutError

from membership.clock import utc_now
from membership.db import writing
from membership.gateway.current import gateway
from membership.web import csrf, problem, settings
from membership.webhooks import service
from membership.webhooks.errors import OtherMode

bp = Blueprint("webhooks", __name__)
# Nobody is signed in here: the signature is the proof, and cookies are never looked at.
csrf.exempt(bp)
log = structlog.get_logger("membership.webhooks")


@bp.post("/webhooks/stripe")
def receive() -> ResponseReturnValue:
    """Keep a signed event; anything but 2xx makes Stripe send it again."""
    now = utc_now()
    event = gateway().read_event(request.get_data(), request.headers.get("Stripe-Signature", ""), now)
    if event.livemode != settings().is_live:
        log.error("event of the other mode", livemode=event.livemode)
        raise OtherMode
    try:
        with writing() as connection:
            service.keep(connection, event, now)
    except (OperationalError, TimeoutError) as error:
        log.error("event not stored", kind=type(error).__name__)
        return problem(503, "NotStored", "The event could not be stored. Please send it again.")
    return "", 204
