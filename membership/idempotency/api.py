"""`@once(caller)` over a route of the API: sent again under the same Idempotency-Key, it is done once.

While the first is at work the second is refused with 409, another request under the same key with 422; afterwards both
get the same answer. What was refused is refused again in the same words; a failure of ours (500 and above) is not kept,
and neither is anything of a process that was killed: whoever asks next begins again, under the same `reference()`.
"""

import json
from collections.abc import Callable
from functools import wraps
from http import HTTPStatus

from cryptography.fernet import InvalidToken, MultiFernet
from flask import Response, current_app, g, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from membership.clock import utc_now
from membership.db import transaction
from membership.errors import MembershipError
from membership.idempotency import rules, service
from membership.idempotency.errors import AnswerUnreadable, IdempotencyKeyReused, RequestInProgress
from membership.idempotency.service import Claim
from membership.web import problem, say, settings

View = Callable[..., ResponseReturnValue]
COME_BACK_AFTER = 2


def once(caller: Callable[[], str], *, keeps: bool = True) -> Callable[[View], View]:
    """Do what a route does once per Idempotency-Key; `caller` tells who asks, and refuses who may not.

    What is given to who may have it is not kept where it fades (`keeps=False`): the same request makes it anew, under
    the same reference.
    """

    def wrap(view: View) -> View:
        @wraps(view)
        def answer(**values: object) -> ResponseReturnValue:
            asking, header = caller(), request.headers.get("Idempotency-Key")
            if header is None:
                return view(**values)
            return _answer_once(asking, rules.read_key(header), lambda: view(**values), keeps)

        answer.is_once = True  # type: ignore[attr-defined]
        return answer

    return wrap


def reference() -> str | None:
    """Return a name for what this request does that stays the same when it is sent again; none without a key."""
    found: str | None = g.get("idempotent_reference")
    return found


def _answer_once(asking: str, key: str, act: Callable[[], ResponseReturnValue], keeps: bool) -> Response:
    mark, sealer = rules.fingerprint(request.method, request.full_path, request.get_data()), _sealer(key)
    try:
        with transaction() as session:
            found = service.claim(session, rules.key_hash(asking, key), mark, utc_now())
        return _said_again(found, sealer) if isinstance(found, str) else _do(found, sealer, act, keeps)
    except IdempotencyKeyReused as refusal:
        return problem(422, type(refusal).__name__, say(refusal))
    except AnswerUnreadable as refusal:
        return problem(409, type(refusal).__name__, say(refusal))
    except RequestInProgress as refusal:
        response = problem(409, type(refusal).__name__, say(refusal))
        response.headers["Retry-After"] = str(COME_BACK_AFTER)
        return response


def _sealer(key: str) -> MultiFernet:
    known = settings()
    return rules.sealer((one.get_secret_value() for one in (known.secret_key, *known.secret_key_fallbacks)), key)


def _do(claim: Claim, sealer: MultiFernet, act: Callable[[], ResponseReturnValue], keeps: bool) -> Response:
    g.idempotent_reference, sealed = claim.reference, None
    try:
        response = _respond(act)
        sealed = _seal(response, sealer) if _is_worth_keeping(response.status_code, keeps) else None
    finally:
        with transaction() as session:
            service.conclude(session, claim, sealed)
    return response


def _is_worth_keeping(status: int, keeps: bool) -> bool:
    # Whoever asks too much is told to ask again later, and is then to be heard.
    return (400 <= status < 500 and status != HTTPStatus.TOO_MANY_REQUESTS) or (keeps and status < 400)


def _respond(act: Callable[[], ResponseReturnValue]) -> Response:
    try:
        said = act()
    except (MembershipError, HTTPException) as refusal:
        said = current_app.handle_user_exception(refusal)
    return current_app.make_response(said)


def _seal(response: Response, sealer: MultiFernet) -> str:
    kept = [response.status_code, list(response.headers), response.get_data(as_text=True)]
    return sealer.encrypt(json.dumps(kept).encode()).decode()


def _said_again(sealed: str, sealer: MultiFernet) -> Response:
    try:
        status, headers, body = json.loads(sealer.decrypt(sealed))
    except InvalidToken as error:  # the secret that sealed it is none of ours any more
        raise AnswerUnreadable from error
    response = Response(body, status, [tuple(header) for header in headers])
    response.headers["Idempotency-Replayed"] = "true"
    return response
