"""Stripe's errors in our words, over real HTTP (PAY-02, PAY-03)."""

import json
import socket
from collections import deque
from threading import Thread
from time import monotonic

import pytest
from stripe import StripeClient
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from membership.clock import utc_now
from membership.gateway import parameters
from membership.gateway.errors import GatewayMissing, GatewayRefused, GatewayUnreachable
from membership.gateway.pacing import LIMIT_PER_SECOND, REQUESTS_PER_SECOND, Pace
from membership.gateway.stripe_gateway import StripeGateway, line
from membership.gateway.values import AccountSnapshot
from membership.money import Money
from membership.sandbox.contract import check_params
from tests.conftest import make_settings
from tests.gateway.providers import donation, key, subscription


class Answers:
    """Gives the same answer to everything, and keeps what was asked."""

    def __init__(self):
        self.asked = deque()
        self.answer = (200, "{}")
        self.headers = {}

    def __call__(self, environ, start_response):
        request = Request(environ)
        self.asked.append((request.method, request.path, request.headers, request.form.to_dict()))
        status, body = self.answer
        return Response(body, status, self.headers, content_type="application/json")(environ, start_response)


@pytest.fixture
def answers():
    answers = Answers()
    server = make_server("127.0.0.1", 0, answers, threaded=True)
    answers.url = f"http://127.0.0.1:{server.port}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield answers
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def gateway(answers):
    return StripeGateway.from_settings(make_settings(stripe_api_base=answers.url))


@pytest.fixture
def silence():
    """Listen, and never answer."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


@pytest.mark.parametrize(
    ("status", "error", "expected"),
    [
        (400, {"type": "invalid_request_error", "code": "parameter_unknown"}, GatewayRefused),
        (400, {"type": "idempotency_error"}, GatewayRefused),
        (400, {"type": "invalid_request_error", "code": "rate_limit"}, GatewayUnreachable),
        (400, {"type": "invalid_request_error", "code": "resource_missing"}, GatewayMissing),
        (401, {"type": "invalid_request_error"}, GatewayRefused),
        (402, {"type": "card_error", "code": "card_declined"}, GatewayRefused),
        (403, {"type": "invalid_request_error"}, GatewayRefused),
        (404, {"type": "invalid_request_error", "code": "resource_missing"}, GatewayMissing),
        (409, {"type": "idempotency_error", "code": "idempotency_key_in_use"}, GatewayUnreachable),
        (429, {"type": "invalid_request_error", "code": "rate_limit"}, GatewayUnreachable),
        (500, {"type": "api_error"}, GatewayUnreachable),
    ],
)
def test_each_error_has_one_meaning(gateway, answers, monkeypatch, status, error, expected):
    monkeypatch.setattr(line, "SHORT_PAUSES", ())
    answers.answer = (status, json.dumps({"error": {"message": "no, reader@example.org", **error}}))

    with pytest.raises(expected) as refusal:
        gateway.get_account()

    assert refusal.type is expected
    assert "reader@example.org" not in str(refusal.value)


def test_an_answer_that_cannot_be_read_leaves_the_outcome_unknown(gateway, answers):
    answers.answer = (200, "<html>Welcome to the hotel network</html>")

    with pytest.raises(GatewayUnreachable):
        gateway.get_account()


def test_a_failed_request_is_tried_again_under_the_same_key(gateway, answers):
    answers.answer = (500, "{}")

    with pytest.raises(GatewayUnreachable):
        gateway.open_donation_checkout(donation(), key="donation:1")

    keys = [headers["Idempotency-Key"] for _, _, headers, _ in answers.asked]
    assert keys == ["donation:1", "donation:1"]


def test_nothing_is_told_about_us_but_the_version(gateway, answers):
    answers.answer = (200, json.dumps({"id": "acct_1", "object": "account", "country": None, "default_currency": None}))

    assert gateway.get_account() == AccountSnapshot("acct_1", "", "")
    _, _, headers, _ = answers.asked[0]
    assert headers["Stripe-Version"] == "2026-10-28.endive"
    assert headers["Authorization"] == "Bearer sk_test_sandbox"
    assert "X-Stripe-Client-Telemetry" not in headers


def test_a_refused_connection_is_said_at_once():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    gateway = StripeGateway.from_settings(make_settings(stripe_api_base=url))
    started = monotonic()

    with pytest.raises(GatewayUnreachable):
        gateway.open_donation_checkout(donation(), key=key())

    assert monotonic() - started < 3


def test_a_hanging_line_costs_less_than_ten_seconds(silence):
    gateway = StripeGateway.from_settings(make_settings(stripe_api_base=silence))
    started = monotonic()

    with pytest.raises(GatewayUnreachable):
        gateway.open_donation_checkout(donation(), key=key())

    assert monotonic() - started < 10


def test_lists_fail_in_our_words_too(gateway, answers):
    answers.answer = (404, json.dumps({"error": {"code": "resource_missing"}}))

    with pytest.raises(GatewayMissing):
        list(gateway.list_subscriptions())


def leaves_as_text(value):
    match value:
        case dict():
            return {name: leaves_as_text(inner) for name, inner in value.items()}
        case list():
            return [leaves_as_text(inner) for inner in value]
        case bool():
            return str(value).lower()
    return str(value)


@pytest.mark.parametrize(
    ("method", "path", "params"),
    [
        ("POST", "/v1/customers", parameters.customer("a@example.org", "Ada", "patron-1")),
        ("POST", "/v1/customers", parameters.customer("a@example.org", "", "patron-1")),
        ("POST", "/v1/checkout/sessions", parameters.subscription_checkout(subscription("cus_1", "price_1"))),
        ("POST", "/v1/checkout/sessions", parameters.donation_checkout(donation())),
        ("POST", "/v1/checkout/sessions", parameters.donation_checkout(donation(email=""))),
        ("POST", "/v1/refunds", parameters.refund("pi_1", Money(500, "eur"), "refund-1")),
        ("POST", "/v1/products", parameters.product("Friend", "friend")),
        ("POST", "/v1/prices", parameters.price("prod_1", Money(500, "eur"), "month", "friend_month_eur")),
        ("POST", "/v1/webhook_endpoints", parameters.endpoint("https://example.org/hook", "2026-10-28.endive")),
        ("POST", "/v1/webhook_endpoints/<id>", parameters.mended_endpoint()),
        ("GET", "/v1/events", parameters.page(after="evt_1")),
    ],
)
def test_what_we_send_is_what_the_package_describes(method, path, params):
    assert check_params(method, path, leaves_as_text(params)) is None


def test_checkout_is_asked_for_a_language_that_it_speaks():
    assert parameters.donation_checkout(donation(locale="en"))["locale"] == "en"
    assert parameters.donation_checkout(donation(locale="uk"))["locale"] == "auto"


@pytest.mark.processes
@pytest.mark.parametrize("provider", ["sandbox"], indirect=True)
def test_an_end_that_was_set_as_a_date_in_the_portal_can_be_undone(provider, stripe_side, subscribe):
    before = stripe_side.get_subscription(subscribe())
    portal = StripeClient("sk_test_portal", base_addresses={"api": provider.sandbox.url}).v1
    portal.subscriptions.update(before.id, {"cancel_at": "min_period_end"})
    assert stripe_side.get_subscription(before.id).cancel_at == before.period_ends_at

    assert stripe_side.undo_cancellation(before.id, key=key()) == before


@pytest.mark.processes
@pytest.mark.parametrize("provider", ["sandbox"], indirect=True)
def test_a_customer_without_a_card_changes_nothing(provider, stripe_side, subscribe):
    before = stripe_side.get_subscription(subscribe())
    portal = StripeClient("sk_test_portal", base_addresses={"api": provider.sandbox.url}).v1
    for card in portal.payment_methods.list({"customer": before.customer_id}).data:
        portal.payment_methods.detach(card.id)

    assert stripe_side.use_customers_card(before.id, key=key()) == before


TOO_FAST = json.dumps({"error": {"type": "invalid_request_error", "code": "rate_limit"}})


def test_what_is_asked_too_fast_is_asked_again_and_then_given_up(gateway, answers, monkeypatch):
    monkeypatch.setattr(line, "PAUSES", (0, 0))
    answers.answer = (429, TOO_FAST)

    with pytest.raises(GatewayUnreachable):
        list(gateway.patient().list_payouts(utc_now()))
    with pytest.raises(GatewayUnreachable):
        gateway.patient().get_account()
    assert len(answers.asked) == 6


@pytest.mark.parametrize(("named", "slept"), [("2", [2.0] * 4), ("15", [15.0]), ("21", []), ("soon", [0.0] * 4)])
def test_as_long_as_stripe_says_is_waited_but_not_for_ever(gateway, answers, monkeypatch, named, slept):
    pauses = []
    monkeypatch.setattr(line, "PAUSES", (0, 0, 0, 0))
    monkeypatch.setattr(line, "sleep", pauses.append)
    answers.answer, answers.headers = (429, TOO_FAST), {"Retry-After": named}

    with pytest.raises(GatewayUnreachable):
        gateway.patient().get_account()
    assert pauses == slept


@pytest.mark.parametrize("code", ["rate_limit", "lock_timeout"])
def test_what_somebody_waits_for_is_asked_again_under_its_key_for_a_moment(gateway, answers, monkeypatch, code):
    pauses = []

    def sleep(seconds):
        pauses.append(seconds)
        if len(pauses) == 2:
            answers.answer = (400, json.dumps({"error": {"type": "card_error"}}))

    monkeypatch.setattr(line, "sleep", sleep)
    answers.answer = (429, json.dumps({"error": {"type": "invalid_request_error", "code": code}}))

    with pytest.raises(GatewayRefused):
        gateway.open_donation_checkout(donation(), key="donation:1")
    assert [0.15 <= pauses[0] <= 0.45, 0.3 <= pauses[1] <= 0.9, len(pauses)] == [True, True, 2]
    assert [headers["Idempotency-Key"] for _, _, headers, _ in answers.asked] == ["donation:1"] * 3


@pytest.mark.parametrize(("named", "slept"), [("1", [1.0] * 3), ("4", [])])
def test_nobody_waits_for_long_where_stripe_says_that_it_takes_long(gateway, answers, monkeypatch, named, slept):
    pauses = []
    monkeypatch.setattr(line, "sleep", pauses.append)
    answers.answer, answers.headers = (429, TOO_FAST), {"Retry-After": named}

    with pytest.raises(GatewayUnreachable):
        gateway.get_account()
    assert pauses == slept


def test_lists_are_read_no_faster_than_the_limit_leaves_room_for():
    pace = Pace(per_second=100)
    started = monotonic()
    for _ in range(6):
        pace.wait()

    assert monotonic() - started >= 0.05
    assert REQUESTS_PER_SECOND < LIMIT_PER_SECOND
