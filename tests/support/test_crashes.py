"""Killed at any point of subscribing, giving or stopping: afterwards one customer, one checkout, nothing forgotten."""

from datetime import timedelta

import pytest
import time_machine

from membership.clock import utc_now
from membership.donations.models import Donation, DonationStatus
from membership.gateway.memory import MemoryGateway
from membership.subscriptions.models import IntentStatus, Subscription, SubscriptionIntent
from membership.support import handlers
from tests.browsing import post
from tests.conftest import WEBHOOK_SECRET
from tests.factories import make_patron, make_price, make_tier
from tests.subscriptions.making import letters, rows, sign_in

STOP = "/account/subscription/stop"


class Killed(BaseException):
    """The end of the process, as far as the process can tell."""


class DeadlyGateway(MemoryGateway):
    """Kills its caller at one call, before or after the provider did what it was asked."""

    def __init__(self) -> None:
        super().__init__([WEBHOOK_SECRET])
        self.deadly_call: int | None = None
        self.is_after = False

    def kill_at(self, number, *, after):
        self.deadly_call, self.is_after = len(self.calls) + number, after

    def called(self, name, subject):
        super().called(name, subject)
        if not self.is_after and len(self.calls) == self.deadly_call:
            raise Killed

    def once(self, *request):
        answer = super().once(*request)
        if self.is_after and len(self.calls) == self.deadly_call:
            raise Killed
        return answer


@pytest.fixture
def gateway():
    return DeadlyGateway()


@pytest.fixture
def patron(client, session):
    make_price(session, tier=make_tier(session, slug="friend"))
    patron = make_patron(session)
    sign_in(client, session, patron)
    return patron


def press(client, path, **form):
    try:
        post(client, path, form, page="/")
    except Killed:
        return "killed"
    return "done"


def sweep(app):
    with app.app_context(), time_machine.travel(utc_now() + timedelta(minutes=3), tick=False):
        handlers.sweep({})


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("number", [1, 2])
@pytest.mark.parametrize("is_swept", [False, True])
def test_subscribing_survives(app, client, session, patron, gateway, number, after, is_swept):
    gateway.kill_at(number, after=after)
    died = press(client, "/subscribe", tier="friend", interval="month")
    if is_swept:
        sweep(app)
    press(client, "/subscribe", tier="friend", interval="month")
    (intent,) = rows(session, SubscriptionIntent)

    assert died == "killed"
    assert intent.status is IntentStatus.OPEN
    assert list(gateway.world.checkouts) == [intent.stripe_session_id]
    assert len(gateway.world.customers) == 1


@pytest.mark.parametrize("after", [False, True])
def test_giving_survives(app, client, session, patron, gateway, after):
    gateway.kill_at(1, after=after)
    died = press(client, "/donate", amount="20")
    sweep(app)
    (donation,) = rows(session, Donation)

    assert died == "killed"
    assert donation.status is DonationStatus.OPEN
    assert list(gateway.world.checkouts) == [donation.stripe_session_id]


@pytest.mark.parametrize("after", [False, True])
def test_stopping_survives(client, session, patron, gateway, after):
    press(client, "/subscribe", tier="friend", interval="month")
    (intent,) = rows(session, SubscriptionIntent)
    gateway.pay_checkout(intent.stripe_session_id)
    client.get(f"/thanks?session_id={intent.stripe_session_id}")
    gateway.kill_at(1, after=after)
    died = press(client, STOP)
    press(client, STOP)
    (subscription,) = rows(session, Subscription)

    assert died == "killed"
    assert subscription.cancel_at == subscription.period_ends_at
    assert letters(session).count("stopping") == 1
