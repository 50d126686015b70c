import json
import urllib.error
import urllib.request

import pytest
import stripe
from stripe import StripeClient


def client(url, **options):
    return StripeClient(options.pop("api_key", "sk_test_x"), base_addresses={"api": url}, **options).v1


def raw(sandbox, path, body=None, **headers):
    """Ask without Stripe's client; return status, answer and headers."""
    own = {"Authorization": "Bearer sk_test_x", "Stripe-Version": stripe.api_version}
    request = urllib.request.Request(sandbox.url + path, body and body.encode(), own | headers)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, json.load(answer), answer.headers
    except urllib.error.HTTPError as refusal:
        with refusal:
            return refusal.code, json.load(refusal), refusal.headers


@pytest.mark.parametrize("header", ["", "Basic sk_test_x", "Bearer sk_live_x", "Bearer pk_test_x"])
def test_a_foreign_key_is_refused(sandbox, header):
    status, answer, _ = raw(sandbox, "/v1/customers", Authorization=header)

    assert status == 401
    assert answer["error"]["type"] == "invalid_request_error"


def test_a_restricted_key_is_taken(sandbox):
    assert client(sandbox.url, api_key="rk_test_x").customers.list().data == []


@pytest.mark.parametrize("version", ["", "2020-08-27"])
def test_another_version_of_the_api_is_refused(sandbox, version):
    headers = {"Stripe-Version": version}

    status, answer, _ = raw(sandbox, "/v1/customers", **headers)

    assert status == 400
    assert stripe.api_version in answer["error"]["message"]


def test_every_answer_has_a_request_id(sandbox):
    customer = sandbox.v1.customers.create({"email": "a@example.org"})
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        sandbox.v1.customers.retrieve("cus_nobody")

    assert customer.last_response.request_id.startswith("req_")
    assert refusal.value.request_id.startswith("req_")


def test_what_does_not_exist_is_missing(sandbox):
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        sandbox.v1.invoices.retrieve("in_nothing")

    assert (refusal.value.http_status, refusal.value.code) == (404, "resource_missing")
    assert refusal.value.user_message == "No such invoice: 'in_nothing'"


@pytest.mark.parametrize("path", ["/v1/unicorns", "/v1/customers/cus_1/pay"])
def test_an_unknown_address_is_told_so(sandbox, path):
    status, answer, _ = raw(sandbox, path)

    assert status == 404
    assert answer["error"]["message"] == f"Unrecognized request URL (GET: {path})."


@pytest.mark.parametrize(
    ("params", "code", "param"),
    [
        ({"emial": "x"}, "parameter_unknown", "emial"),
        ({"tax": {"ip_address": "::1"}}, "sandbox_unsupported", "tax"),
    ],
)
def test_unknown_parameters_are_refused(sandbox, params, code, param):
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        sandbox.v1.customers.create(params)

    assert (refusal.value.http_status, refusal.value.code, refusal.value.param) == (400, code, param)


def test_payment_method_types_are_no_longer_taken(sandbox):
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        sandbox.open_gift(payment_method_types=["card"])

    assert refusal.value.code == "payment_method_types_no_longer_supported"


def test_a_key_that_comes_again_gets_the_same_answer(sandbox):
    options = {"idempotency_key": "customer:1"}

    first = sandbox.v1.customers.create({"email": "a@example.org"}, options)
    sandbox.v1.customers.update(first.id, {"name": "Changed"})
    again = sandbox.v1.customers.create({"email": "a@example.org"}, options)

    assert (again.id, again.name) == (first.id, None)
    assert again.last_response.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.last_response.headers
    assert len(sandbox.v1.customers.list().data) == 1


def test_a_key_stands_for_one_body_only(sandbox):
    options = {"idempotency_key": "customer:1"}
    sandbox.v1.customers.create({"email": "a@example.org"}, options)

    with pytest.raises(stripe.IdempotencyError):
        sandbox.v1.customers.create({"email": "b@example.org"}, options)
    with pytest.raises(stripe.IdempotencyError):
        sandbox.v1.products.create({"name": "a@example.org"}, options)


def test_refusals_are_kept_under_their_key(sandbox):
    intent = sandbox.gift()
    sandbox.v1.refunds.create({"payment_intent": intent.id})
    options = {"idempotency_key": "refund:1"}

    for _ in range(2):
        with pytest.raises(stripe.InvalidRequestError) as refusal:
            sandbox.v1.refunds.create({"payment_intent": intent.id}, options)

    assert refusal.value.headers["Idempotent-Replayed"] == "true"


def test_a_key_is_free_again_when_nothing_was_begun(sandbox):
    options = {"idempotency_key": "customer:1"}
    with pytest.raises(stripe.InvalidRequestError):
        sandbox.v1.customers.create({"emial": "x"}, options)

    assert sandbox.v1.customers.create({"email": "a@example.org"}, options).email == "a@example.org"


def test_what_was_done_is_kept_under_its_key_even_if_it_cannot_be_shown(sandbox):
    params = {"email": "a@example.org", "expand": ["email"]}

    for _ in range(2):
        with pytest.raises(stripe.InvalidRequestError):
            sandbox.v1.customers.create(params, {"idempotency_key": "customer:1"})

    assert len(sandbox.v1.customers.list().data) == 1


def test_keys_are_forgotten_after_a_day(sandbox):
    options = {"idempotency_key": "customer:1"}
    sandbox.v1.customers.create({"email": "a@example.org"}, options)

    sandbox.advance(days=2)

    assert sandbox.v1.customers.create({"email": "b@example.org"}, options).email == "b@example.org"


def test_a_key_has_a_length(sandbox):
    with pytest.raises(stripe.InvalidRequestError):
        sandbox.v1.customers.create({"email": "a@example.org"}, {"idempotency_key": "k" * 256})


def test_a_request_without_a_key_is_done_each_time(sandbox):
    for _ in range(2):
        assert raw(sandbox, "/v1/customers", "email=a@example.org")[0] == 200

    assert len(sandbox.v1.customers.list().data) == 2


def test_events_name_the_request_that_made_them(sandbox):
    customer = sandbox.v1.customers.create({"email": "a@example.org"}, {"idempotency_key": "customer:1"})

    (event,) = sandbox.v1.events.list().data

    assert event.request.id == customer.last_response.request_id
    assert event.request.idempotency_key == "customer:1"


def test_a_wrong_parameter_name_is_refused_as_a_parameter(sandbox):
    status, answer, _ = raw(sandbox, "/v1/customers", "email[=x")

    assert (status, answer["error"]["param"]) == (400, "email[")
