"""No transaction is open while the provider is asked, whoever asks: the worker, the sweepers, the reconciler."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from membership.clock import utc_now
from membership.db import session as reading
from membership.db import transaction
from membership.payments import handlers as payment_handlers
from membership.payments import service as payments
from membership.payments.models import Payment
from membership.reconcile import walk
from membership.support import handlers as support_handlers
from membership.webhooks.service import explain
from tests.watching import WatchfulGateway
from tests.webhooks.posting import deliver_all


@pytest.fixture
def gateway():
    return WatchfulGateway()


def asked(gateway, act):
    """Do something; return what was asked meanwhile, and what of it within a transaction."""
    before = len(gateway.calls)
    act()
    return {name for name, _ in gateway.calls[before:]}, gateway.asked_within


def test_while_an_event_is_worked_on(story, client, gateway, drain):
    story.subscribe()
    deliver_all(client, gateway)
    names, within = asked(gateway, drain)

    assert names >= {"get_checkout", "get_subscription", "get_invoice", "get_payment"}
    assert within == []


def test_while_the_reconciler_walks(story, gateway):
    story.subscribe()
    story.give()
    names, within = asked(gateway, lambda: walk.reconcile(explain))

    assert names >= {"list_checkouts", "list_subscriptions", "list_settlements"}
    assert within == []


def test_while_the_sweepers_ask_again(story, gateway):
    story.fulfil(story.give())
    story.open_donation(remembered=False)
    story.open_subscription(remembered=False)
    receipt = reading().scalars(select(Payment.receipt_number)).one()
    with transaction() as session:
        payments.intend_refund(session, receipt, reason="a test", actor="staff:1")
    with time_machine.travel(utc_now() + timedelta(minutes=3), tick=False):
        names, within = asked(gateway, lambda: (support_handlers.sweep({}), payment_handlers.sweep_refunds({})))

    assert names == {"open_donation_checkout", "open_subscription_checkout", "refund"}
    assert within == []
