"""The edge of the web: refusals, languages, CSRF, security headers, request ids."""

import secrets
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

import structlog
from flask import Flask, Response, abort, current_app, g, request, session
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from membership import edge, i18n
from membership.clock import utc_now
from membership.config import Settings
from membership.i18n import gettext
from membership.money import exponent_of
from membership.web import refusals
from membership.web.current import MACHINE_PATHS, for_machines, settings
from membership.web.leading import lead_on, lead_out
from membership.web.refusals import problem, say, status_of

__all__ = [
    "LARGEST_BODY",
    "MACHINE_PATHS",
    "choose_language",
    "csrf",
    "init_app",
    "lead_on",
    "lead_out",
    "note_request",
    "problem",
    "public_url",
    "read_page",
    "safe_path",
    "say",
    "say_money",
    "settings",
    "source_path",
    "status_of",
]

LARGEST_BODY = 256 * 1024
# A statement of the bank is longer than any form.
LARGER_BODIES = {"staff.import_bank_file": 5 * 1024 * 1024}
LONGEST_SOURCE = 200
LAST_PAGE = 10_000

csrf = CSRFProtect()
log = structlog.get_logger("membership.web")


def init_app(app: Flask, config: Settings) -> None:
    """Put cookies, CSRF, headers, languages and error pages in place."""
    _configure(app, config)
    app.before_request(_begin)
    csrf.init_app(app)
    app.after_request(_finish)
    app.wsgi_app = edge.Headers(app.wsgi_app, config)  # type: ignore[method-assign]
    app.session_interface = edge.Sessions()
    refusals.register(app)
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(gettext, i18n.choose_plural, newstyle=True)  # type: ignore[attr-defined]
    app.jinja_env.filters |= {"money": say_money, "day": i18n.format_day, "moment": i18n.format_moment}
    app.jinja_env.filters |= {"last_day": i18n.format_last_day}
    app.jinja_env.filters |= {"month": i18n.format_month, "said": i18n.said}
    app.context_processor(_page_words)
    app.add_url_rule("/language/<locale>", "language", choose_language, methods=["POST"])


def _configure(app: Flask, config: Settings) -> None:
    secure = config.is_secure
    app.config.update(
        SECRET_KEY=config.secret_key.get_secret_value(),
        SECRET_KEY_FALLBACKS=[key.get_secret_value() for key in config.secret_key_fallbacks],
        SESSION_COOKIE_NAME="__Host-membership" if secure else "membership",
        SESSION_COOKIE_SECURE=secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        MAX_CONTENT_LENGTH=LARGEST_BODY,
        MAX_FORM_PARTS=200,
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=secure,
        WTF_I18N_ENABLED=False,
        TRUSTED_HOSTS=[urlsplit(config.public_url).hostname],
    )
    if config.trusted_proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=config.trusted_proxies, x_proto=config.trusted_proxies)  # type: ignore[method-assign]


def public_url(endpoint: str, **values: Any) -> str:
    """Return the full address of a page, built from the configured base and never from the Host header."""
    return settings().public_url.rstrip("/") + current_app.url_map.bind("").build(endpoint, values)


def safe_path(target: str | None, default: str) -> str:
    """Return the target if it is a path of our own, else the default."""
    if target and target.startswith("/") and not target.startswith(("//", "/\\")) and target.isprintable():
        return target
    return default


def source_path(target: str | None) -> str:
    """Return the path of the article that a reader came from, cut to what we keep; nothing when it is no path."""
    return safe_path(target, "")[:LONGEST_SOURCE]


def say_money(amount: i18n.Amount) -> str:
    """Write an amount in the reader's locale."""
    return i18n.format_money(amount, exponent_of(amount.currency))


def choose_language(locale: str) -> ResponseReturnValue:
    """Remember the language she chose, and take her back to where she was."""
    if locale in i18n.LOCALES:
        session["locale"] = locale
    return lead_on(safe_path(request.form.get("next"), "/"))


def _begin() -> None:
    g.started = monotonic()
    g.request_id = secrets.token_hex(8)
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)
    request.max_content_length = LARGER_BODIES.get(request.endpoint or "", LARGEST_BODY)
    if not for_machines():
        _speak()
        _refuse_unkept()


def _refuse_unkept() -> None:
    # PostgreSQL keeps no text with a NUL in it, and nobody types one.
    if any("\0" in text for text in (request.path, *(text for _, text in request.values.items(multi=True)))):
        abort(400)


def _speak() -> None:
    chosen = request.args.get("lang") or session.get("locale")
    locale = chosen if chosen in i18n.LOCALES else i18n.best_locale(list(request.accept_languages.values()))
    g.language = i18n.speaking(locale, settings().publication_timezone)
    g.language.__enter__()


def _finish(response: Response) -> Response:
    response.headers["X-Request-Id"] = g.request_id
    note_request(g.request_id, request.method, str(request.url_rule), response.status_code, g.started)
    if (language := g.pop("language", None)) is not None:
        language.__exit__(None, None, None)
    return response


def note_request(request_id: str, method: str, route: str, status: int, started: float) -> None:
    """Log that a request was answered; `started` is by the monotonic clock."""
    took = round((monotonic() - started) * 1000, 1)
    log.info("request", request_id=request_id, method=method, route=route, status=status, ms=took)


def _page_words() -> dict[str, Any]:
    config = settings()
    return {
        "publication": config.publication_name,
        "publication_url": config.publication_url,
        "mode": config.membership_mode.value,
        "locale": i18n.current_locale(),
        "locales": i18n.LOCALES,
        "now": utc_now(),
        "here": request.full_path.rstrip("?"),
    }


def read_page(text: str) -> int:
    """Read the number of a page of a list; what is none is the first."""
    number = int(text) if text.isascii() and text.isdigit() and len(text) <= 5 else 1
    return min(max(number, 1), LAST_PAGE)
