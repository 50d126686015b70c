"""The edge of the web: refusals become pages or problems; languages; CSRF; security headers; request ids."""

import secrets
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

import structlog
from flask import Flask, Response, abort, current_app, g, redirect, render_template, request, session
from flask.globals import request_ctx
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError, CSRFProtect
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix

from membership import edge, i18n
from membership.clock import utc_now
from membership.config import Settings
from membership.errors import Conflict, Forbidden, GatewayFailed, Invalid, MembershipError, NotFound
from membership.i18n import N_, gettext
from membership.money import exponent_of

STATUS = {Invalid: 400, Forbidden: 403, NotFound: 404, Conflict: 409, GatewayFailed: 502}
LARGEST_BODY = 256 * 1024
# A statement of the bank is longer than any form.
LARGER_BODIES = {"staff.import_bank_file": 5 * 1024 * 1024}
LONGEST_SOURCE = 200
LAST_PAGE = 10_000
MACHINE_PATHS = (
    "/api/",
    "/webhooks/",
    "/access/later",
    "/access/pass",
    "/access/token",
    "/access/verify",
    "/.well-known/",
    "/oidc/token",
    "/oidc/userinfo",
    "/embed.js",
    "/healthz",
    "/readyz",
    "/metrics",
)
SAID = {
    400: N_("We could not understand this request. Please go back and try again."),
    403: N_("You may not see this page."),
    404: N_("There is nothing at this address."),
    405: N_("This address does not take that kind of request."),
    413: N_("This is more than we can take in one go."),
    415: N_("We cannot read this kind of content."),
    500: N_("Something went wrong on our side. Nothing of yours is lost; please try again in a moment."),
}

csrf = CSRFProtect()
log = structlog.get_logger("membership.web")


def settings() -> Settings:
    """Return the settings of the running application."""
    found: Settings = current_app.extensions["settings"]
    return found


def init_app(app: Flask, config: Settings) -> None:
    """Put cookies, CSRF, headers, languages and error pages in place."""
    _configure(app, config)
    app.before_request(_begin)
    csrf.init_app(app)
    app.after_request(_finish)
    app.wsgi_app = edge.Headers(app.wsgi_app, config)  # type: ignore[method-assign]
    app.session_interface = edge.Sessions()
    app.register_error_handler(MembershipError, _refuse)
    app.register_error_handler(CSRFError, _refuse_forgery)
    app.register_error_handler(HTTPException, _refuse_http)
    app.register_error_handler(Exception, _refuse_bug)
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
    return redirect(safe_path(request.form.get("next"), "/"), code=303)


def _begin() -> None:
    g.started = monotonic()
    g.request_id = secrets.token_hex(8)
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)
    request.max_content_length = LARGER_BODIES.get(request.endpoint or "", LARGEST_BODY)
    if not _for_machines():
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


def _for_machines() -> bool:
    return request.path.startswith(MACHINE_PATHS)


def read_page(text: str) -> int:
    """Read the number of a page of a list; what is none is the first."""
    number = int(text) if text.isascii() and text.isdigit() and len(text) <= 5 else 1
    return min(max(number, 1), LAST_PAGE)


def status_of(error: MembershipError) -> int:
    """Return the HTTP status of a refusal."""
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


def say(error: MembershipError) -> str:
    """Say a refusal in the reader's language."""
    return gettext(error.message, **error.values)


def problem(status: int, title: str, detail: str, **more: Any) -> Response:
    """Answer a program with a problem, RFC 9457."""
    said = current_app.json.dumps({"type": "about:blank", "title": title, "status": status, "detail": detail} | more)
    return Response(said, status, content_type="application/problem+json")


def _refuse(error: MembershipError) -> ResponseReturnValue:
    return _answer(status_of(error), type(error).__name__, say(error), error.remedy)


def _refuse_forgery(error: CSRFError) -> ResponseReturnValue:
    return _answer(400, "FormExpired", gettext("This form has expired or was opened elsewhere. Please send it again."))


def _refuse_http(error: HTTPException) -> ResponseReturnValue:
    code = error.code or 500
    detail = gettext(SAID.get(code, SAID[400] if code < 500 else SAID[500]))
    response = _answer(code, error.name.replace(" ", ""), detail)
    if code == 405 and (allowed := dict(error.get_headers()).get("Allow")):
        response.headers["Allow"] = allowed
    return response


def _refuse_bug(error: Exception) -> ResponseReturnValue:
    # The exception's own words may quote a reader's data; its type and place are enough to find it.
    log.error("bug", kind=type(error).__name__, at=_place(error))
    if current_app.config.get("PROPAGATE_EXCEPTIONS"):
        raise error
    return _answer(500, "InternalError", gettext(SAID[500]))


def _place(error: Exception) -> str:
    trace = error.__traceback__
    places = []
    while trace is not None:
        places.append(f"{trace.tb_frame.f_code.co_name}:{trace.tb_lineno}")
        trace = trace.tb_next
    return " > ".join(places[-4:])


def _answer(status: int, title: str, detail: str, remedy: str | None = None) -> Response:
    # Without an adapter (a foreign Host) a page has no links but the one that leads home.
    is_foreign = request_ctx.url_adapter is None
    if _for_machines() or (is_foreign and "text/html" not in request.headers.get("Accept", "")):
        return problem(status, title, detail, request_id=g.get("request_id"))
    template = "errors/foreign.html" if is_foreign else "errors/refusal.html"
    page = render_template(
        template,
        status=status,
        detail=detail,
        remedy=remedy,
        request_id=g.get("request_id"),
        home=settings().public_url,
    )
    return current_app.make_response((page, status))
