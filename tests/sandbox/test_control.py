import json
import urllib.error
import urllib.request

import pytest

from tests.sandbox.test_pages import visit


def test_the_state_tells_what_there_is(sandbox):
    session = sandbox.open_gift()
    sandbox.pay(session)

    state = sandbox.get("/_sandbox/state")

    assert state["now"] == sandbox.world.clock.now()
    assert (state["mode"], state["fault"], state["pending"]) == ("drop", "none", 0)
    assert state["counts"]["charge"] == state["counts"]["checkout.session"] == 1
    assert (state["sessions"][0]["id"], state["sessions"][0]["status"]) == (session.id, "complete")
    assert state["events"][0]["type"] == "checkout.session.completed"


@pytest.mark.parametrize(
    ("span", "seconds"), [({"seconds": 90}, 90), ({"days": 2}, 172800), ({"seconds": 0}, 0), ({"seconds": "60"}, 60)]
)
def test_the_clock_moves_by_what_is_asked(sandbox, span, seconds):
    before = sandbox.world.clock.now()

    answer = sandbox.advance(**span)

    assert answer["events"] == 0
    assert before + seconds <= answer["now"] <= before + seconds + 2


@pytest.mark.parametrize("span", [{}, {"seconds": -1}, {"days": "soon"}, {"months": 999}, {"seconds": 10**12}])
def test_the_clock_goes_forward_only_and_not_too_far(sandbox, span):
    assert "error" in sandbox.advance(**span)


def test_the_page_shows_an_empty_sandbox_and_its_levers(sandbox):
    page = visit(f"{sandbox.url}/_sandbox/")

    assert page.status == 200
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    for words in (
        "Advance a month",
        "Nobody has started to pay yet",
        "Nothing has happened yet",
        "4000 0000 0000 0341",
    ):
        assert words in page.text
    assert visit(f"{sandbox.url}/").location == "/_sandbox/"
    assert visit(f"{sandbox.url}/_sandbox/static/sandbox.css").status == 200


def test_the_page_shows_what_happened(sandbox):
    waiting, paid = sandbox.open_gift(), sandbox.open_gift()
    sandbox.pay(paid)

    page = visit(f"{sandbox.url}/_sandbox/")

    assert waiting.url in page.text
    assert "checkout.session.completed" in page.text
    assert 'aria-pressed="true">drop' in page.text


def test_the_levers_work_by_form(delivering):
    before = delivering.world.clock.now()

    for path, form in [("advance", {"days": 1}), ("webhooks", {"mode": "hold"})]:
        page = visit(f"{delivering.url}/_sandbox/{path}", form)
        assert (page.status, page.location) == (303, "/_sandbox/")
    delivering.v1.customers.create({})
    (event,) = delivering.v1.events.list().data
    assert visit(f"{delivering.url}/_sandbox/events/{event.id}/resend", {}).status == 303

    state = delivering.get("/_sandbox/state")
    assert (state["mode"], state["pending"]) == ("hold", 2)
    assert state["now"] >= before + 86400


def test_a_page_elsewhere_cannot_pull_the_levers(sandbox):
    request = urllib.request.Request(f"{sandbox.url}/_sandbox/advance", b"days=1", {"Sec-Fetch-Site": "cross-site"})

    with pytest.raises(urllib.error.HTTPError) as refusal:
        urllib.request.urlopen(request, timeout=10)

    refusal.value.close()
    assert refusal.value.code == 403


def test_what_is_not_an_object_is_refused(sandbox):
    request = urllib.request.Request(f"{sandbox.url}/_sandbox/advance", b"[1]", {"Content-Type": "application/json"})

    with pytest.raises(urllib.error.HTTPError) as refusal:
        urllib.request.urlopen(request, timeout=10)

    with refusal.value as answer:
        assert json.load(answer)["error"]["message"] == "Send one JSON object."


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("checkout/cs_test_nothing/pay", {"card": "4242424242424242"}),
        ("events/evt_nothing/resend", {}),
        ("customers/cus_nobody/card", {"card": "4242424242424242"}),
    ],
)
def test_what_does_not_exist_is_missing(sandbox, path, body):
    assert sandbox.post(f"/_sandbox/{path}", body)["error"]["code"] == "resource_missing"


def test_work_that_falls_due_is_done_without_being_asked(sandbox):
    sandbox.gift()
    sandbox.world.clock.move_to(sandbox.world.clock.now() + 60)

    state = sandbox.get("/_sandbox/state")

    assert state["counts"]["balance_transaction"] == 1


def test_the_page_says_amounts_as_people_do(sandbox):
    sandbox.open_gift()
    page = visit(f"{sandbox.url}/_sandbox/").text

    assert "minor units" not in page
    assert "€20.00" in page
