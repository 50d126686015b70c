"""What a site is told the moment after something happened, by news from Stripe and the worker's hand."""

import pytest

from membership.access import service
from membership.db import transaction
from membership.staff import service as staff
from membership.subscriptions.handlers import end_now
from tests.access.asking import bearer, register
from tests.payments.story import FIVE, Story
from tests.webhooks.posting import deliver_all


class Reader:
    """A reader of one site, and what the site is told about her."""

    def __init__(self, client, session, gateway):
        self.client, self.story = client, Story(gateway)
        self.patron = self.story.patron()
        site, self.key = register(session)
        with transaction() as current:
            self.subject = service.subject_of(current, site.id, self.patron.id)

    def told(self):
        answer = self.client.get(f"/api/v1/access/{self.subject}", headers=bearer(self.key))
        return answer.json["state"], "vote" in answer.json["flags"]

    def subscribe(self):
        checkout = self.story.gateway.pay_checkout(self.story.open_subscription(self.patron).id)
        return checkout.id, checkout.subscription_id


@pytest.fixture
def reader(context, client, session, gateway):
    return Reader(client, session, gateway)


@pytest.fixture
def hears(client, gateway, drain):
    """Let us hear of all that happened at Stripe, and work on it."""

    def hear():
        deliver_all(client, gateway)
        drain()

    return hear


def _paid_by(gateway, subscription_id):
    return next(gateway.list_invoices_of(subscription_id)).payment_intent_ids[0]


def _cancel_now(reader, gateway, subscription_id):
    gateway.end(subscription_id, "cancellation_requested")


def _refund(reader, gateway, subscription_id):
    gateway.refund(_paid_by(gateway, subscription_id), FIVE, reference="", key="1")


def _dispute(reader, gateway, subscription_id):
    gateway.dispute(_paid_by(gateway, subscription_id))


def _ban(reader, gateway, subscription_id):
    with transaction() as current:
        staff.ban_patron(current, current.merge(reader.patron), reason="Threatened a reporter", actor="test")


def _erase(reader, gateway, subscription_id):
    with transaction() as current:
        current.merge(reader.patron).email = None


@pytest.mark.parametrize("lose", [_cancel_now, _refund, _dispute, _ban, _erase], ids=lambda act: act.__name__)
def test_the_api_says_no_as_soon_as_access_is_lost(reader, gateway, hears, lose):
    _, subscription_id = reader.subscribe()
    hears()
    before = reader.told()
    lose(reader, gateway, subscription_id)
    hears()

    assert (before, reader.told()[1]) == (("active", True), False)


def test_a_reader_who_is_shut_out_is_charged_no_more(reader, gateway, hears):
    _, subscription_id = reader.subscribe()
    hears()
    _ban(reader, gateway, subscription_id)
    hears()

    assert gateway.get_subscription(subscription_id).ended_at


def test_she_is_in_the_moment_she_comes_back_from_paying_webhook_or_not(reader, client):
    session_id, _ = reader.subscribe()
    before = reader.told()
    client.get(f"/thanks?session_id={session_id}")

    assert (before, reader.told()) == (("none", False), ("active", True))


def test_she_is_in_when_she_never_comes_back(reader, hears):
    reader.subscribe()
    hears()

    assert reader.told() == ("active", True)


def test_a_gift_given_once_spares_her_the_appeal(reader, client, gateway, hears):
    ask = lambda: client.get(f"/api/v1/access/{reader.subject}", headers=bearer(reader.key)).json["ask"]  # noqa: E731
    before = ask()
    reader.story.give(patron=reader.patron)
    hears()

    assert (before, ask()) == ("full", "none")


def test_ending_at_our_hand_is_told_without_any_news(reader, hears):
    _, subscription_id = reader.subscribe()
    hears()
    end_now(subscription_id)

    assert reader.told() == ("ended", False)
