"""The five ways to refuse. Features subclass them with names that are facts; only web.py knows the HTTP numbers."""

from typing import Any


class MembershipError(Exception):
    """A refusal, in a sentence fit for a reader.

    `message` is English with `%(name)s` places, marked with N_ and translated at the edge with `values`,
    moments among them in the reader's words.
    `field` names the form field that it concerns, if any.
    """

    message = ""
    field: str | None = None
    # Where whoever was refused can do something about it.
    remedy: str | None = None

    def __init__(self, message: str = "", *, field: str | None = None, **values: Any) -> None:
        self.message = message or self.message
        self.field = field or self.field
        self.values = values
        super().__init__(self.message % values if values else self.message)


class NotFound(MembershipError):
    """What was asked for does not exist, or not for the one who asks."""


class Forbidden(MembershipError):
    """The one who asks may not."""


class Invalid(MembershipError):
    """What was sent cannot be understood."""


class Conflict(MembershipError):
    """It cannot be done as things stand now."""


class GatewayFailed(MembershipError):
    """The payment provider could not be reached or refused."""
