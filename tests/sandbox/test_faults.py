import threading
import time

import pytest
import stripe

KEY = {"idempotency_key": "customer:1"}


def customers_of(sandbox):
    sandbox.post("/_sandbox/faults", {"mode": "none"})
    return len(sandbox.v1.customers.list().data)


@pytest.mark.parametrize(
    ("mode", "error", "made"),
    [
        ("refuse", stripe.APIConnectionError, 0),
        ("error", stripe.APIError, 0),
        ("rate_limit", stripe.RateLimitError, 0),
        ("error_after", stripe.APIError, 1),
        ("drop_after", stripe.APIConnectionError, 1),
    ],
)
def test_a_fault_strikes_before_or_after_the_act(sandbox, mode, error, made):
    assert sandbox.post("/_sandbox/faults", {"mode": mode}) == {"mode": mode}

    with pytest.raises(error):
        sandbox.v1.customers.create({"email": "a@example.org"}, KEY)

    assert customers_of(sandbox) == made


def test_after_a_cut_connection_the_same_key_finds_what_was_made(sandbox):
    sandbox.post("/_sandbox/faults", {"mode": "drop_after", "times": 1})
    with pytest.raises(stripe.APIConnectionError):
        sandbox.v1.customers.create({"email": "a@example.org"}, KEY)

    again = sandbox.v1.customers.create({"email": "a@example.org"}, KEY)

    assert again.last_response.headers["Idempotent-Replayed"] == "true"
    assert [one.id for one in sandbox.v1.customers.list().data] == [again.id]


def test_a_broken_answer_is_kept_under_its_key(sandbox):
    sandbox.post("/_sandbox/faults", {"mode": "error_after", "times": 1})

    for _ in range(2):
        with pytest.raises(stripe.APIError) as failure:
            sandbox.v1.customers.create({"email": "a@example.org"}, KEY)

    assert (failure.value.http_status, failure.value.headers["Idempotent-Replayed"]) == (500, "true")


def test_a_fault_strikes_only_below_its_path_and_as_often_as_asked(sandbox):
    sandbox.post("/_sandbox/faults", {"mode": "error", "path": "/v1/customers", "times": 2})

    assert sandbox.v1.products.list().data == []
    for _ in range(2):
        with pytest.raises(stripe.APIError):
            sandbox.v1.customers.list()
    assert sandbox.v1.customers.list().data == []


def test_a_line_that_hangs_is_let_go_when_the_fault_is_over(sandbox):
    sandbox.post("/_sandbox/faults", {"mode": "hang"})
    threading.Timer(0.3, lambda: sandbox.post("/_sandbox/faults", {"mode": "none"})).start()
    begun = time.monotonic()

    with pytest.raises(stripe.APIConnectionError):
        sandbox.v1.customers.create({"email": "a@example.org"}, KEY)

    assert 0.2 < time.monotonic() - begun < 15
    assert customers_of(sandbox) == 0


@pytest.mark.parametrize("given", [{"mode": "earthquake"}, {}, {"mode": "error", "times": "many"}])
def test_an_unknown_fault_is_refused(sandbox, given):
    assert sandbox.post("/_sandbox/faults", given)["error"]["type"] == "invalid_request_error"
