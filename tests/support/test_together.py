"""Several at once, and a line that breaks: never two customers, never two checkouts, nothing open meanwhile."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from membership.mail.models import Letter
from membership.patrons.models import Patron
from membership.subscriptions.models import IntentStatus, Subscription, SubscriptionIntent
from tests.browsing import post, token_on
from tests.factories import make_patron, make_price, make_tier
from tests.subscriptions.making import rows, sign_in
from tests.watching import WatchfulGateway

EMAIL = "olena@example.org"
CROWD = 6


@pytest.fixture
def gateway():
    return WatchfulGateway()


@pytest.fixture
def price(session):
    price = make_price(session, tier=make_tier(session, slug="friend"))
    make_price(session, tier=make_tier(session, slug="patron"))
    session.commit()
    return price


def press_together(app, forms):
    """Let several windows of one browser press their buttons at the same moment."""
    browsers = [app.test_client() for _ in forms]
    tokens = [token_on(browsers[0], "/")] * len(forms)
    cookie = browsers[0].get_cookie("membership").value
    for browser in browsers:
        browser.set_cookie("membership", cookie)
    barrier = Barrier(len(forms))

    def press(browser, token, form):
        barrier.wait()
        return browser.post(form["to"], data={"csrf_token": token} | form)

    with ThreadPoolExecutor(len(forms)) as pool:
        return list(pool.map(press, browsers, tokens, forms))


def test_pressed_in_many_windows_at_once_it_is_one_customer_and_one_checkout(app, session, price, gateway):
    form = {"to": "/subscribe", "tier": "friend", "interval": "month", "email": EMAIL}
    answers = press_together(app, [form] * CROWD)

    assert Counter(answer.status_code for answer in answers) == {303: CROWD}
    assert len({answer.location for answer in answers}) == 1
    assert len(gateway.world.customers) == len(gateway.world.checkouts) == 1
    assert len(rows(session, Patron)) == len(rows(session, SubscriptionIntent)) == 1


def test_who_only_knows_an_address_neither_sees_nor_closes_its_checkout(app, client, session, price, gateway):
    form = {"tier": "friend", "interval": "month", "email": EMAIL}
    hers = post(client, "/subscribe", form, page="/").location
    theirs = [post(app.test_client(), "/subscribe", form | {"tier": tier}, page="/") for tier in ("friend", "patron")]
    (checkout,) = gateway.world.checkouts.values()
    (letter,) = rows(session, Letter)

    assert [(answer.status_code, hers in answer.text) for answer in theirs] == [(200, False)] * 2
    assert (checkout.status.value, letter.kind, letter.values["checkout_url"]) == ("open", "checkout_waiting", hers)
    assert post(client, "/subscribe", form, page="/").location == hers


def test_two_different_wishes_at_once_leave_one_checkout_that_can_be_paid(app, session, price, gateway):
    form = {"to": "/subscribe", "interval": "month", "email": EMAIL}
    answers = press_together(app, [form | {"tier": tier} for tier in ("friend", "patron") * (CROWD // 2)])
    payable = [one for one in gateway.world.checkouts.values() if one.status.value == "open"]
    waiting = [one for one in rows(session, SubscriptionIntent) if one.status is IntentStatus.OPEN]

    assert {answer.status_code for answer in answers} <= {303, 409}
    assert [one.stripe_session_id for one in waiting] == [one.id for one in payable]
    assert len(gateway.world.customers) == len(payable) == 1


def test_the_first_two_acts_of_a_new_patron_make_one_customer(app, session, price, gateway):
    regular = {"to": "/subscribe", "tier": "friend", "interval": "month", "email": EMAIL}
    gift = {"to": "/donate", "amount": "20", "email": EMAIL}
    answers = press_together(app, [regular, gift] * (CROWD // 2))

    assert {answer.status_code for answer in answers} == {303}
    assert len(gateway.world.customers) == 1


def test_coming_back_in_many_windows_at_once_makes_one_subscription(app, client, session, price, gateway):
    post(client, "/subscribe", {"tier": "friend", "interval": "month", "email": EMAIL}, page="/")
    (intent,) = rows(session, SubscriptionIntent)
    gateway.pay_checkout(intent.stripe_session_id)
    address = f"/thanks?session_id={intent.stripe_session_id}"
    with ThreadPoolExecutor(CROWD) as pool:
        pages = list(pool.map(lambda _: app.test_client().get(address), range(CROWD)))

    assert {page.status_code for page in pages} == {200}
    assert len(rows(session, Subscription)) == 1


def test_no_transaction_is_open_while_the_provider_is_asked(client, session, price, gateway):
    patron = make_patron(session)
    sign_in(client, session, patron)
    post(client, "/subscribe", {"tier": "friend", "interval": "month"}, page="/")
    post(client, "/subscribe", {"tier": "patron", "interval": "month"}, page="/")
    post(client, "/donate", {"amount": "20"}, page="/")
    _, intent = rows(session, SubscriptionIntent)
    gateway.pay_checkout(intent.stripe_session_id)
    client.get(f"/thanks?session_id={intent.stripe_session_id}")
    for path in ("/account/subscription/stop", "/account/subscription/continue"):
        post(client, path, page="/account/subscription/stop")

    assert {name for name, _ in gateway.calls} >= {"create_customer", "expire_checkout", "undo_cancellation"}
    assert gateway.asked_within == []
