"""Our copy of what the provider says: any order of news ends in the same state, letters go out once."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from membership.mail.models import Letter
from membership.subscriptions import service
from membership.subscriptions.errors import UnknownSubscription
from membership.subscriptions.models import InvoiceStatus, Subscription, SubscriptionStatus
from tests.factories import make_patron, make_price, make_subscription, make_tier
from tests.subscriptions.making import ENDED, INVOICE, MONTH, SNAPSHOT, START, STOPPING, make_buyer


def letters(session):
    return [letter.kind for letter in session.scalars(select(Letter).order_by(Letter.id))]


def test_a_subscription_belongs_to_the_patron_of_its_customer(session):
    patron, price = make_buyer(session)
    found = service.sync_subscription(session, SNAPSHOT)

    assert (found.patron, found.price, found.status) == (patron, price, SubscriptionStatus.ACTIVE)
    assert service.live_subscription(session, patron.id) is found
    assert service.list_subscriptions_of(session, patron.id) == [found]


def test_news_that_comes_twice_changes_nothing(session):
    make_buyer(session)
    first = service.sync_subscription(session, SNAPSHOT)
    version = first.version

    assert service.sync_subscription(session, SNAPSHOT) is first
    assert first.version == version


def test_metadata_that_name_another_patron_are_not_believed(session):
    patron, _ = make_buyer(session)
    other = service.intend(session, make_patron(session), make_price(session), source="/theirs", locale="en")
    found = service.sync_subscription(session, replace(SNAPSHOT, reference=other.reference))

    assert (found.patron, found.source) == (patron, "")


def test_her_own_intent_tells_where_she_came_from(session):
    patron, price = make_buyer(session)
    intent = service.intend(session, patron, price, source="/article", locale="en")

    assert service.sync_subscription(session, replace(SNAPSHOT, reference=intent.reference)).source == "/article"


@pytest.mark.parametrize("fields", [{"customer_id": "cus_other"}, {"stripe_price_id": "price_other"}])
def test_what_was_not_bought_through_us_is_refused(session, fields):
    make_buyer(session)

    with pytest.raises(UnknownSubscription):
        service.sync_subscription(session, replace(SNAPSHOT, **fields))


def test_late_news_cannot_wake_an_ended_subscription(session):
    make_buyer(session)
    service.sync_subscription(session, ENDED)
    found = service.sync_subscription(session, SNAPSHOT)

    assert (found.status, found.ended_at) == (SubscriptionStatus.ENDED, START + MONTH)


def test_a_period_never_moves_back(session):
    make_buyer(session)
    later = replace(SNAPSHOT, period_starts_at=START + MONTH, period_ends_at=START + 2 * MONTH)
    service.sync_subscription(session, later)

    assert service.sync_subscription(session, SNAPSHOT).period_ends_at == START + 2 * MONTH


def test_a_second_live_subscription_is_kept_for_staff_to_see(session):
    patron, price = make_buyer(session)
    first = make_subscription(session, patron=patron, price=price)
    second = service.sync_subscription(session, SNAPSHOT)

    assert second.is_surplus
    assert service.live_subscription(session, patron.id) is first


def test_an_ended_subscription_is_never_surplus(session):
    patron, price = make_buyer(session)
    make_subscription(session, patron=patron, price=price)

    assert not service.sync_subscription(session, ENDED).is_surplus


def test_when_the_first_ends_the_second_counts(session):
    patron, _ = make_buyer(session)
    service.sync_subscription(session, SNAPSHOT)
    second = service.sync_subscription(session, replace(SNAPSHOT, id="sub_2"))
    service.sync_subscription(session, ENDED)

    assert service.live_subscription(session, patron.id) is second
    assert not second.is_surplus


def test_a_first_payment_that_never_came_makes_room(session):
    patron, _ = make_buyer(session)
    stuck = service.sync_subscription(session, replace(SNAPSHOT, id="sub_0", status="incomplete"))
    paid = service.sync_subscription(session, SNAPSHOT)

    assert stuck.is_surplus
    assert service.live_subscription(session, patron.id) is paid
    service.sync_subscription(session, replace(SNAPSHOT, id="sub_0", status="incomplete_expired"))
    assert service.live_subscription(session, patron.id) is paid


def test_stopping_and_going_on_are_told_once_each(session):
    make_buyer(session)
    for news in (SNAPSHOT, STOPPING, STOPPING, SNAPSHOT, SNAPSHOT, STOPPING):
        service.sync_subscription(session, news)

    assert letters(session) == ["stopping", "continuing", "stopping"]


def test_repairs_are_quiet(session):
    make_buyer(session)
    service.sync_subscription(session, SNAPSHOT, quiet=True)
    service.sync_subscription(session, STOPPING, quiet=True)

    assert letters(session) == []


def test_an_end_is_not_told_as_going_on(session):
    make_buyer(session)
    for news in (SNAPSHOT, STOPPING, ENDED):
        service.sync_subscription(session, news)

    assert letters(session) == ["stopping"]


def test_nobody_is_written_to_without_an_address(session):
    make_buyer(session, email=None)
    service.sync_subscription(session, SNAPSHOT)
    service.sync_subscription(session, STOPPING)

    assert letters(session) == []


def sync_invoice(session, snapshot):
    subscription = session.scalars(select(Subscription)).one()
    return service.sync_invoices(session, [snapshot], {snapshot.subscription_id: subscription})[snapshot.id]


def test_an_invoice_follows_its_subscription(session):
    make_buyer(session)
    subscription = service.sync_subscription(session, SNAPSHOT)
    invoice = sync_invoice(session, INVOICE)

    assert (invoice.subscription, invoice.status, invoice.paid_at) == (subscription, InvoiceStatus.PAID, START)
    assert (invoice.total_minor, invoice.first_failed_at) == (500, None)


def test_the_first_failure_is_kept_whatever_comes_after(session):
    make_buyer(session)
    service.sync_subscription(session, SNAPSHOT)
    failed = replace(INVOICE, status="open", paid_at=None, attempts=1)
    sync_invoice(session, failed)
    sync_invoice(session, replace(failed, attempts=3))
    invoice = sync_invoice(session, replace(INVOICE, attempts=2, paid_at=START + timedelta(days=5)))

    assert (invoice.first_failed_at, invoice.attempts) == (START, 3)
    assert (invoice.status, invoice.paid_at) == (InvoiceStatus.PAID, START + timedelta(days=5))


def test_an_invoice_that_was_not_tried_yet_has_not_failed(session):
    make_buyer(session)
    service.sync_subscription(session, SNAPSHOT)
    invoice = sync_invoice(session, replace(INVOICE, status="open", paid_at=None, attempts=0))

    assert invoice.first_failed_at is None


def test_only_what_runs_is_counted_as_readers_who_pay(session):
    make_subscription(session)
    make_subscription(session, status=SubscriptionStatus.PAST_DUE)
    make_subscription(session, status=SubscriptionStatus.ENDED, ended_at=START)

    assert service.count_readers_who_pay(session) == 2


def test_an_answer_that_was_overtaken_on_its_way_changes_nothing(session):
    make_buyer(session)
    stopping = replace(SNAPSHOT, cancel_at=SNAPSHOT.period_ends_at, as_of=START + timedelta(seconds=1))
    going_on = replace(SNAPSHOT, as_of=START + timedelta(seconds=2))
    service.sync_subscription(session, going_on)
    subscription = service.sync_subscription(session, stopping)

    assert subscription.cancel_at is None


def test_an_invoice_goes_on_asking_for_what_it_asked_for_when_she_changes(session):
    _, friend = make_buyer(session)
    circle = make_price(session, tier=make_tier(session, slug="circle"), stripe_price_id="price_of_2")
    service.sync_subscription(session, SNAPSHOT)
    before = sync_invoice(session, replace(INVOICE, stripe_price_id="price_of_1"))
    unsaid = sync_invoice(session, replace(INVOICE, id="in_2"))
    service.sync_subscription(session, replace(SNAPSHOT, stripe_price_id="price_of_2", as_of=START + MONTH))
    change = sync_invoice(session, replace(INVOICE, id="in_3", stripe_price_id="price_of_2"))
    again = sync_invoice(session, replace(INVOICE, stripe_price_id="price_of_1"))

    assert again is before
    assert (before.asked, change.asked, unsaid.asked) == (friend, circle, circle)
