"""What every answer and every request shares at the outermost edge, where it costs the least."""

from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from flask import Flask, Request, Response
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin

from membership.config import Settings

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

CSP = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'self'; connect-src 'self'; "
    "font-src 'self'; form-action 'self'{forms}; base-uri 'none'; frame-ancestors 'none'"
)

STRIPE_PAGES = ["https://checkout.stripe.com", "https://billing.stripe.com"]


class Headers:
    """Adds the headers that every answer carries, unless it has its own; at the edge, where they cost the least."""

    def __init__(self, inner: "WSGIApplication", config: Settings) -> None:
        self._inner = inner
        self._fixed = [(name.lower(), (name, value)) for name, value in _fixed_headers(config).items()]

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        return self._inner(environ, partial(self._start, start_response))

    def _start(self, start: "StartResponse", status: str, headers: list[tuple[str, str]], *error: Any) -> Any:
        given = {name.lower() for name, _ in headers}
        return start(status, headers + [pair for name, pair in self._fixed if name not in given], *error)


def _fixed_headers(config: Settings) -> dict[str, str]:
    fixed = {
        "Content-Security-Policy": CSP.format(forms="".join(f" {origin}" for origin in form_origins(config))),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cache-Control": "private, no-store",
    }
    hsts = {"Strict-Transport-Security": "max-age=31536000; includeSubDomains"}
    return fixed | (hsts if config.is_secure else {})


class Sessions(SecureCookieSessionInterface):
    """Flask's own, at no cost for the many requests without a cookie, from sites and from Stripe."""

    _signing: Any = None

    def get_signing_serializer(self, app: Flask) -> Any:
        # The keys are those of the process; Flask would make it anew twice for each request.
        if self._signing is None:
            self._signing = super().get_signing_serializer(app)
        return self._signing

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        if self.get_cookie_name(app) not in request.cookies:
            return self.session_class()
        return super().open_session(app, request)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        if session.accessed or session.modified:
            super().save_session(app, session, response)


def form_origins(config: Settings) -> list[str]:
    """List the origins beside ours that a form may lead to: the provider's pages to pay, and to change a card."""
    return [origin_of(config.stripe_api_base)] if config.stripe_api_base else STRIPE_PAGES


def origin_of(url: str) -> str:
    """Return the scheme and the host of an address."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def is_at(address: str, homes: Iterable[str]) -> bool:
    """Whether an address, which anybody may have written, has the origin of one of these, exactly."""
    try:
        parts = urlsplit(address)
    except ValueError:  # such as a bracket that opens no IPv6 address
        return False
    asked = f"{parts.scheme}://{parts.netloc.lower()}"
    return address.isprintable() and asked in {origin_of(home).lower() for home in homes}
