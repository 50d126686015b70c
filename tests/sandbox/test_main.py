"""The real process."""

import json
import re
import time

import pytest
from stripe import StripeClient

from membership.sandbox.__main__ import _parser, _world
from membership.sandbox.webhooks import Mode
from tests.sandbox.driver import SECRET
from tests.sandbox.process import running_sandbox

pytestmark = pytest.mark.processes
NOWHERE = "http://127.0.0.1:9/hook"


def test_a_sandbox_may_have_nobody_to_tell():
    world = _world(_parser().parse_args(["--mode", "hold"]))

    assert (world.endpoint, world.webhooks.mode) == (None, Mode.HOLD)


def client(sandbox):
    return StripeClient("sk_test_x", base_addresses={"api": sandbox.url}).v1


def test_a_sandbox_delivers_to_the_address_of_its_command_line(receiver):
    with running_sandbox(receiver.url, SECRET) as sandbox:
        client(sandbox).customers.create({"email": "a@example.org"})
        receiver.wait_for(1)

    assert json.loads(receiver.bodies[0])["type"] == "customer.created"


def test_a_sandbox_remembers_and_keeps_a_journal(tmp_path):
    files = {"data": tmp_path / "data", "journal": tmp_path / "journal", "clock_file": tmp_path / "clock"}
    with running_sandbox(NOWHERE, SECRET, seed="7", mode="hold", **files) as sandbox:
        made = client(sandbox).customers.create({"email": "a@example.org"})
        now = sandbox.post("/_sandbox/advance", {"days": 3})["now"]
        ends = time.monotonic() + 10
        while not files["data"].exists() and time.monotonic() < ends:
            time.sleep(0.05)
        assert files["data"].exists()

    with running_sandbox(NOWHERE, SECRET, seed="7", **files) as sandbox:
        state = sandbox.get("/_sandbox/state")
        assert client(sandbox).customers.retrieve(made.id).email == "a@example.org"
    assert (state["mode"], state["pending"]) == ("hold", 1)
    assert now <= state["now"] <= now + 60
    lines = [json.loads(line) for line in files["journal"].read_text().splitlines()]
    assert [(line["method"], line["path"]) for line in lines] == [
        ("EVENT", "customer.created"),
        ("POST", "/v1/customers"),
        ("GET", f"/v1/customers/{made.id}"),
    ]
    assert lines[1]["body"]["id"] == made.id


def test_the_same_seed_gives_the_same_ids():
    ids = []
    for _ in range(2):
        with running_sandbox(NOWHERE, SECRET, seed="7", mode="drop") as sandbox:
            ids.append(client(sandbox).customers.create({"email": "a@example.org"}).id)

    assert ids[0] == ids[1]
    assert re.fullmatch(r"cus_\w{14}", ids[0])


def test_work_is_done_while_nobody_asks(receiver):
    with running_sandbox(receiver.url, SECRET) as sandbox:
        v1 = client(sandbox)
        price = {"currency": "eur", "unit_amount": 500, "product_data": {"name": "x"}}
        session = v1.checkout.sessions.create(
            {"mode": "payment", "line_items": [{"price_data": price, "quantity": 1}], "success_url": "http://x.test/"}
        )
        sandbox.post(f"/_sandbox/checkout/{session.id}/pay", {"card": "4242424242424242"})
        ends = time.monotonic() + 20
        while "charge.updated" not in {json.loads(body)["type"] for body in receiver.bodies}:
            assert time.monotonic() < ends
            time.sleep(0.1)
