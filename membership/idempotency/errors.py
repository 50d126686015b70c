"""Refusals of requests that are sent again."""

from membership.errors import Conflict, Invalid
from membership.i18n import N_


class IdempotencyKeyUnreadable(Invalid):
    message = N_("An Idempotency-Key is 1 to 255 printable characters, in double quotes or without spaces.")


class IdempotencyKeyReused(Conflict):
    message = N_("This Idempotency-Key came with another request before. Use a new one for each request.")


class AnswerUnreadable(Conflict):
    message = N_(
        "This request was answered before, and the answer can no longer be read: the secret that sealed it is gone. "
        "What it did is done. Please look at what came of it before you ask again with a new Idempotency-Key."
    )


class RequestInProgress(Conflict):
    message = N_("The first request with this Idempotency-Key has not been answered yet. Please ask again in a moment.")
