"""A request's way through the API: key, version, parameters, idempotency, endpoint, expansion."""

import hashlib
import json
import re
from dataclasses import dataclass, field

from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import Map, MapAdapter, Rule

from membership.sandbox.api import (
    catalogue,
    coupons,
    customers,
    disputes,
    intents,
    invoices,
    items,
    methods,
    pauses,
    payouts,
    platform,
    portal,
    previews,
    refunds,
    schedules,
    sessions,
    subscriptions,
)
from membership.sandbox.billing import engine
from membership.sandbox.contract import ParamRefused, check_params
from membership.sandbox.errors import (
    ApiError,
    Broken,
    InvalidParam,
    KeyReused,
    RateLimited,
    Unauthenticated,
    UnknownAddress,
)
from membership.sandbox.expansion import expand
from membership.sandbox.faults import UNANSWERED_AFTER, UNANSWERED_BEFORE, Fault
from membership.sandbox.routes import Call, Handler
from membership.sandbox.store import Object
from membership.sandbox.upsets import with_novelties
from membership.sandbox.wire import decode
from membership.sandbox.world import API_VERSION, Answer, World, compact, copy

KEYS_KEPT_FOR = 24 * 3600
LONGEST_KEY = 255
NO_METHOD_TYPES = "payment_method_types is no longer supported. Leave it out; methods are chosen in the Dashboard."
WITHOUT_TYPES = ("/v1/checkout/sessions", "/v1/payment_intents", "/v1/setup_intents")
MODULES = (
    catalogue,
    coupons,
    customers,
    disputes,
    intents,
    invoices,
    items,
    methods,
    pauses,
    payouts,
    platform,
    portal,
    previews,
    refunds,
    schedules,
    sessions,
    subscriptions,
)
ROUTES = [route for module in MODULES for route in module.ROUTES]
HANDLERS: dict[str, Handler] = {f"{method} {rule}": handler for method, rule, handler in ROUTES}
ADDRESSES: MapAdapter = Map(
    [Rule(rule, methods=[method], endpoint=f"{method} {rule}") for method, rule, _ in ROUTES]
).bind("sandbox")


@dataclass
class Request:
    """What arrived, free of any framework; `pairs` are those of the query or of the form."""

    method: str
    path: str
    base: str
    headers: dict[str, str]
    pairs: list[tuple[str, str]]


@dataclass
class Response:
    """What goes back; `is_dropped` means that the connection ends without a word."""

    status: int
    body: str
    headers: dict[str, str] = field(default_factory=dict)
    is_dropped: bool = False


LOCKED = "This object cannot be accessed right now because another API request or Stripe process is accessing it."
REFUSALS = {
    Fault.ERROR: Broken("An error occurred with our connection to the sandbox's own memory."),
    Fault.LOCK_TIMEOUT: RateLimited(LOCKED, code="lock_timeout"),
    Fault.RATE_LIMIT: RateLimited("Request rate limit exceeded.", code="rate_limit"),
}
DROPPED = Response(0, "", is_dropped=True)


def respond(world: World, request: Request) -> Response:
    """Answer one request to the API."""
    fault = world.faults.next(request.method, request.path)
    if fault is Fault.HANG:
        world.faults.hang()
    if fault is Fault.KILL_BEFORE:
        world.faults.kill()
    if fault in UNANSWERED_BEFORE:
        return DROPPED
    response = _carry_out(world, request, fault)
    if fault is Fault.WEBHOOK_FIRST:
        world.webhooks.settle(engine.RECEIVERS_MAY_TAKE)
    if fault is Fault.KILL_AFTER:
        world.faults.kill()
    return DROPPED if fault in UNANSWERED_AFTER else response


def _carry_out(world: World, request: Request, fault: Fault) -> Response:
    with world.lock:
        engine.catch_up(world)
        id, key = world.store.new_id("request"), _key(request)
        with world.asked_by(id, key):
            status, answer, is_replayed = _answer(world, request, fault)
        world.changes += request.method != "GET"
        world.note(request.method, request.path, status, answer)
        headers = {"Request-Id": id, "Stripe-Version": API_VERSION}
        headers |= {"Idempotency-Key": key} if key else {}
        headers |= {"Idempotent-Replayed": "true"} if is_replayed else {}
        shown = with_novelties(answer) if fault is Fault.UNKNOWN_FIELDS else answer
        return Response(status, compact(shown), headers)


def _answer(world: World, request: Request, fault: Fault) -> tuple[int, Object, bool]:
    try:
        _check_key(request)
        _check_version(request)
        if fault in REFUSALS:
            raise REFUSALS[fault]
        handler, call = _call(request)
        return _once(world, request, handler, call, fault)
    except ApiError as error:
        return error.status, error.body(), False


def _check_key(request: Request) -> None:
    match = re.fullmatch(r"Bearer\s+(\S+)", request.headers.get("authorization", ""))
    if match is None:
        raise Unauthenticated("You did not provide an API key.")
    if not re.fullmatch(r"[sr]k_test_\w+", match[1], re.ASCII):
        raise Unauthenticated(f"Invalid API Key provided: {match[1][:8]}***")


def _check_version(request: Request) -> None:
    version = request.headers.get("stripe-version")
    if version != API_VERSION:
        said = f"not {version}" if version else "and it must be sent"
        raise ApiError(f"The sandbox speaks only Stripe-Version {API_VERSION}, {said}.", param="Stripe-Version")


def _call(request: Request) -> tuple[Handler, Call]:
    try:
        endpoint, places = ADDRESSES.match(request.path, request.method)
    except (NotFound, MethodNotAllowed):
        raise UnknownAddress(f"Unrecognized request URL ({request.method}: {request.path}).") from None
    params = decode(request.pairs)
    if request.method == "POST" and "payment_method_types" in params and request.path.startswith(WITHOUT_TYPES):
        code = "payment_method_types_no_longer_supported"
        raise InvalidParam(NO_METHOD_TYPES, code=code, param="payment_method_types")
    try:
        check_params(request.method, request.path, params)
    except ParamRefused as refusal:
        raise InvalidParam(refusal.message, code=refusal.code, param=refusal.param) from None
    return HANDLERS[endpoint], Call(params, places.get("id", ""), request.path, request.base)


def _once(world: World, request: Request, handler: Handler, call: Call, fault: Fault) -> tuple[int, Object, bool]:
    key = _key(request)
    if key is None:
        return (*_run(world, handler, call, fault), False)
    if len(key) > LONGEST_KEY:
        raise InvalidParam(f"An idempotency key has at most {LONGEST_KEY} characters.")
    said = f"{request.method} {request.path} {json.dumps(call.params, sort_keys=True)}"
    fingerprint = hashlib.sha256(said.encode()).hexdigest()
    _forget_old_keys(world)
    kept = world.answers.get(key)
    if kept is None:
        status, answer = _run(world, handler, call, fault)
        world.answers[key] = Answer(fingerprint, status, copy(answer), world.now())
        return status, answer, False
    if kept.request != fingerprint:
        raise KeyReused(
            "Keys for idempotent requests can only be used with the same parameters they were first used with. "
            f"Try using a key other than '{key}' if you meant to execute a different request."
        )
    return kept.status, kept.body, True


def _run(world: World, handler: Handler, call: Call, fault: Fault) -> tuple[int, Object]:
    try:
        answer = handler(world, call)
    except InvalidParam:
        # Nothing was begun: the same key may come again with better parameters.
        raise
    except ApiError as error:
        return error.status, error.body()
    if fault is Fault.ERROR_AFTER:
        return Broken.status, Broken("An unknown error occurred.").body()
    try:
        return 200, expand(world, answer, call.params.get("expand", []))
    except InvalidParam as error:
        return error.status, error.body()


def _forget_old_keys(world: World) -> None:
    while world.answers:
        key, oldest = next(iter(world.answers.items()))
        if oldest.at >= world.now() - KEYS_KEPT_FOR:
            return
        del world.answers[key]


def _key(request: Request) -> str | None:
    return request.headers.get("idempotency-key") if request.method == "POST" else None
