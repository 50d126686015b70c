"""What the sandbox refuses, in the shape and with the status of Stripe's errors."""

from typing import Any


class ApiError(Exception):
    """A refusal that a client of the API sees."""

    status = 400
    type = "invalid_request_error"

    def __init__(self, message: str, *, code: str | None = None, param: str | None = None) -> None:
        super().__init__(message)
        self.message, self.code, self.param = message, code, param

    def body(self) -> dict[str, Any]:
        """Return the error as Stripe words it."""
        said = {"code": self.code, "message": self.message, "param": self.param, "type": self.type}
        if self.code:
            said["doc_url"] = f"https://docs.stripe.com/error-codes/{self.code.replace('_', '-')}"
        return {"error": {name: value for name, value in said.items() if value is not None}}


class InvalidParam(ApiError):
    """A parameter is unknown, missing or malformed; nothing was begun."""


class Unauthenticated(ApiError):
    status = 401


class Missing(ApiError):
    status = 404

    def __init__(self, kind: str, id: str, param: str) -> None:
        words = kind.replace("checkout.session", "checkout session").replace("_", " ")
        super().__init__(f"No such {words}: '{id}'", code="resource_missing", param=param)


class UnknownAddress(ApiError):
    status = 404


class KeyReused(ApiError):
    type = "idempotency_error"


class RateLimited(ApiError):
    status = 429


class Broken(ApiError):
    status = 500
    type = "api_error"


class CardDeclined(ApiError):
    """A charge was refused by the bank."""

    status = 402
    type = "card_error"

    def __init__(
        self, message: str, *, code: str, decline_code: str | None, about: dict[str, Any] | None = None
    ) -> None:
        super().__init__(message, code=code)
        self.decline_code, self.about = decline_code, about or {}

    def body(self) -> dict[str, Any]:
        said = super().body()
        said["error"] |= {"decline_code": self.decline_code} if self.decline_code else {}
        said["error"] |= self.about
        return said
