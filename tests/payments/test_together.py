"""The page, the worker and the reconciler finish the same payment at the same moment."""

import threading
from functools import partial

import pytest
from sqlalchemy import func, select

from membership.db import session as reading
from membership.db import transaction
from membership.gateway.current import gateway as current_gateway
from membership.ledger.models import JournalTransaction
from membership.mail.models import Letter
from membership.payments.fulfilment import look_up_checkout, record
from membership.payments.invariants import INVARIANTS
from membership.payments.models import Payment
from membership.reconcile import walk
from membership.webhooks import handlers
from membership.webhooks.models import StoredEvent
from membership.webhooks.service import explain
from tests.webhooks.posting import event_body, post


def together(app, *acts):
    """Do everything at the same moment, each in a context of its own; return what went wrong."""
    start, failures = threading.Barrier(len(acts)), []

    def run(act):
        with app.app_context():
            start.wait()
            try:
                act()
            except Exception as error:
                failures.append(error)

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return failures


def come_back(session_id):
    def act():
        facts = look_up_checkout(current_gateway(), session_id)
        with transaction() as session:
            record(session, facts)

    return act


def work_on(event_id):
    return lambda: handlers.process({"event_id": event_id})


@pytest.mark.parametrize("wish", ["open_subscription", "open_donation"])
def test_one_payment_has_one_row_one_letter_and_one_entry(app, story, client, gateway, wish):
    checkout = gateway.pay_checkout(getattr(story, wish)().id)
    for event_id in ("evt_1", "evt_2"):
        post(client, event_body("checkout.session.completed", checkout.id, id=event_id))
    failures = together(
        app,
        come_back(checkout.id),
        come_back(checkout.id),
        work_on("evt_1"),
        work_on("evt_2"),
        lambda: walk.reconcile(explain),
    )

    assert failures == []
    rows = [reading().scalar(select(func.count()).select_from(row)) for row in (Payment, Letter, JournalTransaction)]
    assert rows == [1, 1, 1]
    assert not any(find(reading()) for find in INVARIANTS.values())


def test_two_workers_with_the_same_events_in_any_order_never_wait_for_each_other_in_vain(app, story, client, gateway):
    subscribed = [story.open_subscription(story.patron(), price).id for price in [story.price()] for _ in range(3)]
    for session_id in (*subscribed, *(story.open_donation().id for _ in range(3))):
        gateway.pay_checkout(session_id)
        post(client, event_body("checkout.session.completed", session_id))
    news = [{"event_id": event_id} for event_id in reading().scalars(select(StoredEvent.id))]
    reading().rollback()
    orders = news, news[::-1], news[3:] + news[:3]
    failures = together(app, *[partial(handlers.process_together, order) for order in orders])

    assert failures == []
    assert [reading().scalar(select(func.count()).select_from(row)) for row in (Payment, Letter)] == [6, 6]
    assert not any(find(reading()) for find in INVARIANTS.values())


def test_many_gifts_at_once_are_numbered_without_a_gap(app, story):
    failures = together(app, *[come_back(story.give()) for _ in range(8)])

    assert failures == []
    numbers = sorted(int(one[-6:]) for one in reading().scalars(select(Payment.receipt_number)))
    assert numbers == list(range(1, 9))
