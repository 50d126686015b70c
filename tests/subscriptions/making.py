"""Snapshots as the provider would give them, a browser that has signed in, and what was committed."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from membership.gateway.values import CheckoutSnapshot, CheckoutStatus, InvoiceSnapshot, SubscriptionSnapshot
from membership.mail.models import Letter
from membership.money import Money
from membership.patrons.login import KEPT_AS
from membership.patrons.service import sign_ins
from tests.factories import make_patron, make_price

START = datetime(2026, 11, 3, 12, tzinfo=UTC)
MONTH = timedelta(days=30)
SNAPSHOT = SubscriptionSnapshot(
    id="sub_1",
    item_id="si_1",
    customer_id="cus_1",
    stripe_price_id="price_of_1",
    status="active",
    reference="",
    started_at=START,
    period_starts_at=START,
    period_ends_at=START + MONTH,
    cancel_at=None,
    ended_at=None,
    end_reason=None,
    as_of=START,
)
INVOICE = InvoiceSnapshot(
    id="in_1",
    subscription_id="sub_1",
    status="paid",
    total=Money(500, "eur"),
    period_starts_at=START,
    period_ends_at=START + MONTH,
    created_at=START,
    attempts=1,
    paid_at=START,
)
ENDED = replace(SNAPSHOT, status="canceled", ended_at=START + MONTH, end_reason="cancellation_requested")
STOPPING = replace(SNAPSHOT, cancel_at=START + MONTH)
CHECKOUT = CheckoutSnapshot(
    id="cs_1",
    url="https://checkout.stripe.com/cs_1",
    status=CheckoutStatus.OPEN,
    is_paid=False,
    reference="",
    mode="subscription",
    customer_id="cus_1",
    subscription_id=None,
    payment_intent_id=None,
    created_at=START,
)


def make_buyer(session, **fields):
    """Make a patron whom the provider knows, and the price that she buys."""
    price = make_price(session, stripe_price_id="price_of_1")
    return make_patron(session, stripe_customer_id="cus_1", **fields), price


def sign_in(client, session, patron):
    token = sign_ins.begin(session, patron)
    session.commit()
    with client.session_transaction() as cookie:
        cookie[KEPT_AS] = token


def rows(session, model):
    """Read what the application has committed, and hold no lock afterwards."""
    found = list(session.scalars(select(model).order_by(model.id).execution_options(populate_existing=True)))
    session.commit()
    return found


def letters(session):
    return [letter.kind for letter in rows(session, Letter)]
