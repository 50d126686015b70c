import json
import threading

import pytest
from stripe import SignatureVerificationError, StripeClient, WebhookSignature

from membership.sandbox import webhooks
from membership.sandbox.webhooks import ATTEMPTS, Mode, Webhooks
from membership.sandbox.world import Endpoint
from tests.sandbox.driver import SECRET, new_world, serving


def events(receiver):
    return [json.loads(body) for body in receiver.bodies]


def types(receiver):
    return [event["type"] for event in events(receiver)]


def test_events_arrive_signed_and_in_order(delivering, receiver):
    delivering.member()
    receiver.wait_for(len(delivering.told()))

    assert types(receiver) == delivering.told()
    for body, signature in zip(receiver.bodies, receiver.signatures, strict=True):
        assert StripeClient("sk_test_x").construct_event(body, signature, SECRET).api_version == "2026-10-28.endive"
        with pytest.raises(SignatureVerificationError):
            WebhookSignature.verify_header(body, signature, "whsec_another")


def test_a_signature_has_the_sandboxes_time(delivering, receiver):
    delivering.advance(days=40)
    delivering.v1.customers.create({})
    receiver.wait_for(1)

    moment = int(receiver.signatures[0].split(",")[0].removeprefix("t="))
    assert abs(moment - delivering.world.clock.now()) <= 2


def test_the_clock_stops_until_the_events_of_each_moment_arrived(tmp_path, receiver):
    world = new_world(tmp_path, "2025-01-31T12:00", endpoint=receiver.endpoint)
    with serving(world) as sandbox:
        subscription = sandbox.member()
        receiver.wait_for(len(sandbox.told()))
        before = len(receiver.bodies)

        answer = sandbox.advance(months=2)

        assert len(receiver.bodies) - before == answer["events"] > 10
        times = [event["created"] for event in events(receiver)[before:]]
        signed = [int(one.split(",")[0].removeprefix("t=")) for one in receiver.signatures[before:]]
    assert times == sorted(times)
    assert all(abs(sent - created) <= 2 for sent, created in zip(signed, times, strict=True))
    assert subscription.created < times[0] < times[-1] <= answer["now"]


def test_what_is_not_taken_comes_again_after_growing_gaps(delivering, receiver):
    receiver.statuses += [500, 404]

    delivering.v1.customers.create({})

    receiver.wait_for(3)
    assert len(set(receiver.bodies)) == 1
    assert delivering.world.webhooks.settle(5)
    (event,) = delivering.v1.events.list().data
    assert event.pending_webhooks == 0


def test_nobody_waits_for_what_comes_again(delivering, receiver):
    receiver.statuses += [500]
    delivering.v1.customers.create({})
    receiver.wait_for(1)
    delivering.v1.products.create({"name": "x"})
    receiver.wait_for(3)

    assert types(receiver) == ["customer.created", "product.created", "customer.created"]


def test_after_eight_tries_an_event_is_given_up(receiver, monkeypatch):
    now = [1000.0]
    monkeypatch.setattr(webhooks.time, "time", lambda: now[0])
    receiver.statuses += [500] * ATTEMPTS
    sender = Webhooks(lambda: 1000, lambda id: None)
    sender.put("evt_1", "{}", url=receiver.url, secret=SECRET)
    sender.start()

    for count, gap in enumerate([0, 1, 2, 4, 8, 16, 32, 64], start=1):
        now[0] += gap
        sender.switch(Mode.DELIVER)
        receiver.wait_for(count)
        assert sender.settle(5)
    now[0] += 1000
    sender.stop()

    assert len(receiver.bodies) == ATTEMPTS
    assert sender.pending() == []


def test_a_receiver_that_is_not_there_is_tried_again(tmp_path):
    world = new_world(tmp_path, endpoint=Endpoint("http://127.0.0.1:9/hook", SECRET))
    with serving(world) as sandbox:
        sandbox.v1.customers.create({})
        assert world.webhooks.settle(5)

        state = sandbox.get("/_sandbox/state")

    assert (state["pending"], len(state["failing"])) == (1, 1)


def test_held_events_go_out_in_order_when_let_go(delivering, receiver):
    delivering.post("/_sandbox/webhooks", {"mode": "hold"})
    delivering.member()
    assert delivering.advance(days=1)["events"] == 1

    assert receiver.bodies == []
    assert delivering.get("/_sandbox/state")["pending"] == len(delivering.told())
    delivering.post("/_sandbox/webhooks", {"mode": "deliver"})

    receiver.wait_for(len(delivering.told()))
    assert types(receiver) == delivering.told()


def test_held_events_can_be_shuffled(delivering, receiver):
    delivering.post("/_sandbox/webhooks", {"mode": "hold"})
    delivering.member()

    assert delivering.post("/_sandbox/events/shuffle")["pending"] == len(delivering.told())
    delivering.post("/_sandbox/webhooks", {"mode": "deliver"})

    receiver.wait_for(len(delivering.told()))
    assert types(receiver) != delivering.told()
    assert sorted(types(receiver)) == sorted(delivering.told())


def test_dropped_events_are_lost_on_the_way_and_still_listed(delivering, receiver):
    delivering.post("/_sandbox/webhooks", {"mode": "hold"})
    delivering.v1.customers.create({})
    delivering.post("/_sandbox/webhooks", {"mode": "drop"})
    delivering.v1.customers.create({})
    delivering.post("/_sandbox/webhooks", {"mode": "deliver"})

    last = delivering.v1.customers.create({})
    receiver.wait_for(1)

    assert [event["data"]["object"]["id"] for event in events(receiver)] == [last.id]
    assert len(delivering.v1.events.list().data) == 3


def test_an_event_that_is_too_old_to_be_listed_still_arrives(delivering, receiver):
    delivering.post("/_sandbox/webhooks", {"mode": "hold"})
    delivering.v1.customers.create({})
    delivering.advance(days=31)
    delivering.v1.products.create({"name": "Friend"})

    delivering.post("/_sandbox/webhooks", {"mode": "deliver"})

    receiver.wait_for(2)
    assert types(receiver) == ["customer.created", "product.created"]
    assert delivering.world.webhooks.settle(5)
    assert delivering.told() == ["product.created"]


def test_an_event_can_be_sent_again_as_often_as_one_likes(delivering, receiver):
    delivering.v1.customers.create({})
    receiver.wait_for(1)
    (event,) = delivering.v1.events.list().data

    assert delivering.post(f"/_sandbox/events/{event.id}/resend", {"times": 3})["times"] == 3

    receiver.wait_for(4)
    assert {one["id"] for one in events(receiver)} == {event.id}


def test_endpoints_of_the_api_get_what_they_want_under_their_own_secret(sandbox, receiver):
    sandbox.post("/_sandbox/webhooks", {"mode": "deliver"})
    endpoints = sandbox.v1.webhook_endpoints
    made = endpoints.create({"url": receiver.url, "enabled_events": ["product.created"]})
    off = endpoints.create({"url": receiver.url, "enabled_events": ["*"]})
    endpoints.update(off.id, {"disabled": True})

    sandbox.v1.customers.create({})
    sandbox.v1.products.create({"name": "Friend"})
    receiver.wait_for(1)

    assert types(receiver) == ["product.created"]
    assert WebhookSignature.verify_header(receiver.bodies[0], receiver.signatures[0], made.secret)
    endpoints.update(made.id, {"enabled_events": ["*"]})
    sandbox.v1.customers.create({})
    receiver.wait_for(2)
    assert types(receiver)[-1] == "customer.created"


def test_a_delivery_that_was_under_way_is_lost_when_events_are_dropped():
    sender = Webhooks(lambda: 0, lambda id: None, Mode.DROP)
    delivery = webhooks.Delivery(0.0, "evt_1", "http://127.0.0.1:9/", SECRET, "{}")

    sender._try_later(delivery)

    assert sender.pending() == []


def test_what_was_to_go_is_kept_when_the_mode_changes_at_the_last_moment(receiver):
    switched = threading.Event()

    def rest():
        line.switch(Mode.HOLD)
        switched.set()

    line = Webhooks(lambda: 1000, lambda id: None, rest=rest)
    line.put("evt_1", "{}", url=receiver.url, secret=SECRET)
    line.start()

    assert switched.wait(5)
    line.stop()
    assert [one["event_id"] for one in line.pending()] == ["evt_1"]
    assert receiver.bodies == []
