"""A newsroom whose webhooks never worked, over real HTTP: the sandbox on one side, our client on the other."""

from time import monotonic

import pytest
from sqlalchemy import func, select

from membership import clock
from membership.db import session as reading
from membership.gateway.stripe_gateway import StripeGateway
from membership.ledger.models import Account
from membership.ledger.service import balances
from membership.mail.models import Letter
from membership.payments.models import Payment
from membership.reconcile import walk
from membership.reconcile.service import BEGINNING
from membership.subscriptions.models import Invoice
from membership.webhooks.service import explain
from tests.conftest import WEBHOOK_SECRET, make_settings
from tests.payments.story import Story
from tests.sandbox.process import running_sandbox

PATRONS, MONTHS = 6, 5


@pytest.fixture
def sandbox(tmp_path):
    """Run a sandbox that sends nothing; whoever asks the time follows its clock."""
    file = tmp_path / "clock"
    with running_sandbox("http://127.0.0.1:9/webhooks/stripe", WEBHOOK_SECRET, clock_file=file, mode="drop") as sandbox:
        clock.follow(file)
        yield sandbox
        clock.follow(None)


@pytest.fixture
def lived(sandbox, app, context):
    """Let patrons pay for some months and one of them give once, without a word to us."""
    stripe = StripeGateway.from_settings(make_settings(stripe_api_base=sandbox.url))
    app.extensions["gateway"] = stripe
    story = Story(stripe)
    price = story.price()
    checkouts = [story.open_subscription(price=price) for _ in range(PATRONS)] + [story.open_donation()]
    for checkout in checkouts:
        sandbox.post(f"/_sandbox/checkout/{checkout.id}/pay", {"card": "4242424242424242", "email": "r@example.org"})
    for _ in range(MONTHS):
        sandbox.post("/_sandbox/advance", {"months": 1})
    sandbox.post("/_sandbox/advance", {"days": 1})
    return stripe


def count(model):
    reading().rollback()
    return reading().scalar(select(func.count()).select_from(model))


@pytest.mark.processes
def test_months_without_webhooks_are_made_up_for_in_one_walk(lived):
    started = monotonic()
    report = walk.reconcile(explain)
    took = monotonic() - started

    months = PATRONS * (MONTHS + 1)
    assert (report.left, count(Invoice), count(Payment), count(Letter)) == (0, months, months + 1, 0)
    assert took < 20
    assert walk.reconcile(explain).findings == ()


@pytest.mark.processes
def test_our_books_equal_those_of_the_provider(lived):
    walk.reconcile(explain)

    held = sum(settlement.net.minor for settlement in lived.list_settlements(BEGINNING))
    booked = balances(reading())
    assert (booked[Account.STRIPE, "eur"], booked[Account.CLEARING, "eur"]) == (held, 0)
