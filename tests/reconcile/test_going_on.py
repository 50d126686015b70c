"""A walk that was cut off goes on where it was, whoever goes on; what it held is in the database, not in memory."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from membership.clock import utc_now
from membership.db import session as reading
from membership.db import transaction
from membership.gateway.errors import GatewayRefused, GatewayUnreachable
from membership.jobs.models import Job
from membership.money import Money
from membership.payments.models import Payment
from membership.reconcile import cli, service, steps, walk
from membership.reconcile.errors import AlreadyRunning
from membership.reconcile.handlers import reconciler
from membership.reconcile.lease import Lease, alone
from membership.reconcile.models import Sighting, SightingName, Walk, WalkFinding
from membership.subscriptions.models import Invoice
from membership.webhooks.service import explain


def reconcile(**options):
    reading().expire_all()
    return walk.reconcile(explain, **options)


def count(model):
    reading().rollback()
    return reading().scalar(select(func.count()).select_from(model))


def listed(gateway):
    return [name for name, _ in gateway.calls if name.startswith("list_") and not name.endswith("_of")]


@pytest.fixture
def cut_off(story, gateway):
    """Let the provider fall silent in the middle of the lists."""
    story.give()
    story.subscribe()
    gateway.refuses = {"list_refunds"}
    with pytest.raises(GatewayRefused):
        reconcile()
    gateway.refuses = set()
    gateway.calls.clear()


def test_lists_that_were_read_are_not_read_again(cut_off, gateway):
    report = reconcile()

    assert listed(gateway)[:2] == ["list_payments", "list_refunds"]
    assert (report.left, report.is_done, count(Payment), count(Sighting), count(SightingName)) == (0, True, 2, 0, 0)
    assert reconcile().findings == ()


def test_what_was_seen_long_ago_is_seen_anew(cut_off, gateway):
    with transaction() as session:
        session.execute(update(Walk).values(started_at=utc_now() - timedelta(hours=7)))

    assert reconcile().left == 0
    assert "list_checkouts" in listed(gateway)


def test_another_day_to_begin_with_is_another_walk(cut_off, gateway):
    since = utc_now() - timedelta(days=2)

    assert reconcile(since=since).since == since
    assert listed(gateway)[0] == "list_checkouts"


def test_a_dry_run_is_a_walk_of_its_own(cut_off, gateway):
    told = reconcile(dry_run=True)
    assert (told.left, count(Payment)) == (told.found, 0)

    gateway.calls.clear()
    assert (reconcile().found, listed(gateway)[0]) == (told.found, "list_payments")


def test_a_walk_rests_after_a_stretch_and_goes_on(story):
    for _ in range(3):
        story.give()
    reports = [reconcile(stretch=timedelta(0)) for _ in range(3)]
    last = reconcile()

    assert [report.is_done for report in (*reports, last)] == [False, False, False, True]
    assert (last.found, last.seen, count(Payment)) == (6, 6, 3)


def test_the_regular_walk_lets_others_have_their_turn(story, gateway, drain, monkeypatch):
    monkeypatch.setattr("membership.reconcile.handlers.STRETCH", timedelta(0))
    story.give()
    reconciler(explain)({})
    assert (count(Payment), count(Job)) == (0, 1)

    assert drain() == 3
    assert count(Payment) == 1


def test_who_forgot_to_breathe_finds_somebody_else_walking(context):
    with transaction() as session:
        mine = Lease(service.take_lease(session, utc_now() - timedelta(minutes=2)))
        service.take_lease(session, utc_now())

    with pytest.raises(AlreadyRunning):
        mine.breathe()


def test_who_lost_the_lease_leaves_it_to_whoever_walks(context):
    with pytest.raises(GatewayUnreachable), alone() as mine:
        with transaction() as session:
            service.keep_lease(session, mine.until, utc_now() + timedelta(minutes=1))
        raise GatewayUnreachable

    with pytest.raises(AlreadyRunning):
        reconcile()


def test_what_old_walks_found_is_forgotten_after_some_weeks(story):
    story.give()
    reconcile()
    with transaction() as session:
        session.execute(update(Walk).values(ended_at=utc_now() - timedelta(days=31)))
    reconcile()

    assert (count(Walk), count(WalkFinding)) == (1, 0)


def test_invoices_are_mended_though_their_subscription_looks_right(story, gateway):
    subscription_id = story.subscribe()
    reconcile()
    (paid,) = gateway.world.invoices.values()
    late = replace(paid, id="in_more", status="open", paid_at=None, payment_intent_ids=())
    gateway.world.invoices["in_more"] = late

    assert [one.what for one in reconcile().findings] == ["invoice open, not here"]
    assert (count(Invoice), subscription_id in gateway.world.subscriptions) == (2, True)


def test_a_payment_whose_invoice_was_here_before_it_is_mended(story, gateway):
    story.subscribe()
    (payment,) = gateway.world.payments.values()
    gateway.world.payments[payment.id] = replace(payment, status="processing", charge_id=None, paid_at=None)
    reconcile()
    gateway.world.payments[payment.id] = payment

    assert [one.what for one in reconcile().findings] == ["payment succeeded, not here"]
    assert count(Payment) == 1


def test_a_sale_of_today_is_not_taken_for_somebody_elses(story, gateway, monkeypatch):
    session_id = story.open_donation().id
    lists = gateway.list_refunds

    def meanwhile(*about):
        gateway.pay_checkout(session_id)
        gateway.settle()
        monkeypatch.undo()
        return lists(*about)

    monkeypatch.setattr(gateway, "list_refunds", meanwhile)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(walk, "utc_now", lambda: utc_now() - timedelta(seconds=2))
        first = reconcile()

    assert (first.others, count(Payment)) == (1, 0)
    assert (reconcile().left, reconcile().others, count(Payment)) == (0, 0, 1)


def test_what_belongs_to_other_products_is_counted_by_kind(app, story, gateway):
    story.subscribe()
    gift = story.give()
    payment_id = gateway.get_checkout(gift).payment_intent_id
    gateway.refund(payment_id, Money(100, "eur"), reference="", key="1")
    gateway.dispute(payment_id)
    gateway.warn_of_fraud(payment_id)
    bought, gateway.world.wishes["cs_other"] = gateway.world.checkouts.pop(gift), gateway.world.wishes.pop(gift)
    gateway.world.checkouts["cs_other"] = replace(bought, id="cs_other", reference="other")
    (subscription,) = gateway.world.subscriptions.values()
    gateway.world.subscriptions["sub_other"] = replace(subscription, id="sub_other", reference="")
    kinds = ("checkouts", "disputes", "fraud_warnings", "payments", "refunds", "subscriptions")
    report = reconcile()

    assert {kind: report.strangers[kind] for kind in kinds} == dict.fromkeys(kinds, 1)
    printed = app.test_cli_runner().invoke(args=["reconcile"]).output
    assert "ignored: checkouts 1, disputes 1, fraud warnings 1, payments 1, refunds 1, subscriptions 1" in printed


def test_long_work_says_how_far_it_is(app, story, monkeypatch):
    monkeypatch.setattr(cli, "PORTIONS_BETWEEN_WORDS", 1)
    monkeypatch.setattr(steps, "AT_ONCE", 1)
    for _ in range(2):
        story.give()
    result = app.test_cli_runner().invoke(args=["reconcile", "--json"])

    assert result.stderr.splitlines()[:3] == ["… checkouts: 1", "… checkouts: 2", "… payments: 3"]
    assert (json.loads(result.stdout)["found"], json.loads(result.stdout)["seen"]) == (4, 4)
