"""Refusals become pages for people and problems for programs; this alone knows the status of each."""

from datetime import datetime
from typing import Any

import structlog
from flask import Flask, Response, current_app, g, render_template, request
from flask.globals import request_ctx
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from membership.errors import Conflict, Forbidden, GatewayFailed, Invalid, MembershipError, NotFound
from membership.i18n import N_, format_moment, gettext
from membership.web.current import for_machines, settings

STATUS = {Invalid: 400, Forbidden: 403, NotFound: 404, Conflict: 409, GatewayFailed: 502}
SAID = {
    400: N_("We could not understand this request. Please go back and try again."),
    403: N_("You may not see this page."),
    404: N_("There is nothing at this address."),
    405: N_("This address does not take that kind of request."),
    413: N_("This is more than we can take in one go."),
    415: N_("We cannot read this kind of content."),
    500: N_("Something went wrong on our side. Nothing of yours is lost; please try again in a moment."),
}

log = structlog.get_logger("membership.web")


def register(app: Flask) -> None:
    """Answer every refusal, and every bug, in words."""
    app.register_error_handler(MembershipError, _refuse)
    app.register_error_handler(CSRFError, _refuse_forgery)
    app.register_error_handler(HTTPException, _refuse_http)
    app.register_error_handler(Exception, _refuse_bug)


def status_of(error: MembershipError) -> int:
    """Return the HTTP status of a refusal."""
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


def say(error: MembershipError) -> str:
    """Say a refusal in the reader's language, and the moments in it."""
    values = {
        name: format_moment(value) if isinstance(value, datetime) else value for name, value in error.values.items()
    }
    return gettext(error.message, **values)


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
    if for_machines() or (is_foreign and "text/html" not in request.headers.get("Accept", "")):
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
