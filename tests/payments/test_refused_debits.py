"""First debits that a bank refuses, of standing orders and gifts: they end, she is told once, and may try again."""

import pytest
from sqlalchemy import select

from membership.account.service import look
from membership.clock import utc_now
from membership.db import session as reading
from membership.db import transaction
from membership.donations.models import Donation, Purpose
from membership.gateway.errors import GatewayRefused
from membership.jobs.models import Job
from membership.mail.models import Letter
from membership.patrons.models import Patron
from membership.payments.models import Payment
from membership.reconcile.walk import reconcile
from membership.subscriptions import service
from membership.subscriptions.models import IntentStatus, Subscription, SubscriptionIntent
from membership.support.refusals import end_refused
from membership.webhooks.models import StoredEvent
from membership.webhooks.service import explain
from tests.webhooks.posting import deliver_all


@pytest.fixture(autouse=True)
def _sound(story, sound_books):
    """Ask every invariant after each test."""


@pytest.fixture
def refused(story, gateway):
    """Subscribe by a debit that waits, then is refused; nothing of the refusal is recorded."""
    checkout = gateway.pay_checkout(story.open_subscription().id, delayed=True)
    story.fulfil(checkout.id)
    return gateway.pay_checkout(checkout.id, fails=True)


def all_of(model):
    reading().rollback()
    reading().expire_all()
    return list(reading().scalars(select(model).order_by(model.id)))


def at_the_provider(gateway, checkout):
    invoices = gateway.list_invoices_of(checkout.subscription_id)
    return gateway.get_subscription(checkout.subscription_id).status, [one.status for one in invoices]


def told():
    return [one.kind for one in all_of(Letter)]


def begin_again(story):
    (intent,) = all_of(SubscriptionIntent)
    with transaction() as session:
        patron = session.get_one(Patron, intent.patron_id)
        return service.intend(session, patron, session.merge(intent.price)).id != intent.id


def test_news_of_it_ends_it_everywhere_and_tells_her_once(story, client, gateway, drain, refused):
    for _ in range(2):
        deliver_all(client, gateway)
        drain()

    (intent,) = all_of(SubscriptionIntent)
    assert (intent.status, intent.refusal) == (IntentStatus.FAILED, "unknown")
    assert at_the_provider(gateway, refused) == ("canceled", ["void"])
    assert (told(), all_of(Subscription), all_of(Payment)) == (["debit_refused"], [], [])
    assert {one.outcome for one in all_of(StoredEvent)} == {"recorded"}
    assert look(reading(), intent.patron_id, utc_now()).refused.id == intent.id
    assert begin_again(story)
    assert look(reading(), intent.patron_id, utc_now()).refused is None


def test_a_walk_finds_it_without_any_news(story, gateway, drain, refused):
    gateway.events.clear()

    report = reconcile(explain)

    assert [one.what for one in report.findings] == ["first debit refused, here open"]
    drain()
    assert (at_the_provider(gateway, refused), told()) == (("canceled", ["void"]), ["debit_refused"])
    assert reconcile(explain).findings == ()


def test_what_broke_off_goes_on_and_changes_nothing_more(story, gateway, refused):
    gateway.refuses = {"cancel_now"}
    with pytest.raises(GatewayRefused):
        end_refused({"session_id": refused.id})
    assert told() == []
    gateway.refuses = set()
    gateway.end(refused.subscription_id)
    gateway.refuses = {"void_invoice"}
    end_refused({"session_id": refused.id})
    gateway.refuses = set()
    end_refused({"session_id": refused.id})

    assert (at_the_provider(gateway, refused), told()) == (("canceled", ["void"]), ["debit_refused"])


def test_an_end_that_comes_between_is_as_good(story, gateway, refused, monkeypatch):
    def end_first(subscription_id, *, key):
        gateway.end(subscription_id)
        raise GatewayRefused

    monkeypatch.setattr(gateway, "cancel_now", end_first)
    end_refused({"session_id": refused.id})

    assert (at_the_provider(gateway, refused), told()) == (("canceled", ["void"]), ["debit_refused"])


def test_what_was_paid_meanwhile_is_kept(story, gateway, drain, refused):
    story.fulfil(refused.id)
    gateway.renew(refused.subscription_id)
    drain()

    (intent,) = all_of(SubscriptionIntent)
    assert (intent.status, intent.refusal) == (IntentStatus.COMPLETED, None)
    assert (at_the_provider(gateway, refused), told()) == (("active", ["paid"]), ["welcome"])


def test_whoever_has_no_address_is_not_written_to(story, gateway, refused):
    with transaction() as session:
        session.scalars(select(Patron)).one().email = None
    end_refused({"session_id": refused.id})

    assert (at_the_provider(gateway, refused), told(), len(all_of(Job))) == (("canceled", ["void"]), [], 1)


def test_the_page_after_it_says_so(story, client, refused):
    page = client.get(f"/thanks?session_id={refused.id}").text

    assert "Your bank has refused the debit. Nothing more will be tried, and you owe us nothing." in page


@pytest.mark.parametrize(
    ("purpose", "again"),
    [(Purpose.DONATION, "/?interval=once&currency=eur"), (Purpose.MEMBERSHIP, "/gifts?currency=eur")],
)
def test_a_gift_whose_debit_is_refused_is_told_once_and_offers_another_try(
    story, client, gateway, drain, purpose, again
):
    checkout = gateway.pay_checkout(story.open_donation(email="g@example.org", purpose=purpose).id, delayed=True)
    story.fulfil(checkout.id)
    gateway.pay_checkout(checkout.id, fails=True)
    deliver_all(client, gateway)
    drain()
    page = client.get(f"/thanks?session_id={checkout.id}").text

    (letter,) = all_of(Letter)
    assert (letter.kind, letter.recipient, letter.values["again_url"]) == ("gift_refused", "g@example.org", again)
    assert "Your bank has refused the debit." in page
    assert "Try again" in page


def test_a_refused_gift_without_an_address_is_not_written_about(story, gateway):
    checkout = gateway.pay_checkout(story.open_donation().id, delayed=True)
    with transaction() as session:
        session.scalars(select(Donation)).one().email = None
    story.fulfil(gateway.pay_checkout(checkout.id, fails=True).id)

    assert told() == []
