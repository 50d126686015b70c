import json
import signal
import subprocess
import sys
import threading
import time

import pytest
import stripe

from membership.sandbox.faults import Fault, Faults

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
        ("lock_timeout", stripe.RateLimitError, 0),
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


@pytest.mark.parametrize(
    "given",
    [
        {"mode": "earthquake"},
        {},
        {"mode": "error", "times": "many"},
        {"mode": "kill_after"},
        {"mode": "kill_after", "pid": 1},
        {"seed": "a", "share": "half"},
        {"seed": "a", "modes": "error,earthquake"},
    ],
)
def test_an_unknown_fault_is_refused(sandbox, given):
    assert sandbox.post("/_sandbox/faults", given)["error"]["type"] == "invalid_request_error"


def test_a_kill_that_names_nobody_ends_nobody():
    Faults([Fault.KILL_AFTER]).kill()


def test_an_unknown_upset_is_refused(sandbox):
    assert "error" in sandbox.post("/_sandbox/faults/events", {"kinds": ["earthquake"]})


CALLER = """
import sys
from stripe import StripeClient
StripeClient("sk_test_x", base_addresses={"api": sys.argv[1]}).v1.customers.create({"email": "a@example.org"})
print("survived")
"""


@pytest.mark.parametrize(("mode", "made"), [("kill_before", 0), ("kill_after", 1)])
def test_the_caller_can_be_killed_before_or_after_the_act(sandbox, mode, made):
    start = f"import sys; sys.stdin.readline(){CALLER}"
    command = [sys.executable, "-c", start, sandbox.url]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as caller:
        sandbox.post("/_sandbox/faults", {"mode": mode, "pid": caller.pid, "times": 1})
        said, _ = caller.communicate("go\n", timeout=30)

    assert (caller.returncode, said) == (-signal.SIGKILL, "")
    assert customers_of(sandbox) == made


def test_an_answer_may_hold_what_no_version_knows_yet(sandbox):
    sandbox.post("/_sandbox/faults", {"mode": "unknown_fields"})

    customer = sandbox.v1.customers.create({"email": "a@example.org"})

    assert customer.sandbox_novelty.since == "a version to come"
    assert "sandbox_novelty" not in sandbox.world.store.get("customer", customer.id)


def test_the_event_may_come_before_the_answer(delivering, receiver):
    delivering.post("/_sandbox/faults", {"mode": "webhook_first"})

    delivering.v1.customers.create({"email": "a@example.org"})

    assert len(receiver.bodies) == 1


def strikes(sandbox, seed):
    """Make twenty calls under a seed; return what struck them."""
    sandbox.post("/_sandbox/faults", {"seed": seed, "share": 0.5})
    for number in range(20):
        try:
            sandbox.v1.products.create({"name": f"P{number}"})
        except stripe.StripeError:
            continue
    return [fault for _, _, fault in sandbox.get("/_sandbox/faults")["struck"]]


def test_a_seed_gives_the_same_faults_again(sandbox):
    first, again, other = strikes(sandbox, "a"), strikes(sandbox, "a"), strikes(sandbox, "b")

    assert first == again != other
    assert len(set(first)) > 2
    assert 4 <= len(first) <= 16


def upset(driver, *kinds, **fields):
    return driver.post("/_sandbox/faults/events", {"kinds": list(kinds), **fields})


def heard(receiver):
    return [json.loads(body) for body in receiver.bodies]


def test_an_event_can_come_twice(delivering, receiver):
    upset(delivering, "duplicate")

    delivering.v1.customers.create({})
    receiver.wait_for(2)

    assert receiver.bodies[0] == receiver.bodies[1]
    assert len(delivering.v1.events.list().data) == 1


def test_two_events_can_tell_the_same(delivering, receiver):
    upset(delivering, "twin")

    delivering.v1.customers.create({})
    receiver.wait_for(2)

    first, second = heard(receiver)
    assert first["id"] != second["id"]
    assert first["data"] == second["data"]
    assert {one.id for one in delivering.v1.events.list().data} == {first["id"], second["id"]}


def test_events_can_speak_another_version_with_words_of_the_future(delivering, receiver):
    upset(delivering, "foreign_version", "unknown_fields")

    delivering.v1.customers.create({})
    receiver.wait_for(1)

    (event,) = heard(receiver)
    assert event["api_version"] == "2020-08-27"
    assert "sandbox_novelty" in event
    assert "sandbox_novelty" in event["data"]["object"]
    assert "sandbox_novelty" not in delivering.v1.events.list().data[0]


def test_events_can_be_late(delivering, receiver):
    upset(delivering, "delay", delay=0.2)
    begun = time.monotonic()

    delivering.v1.customers.create({})
    receiver.wait_for(1)

    assert time.monotonic() - begun >= 0.2


def orders(driver, receiver, seed):
    """Return the order in which the events of one membership arrive under a seed."""
    driver.post("/_sandbox/faults/events", {"seed": seed, "share": 1, "kinds": "shuffle"})
    before, told = len(receiver.bodies), len(driver.told())
    driver.member()
    receiver.wait_for(before + len(driver.told()) - told)
    return [event["type"] for event in heard(receiver)[before:]]


def test_a_seed_gives_the_same_order_again(delivering, receiver):
    first, again = orders(delivering, receiver, "a"), orders(delivering, receiver, "a")

    assert first == again
    assert sorted(first) == sorted(delivering.told()[-len(first) :])
    assert first != delivering.told()[-len(first) :]
    assert delivering.get("/_sandbox/faults")["events"] == ["shuffle"]


def test_a_seed_upsets_a_share_of_all_events(delivering, receiver):
    answer = delivering.post("/_sandbox/faults/events", {"seed": "a", "share": 0.3, "delay": 0.05})
    assert len(answer["kinds"]) == 6

    for number in range(20):
        delivering.v1.products.create({"name": f"P{number}"})

    receiver.wait_for(20)
    assert 20 < len(delivering.told()) < 40
