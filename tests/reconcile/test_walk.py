"""Without a single event, our rows come to say what Stripe says."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import delete, func, select, update

from membership import clock
from membership.clock import utc_now
from membership.db import session as reading
from membership.db import transaction
from membership.gateway.errors import GatewayUnreachable
from membership.ledger.models import Account
from membership.ledger.service import balances
from membership.mail.models import Letter
from membership.money import Money
from membership.payments.models import Payment, Refund, RefundStatus
from membership.reconcile import service, walk
from membership.reconcile.errors import AlreadyRunning
from membership.reconcile.models import Checkpoint
from membership.subscriptions.models import Invoice, InvoiceStatus, Subscription, SubscriptionIntent
from membership.tiers.models import Price
from membership.webhooks.models import StoredEvent
from membership.webhooks.service import WAITS, WORKED_ON, explain
from tests.payments.state import state_of
from tests.webhooks.posting import deliver_all, event_body, post


def reconcile(**options):
    reading().expire_all()
    return walk.reconcile(explain, **options)


def count(model):
    reading().rollback()
    return reading().scalar(select(func.count()).select_from(model))


def found(report):
    return [(one.what, one.is_repaired) for one in report.findings]


def test_a_life_without_events_ends_like_one_with_them(story, client, gateway, drain):
    told, untold = story.patron(), story.patron()
    for _ in story.life(told):
        deliver_all(client, gateway)
        drain()
    deliver_all(client, gateway)
    drain()
    for _ in story.life(untold):
        gateway.events.clear()
    written = count(Letter)
    report = reconcile()

    assert state_of(reading(), gateway, untold.id) == state_of(reading(), gateway, told.id)
    assert (report.left, count(Letter)) == (0, written)
    assert reconcile().findings == ()


def test_a_new_subscription_is_untouched_by_the_end_of_the_old_one(story, gateway):
    patron = story.patron()
    old = story.subscribe(patron=patron)
    reconcile()
    gateway.end(old)
    reconcile()
    story.subscribe(patron=patron)

    assert reconcile().left == 0
    assert sorted(reading().scalars(select(Subscription.status))) == ["active", "ended"]


def test_stripe_and_our_books_agree_to_the_cent(story, gateway):
    for _ in story.life(story.patron()):
        pass
    gateway.settle()
    reconcile()

    held = sum(settlement.net.minor for settlement in gateway.world.settlements.values())
    assert balances(reading())[Account.STRIPE, "eur"] == held
    assert balances(reading())[Account.CLEARING, "eur"] == 0


def test_a_dry_run_tells_and_changes_nothing(story):
    story.give()
    report = reconcile(dry_run=True)

    assert found(report) == [("checkout paid, here open", False), ("payment succeeded, not here", False)]
    assert (count(Payment), reading().get(Checkpoint, "walk")) == (0, None)


def test_each_finding_says_why_it_arose(story, client):
    first, second, third = story.give(), story.give(), story.give()
    post(client, event_body("checkout.session.completed", first))
    post(client, event_body("checkout.session.completed", second))
    with transaction() as session:
        session.execute(update(StoredEvent).where(StoredEvent.object_id == second).values(processed_at=utc_now()))
    causes = {one.object_id: one.cause for one in reconcile(dry_run=True).findings}

    assert (causes[first], causes[second], causes[third]) == (WAITS, WORKED_ON, walk.NOTHING_TOLD)


@pytest.mark.parametrize("wish", ["open_subscription", "open_donation"])
def test_a_checkout_whose_answer_was_lost_is_repaired(story, gateway, wish):
    gateway.pay_checkout(getattr(story, wish)(remembered=False).id)

    assert reconcile().left == 0
    assert count(Payment) == 1


def test_a_checkout_that_expired_unseen_is_closed(story, gateway):
    gateway.expire_checkout(story.open_donation().id)

    assert found(reconcile()) == [("checkout expired, here open", True)]


def test_what_only_waits_is_no_difference(story, gateway):
    story.open_donation()
    gateway.pay_checkout(story.open_subscription().id, delayed=True)

    assert reconcile().findings == ()


def test_pauses_plans_and_waiting_changes_are_compared_and_mended(story, gateway):
    subscription_id, price = story.subscribe(), story.price()
    reconcile()
    later = utc_now().replace(microsecond=0) + timedelta(days=40)
    now = gateway.world.subscriptions[subscription_id]
    planned = replace(now, paused_until=later, next_price_id=price.stripe_price_id, next_price_at=later)
    gateway.world.subscriptions[subscription_id] = replace(planned, pending_until=later)

    assert found(reconcile()) == [
        ("subscription is paused until another time than here", True),
        ("subscription will have another price than here", True),
        ("subscription waits for another payment than here", True),
    ]
    assert reconcile().findings == ()


def test_a_plan_for_a_price_that_is_not_ours_is_no_difference(story, gateway):
    subscription_id = story.subscribe()
    reconcile()
    now = gateway.world.subscriptions[subscription_id]
    foreign = replace(now, next_price_id="price_of_others", next_price_at=now.period_ends_at)
    gateway.world.subscriptions[subscription_id] = foreign

    assert reconcile().findings == ()


def test_every_side_of_a_subscription_is_compared(story, gateway):
    subscription_id = story.subscribe()
    reconcile()
    price = story.price()
    gateway.fail_renewal(subscription_id)
    gateway.cancel_at_period_end(subscription_id, key="1")
    now = gateway.world.subscriptions[subscription_id]
    gateway.world.subscriptions[subscription_id] = replace(now, stripe_price_id=price.stripe_price_id)
    whats = [what for what, _ in found(reconcile())]

    assert whats[0] == "subscription past_due, here active"
    assert whats[1].startswith("subscription paid to ")
    assert whats[2:] == [
        "subscription ends at another time than here",
        "subscription has another price than here",
        "invoice open, not here",
    ]
    assert reconcile().findings == ()


def test_news_that_is_older_than_our_rows_is_no_difference(story, gateway):
    subscription_id = story.subscribe()
    reconcile()
    snapshot = gateway.world.subscriptions[subscription_id]
    earlier = replace(snapshot, period_starts_at=snapshot.period_starts_at - timedelta(days=30))
    gateway.world.subscriptions[subscription_id] = earlier

    assert reconcile().findings == ()


def test_an_invoice_that_was_paid_unseen_is_repaired(story, gateway):
    subscription_id = story.subscribe()
    gateway.fail_renewal(subscription_id)
    reconcile()
    gateway.renew(subscription_id)

    assert ("invoice paid, here open", True) in found(reconcile())


def test_a_refund_that_changed_unseen_is_repaired(story, gateway):
    session_id = story.give()
    gateway.refund(gateway.get_checkout(session_id).payment_intent_id, Money(100, "eur"), reference="", key="1")
    (refund_id,) = gateway.world.refunds
    assert reconcile().left == 0

    gateway.world.refunds[refund_id] = replace(gateway.world.refunds[refund_id], status="failed")
    assert found(reconcile()) == [("refund failed, here succeeded", True)]
    assert reading().scalars(select(Refund.status)).one() is RefundStatus.FAILED


def test_a_refund_of_something_else_is_no_difference(story, gateway):
    session_id = story.give()
    payment_id = gateway.get_checkout(session_id).payment_intent_id
    gateway.refund(payment_id, Money(100, "eur"), reference="", key="1")
    del gateway.world.checkouts[session_id]

    assert reconcile().findings == ()


def test_what_moves_for_other_products_is_counted_and_booked_apart(story, gateway):
    story.give()
    gateway.settle()
    (txn,) = gateway.world.settlements.values()
    gateway.world.settlements["txn_adjusted"] = replace(txn, id="txn_adjusted", source_id=None, category="adjustment")

    assert (reconcile(dry_run=True).others, balances(reading()).get((Account.OTHERS, "eur"))) == (1, None)
    report = reconcile()
    assert (report.left, report.others, balances(reading())[Account.OTHERS, "eur"]) == (0, 1, -txn.net.minor)
    assert (reconcile().findings, reconcile().others) == ((), 0)


def test_what_banks_did_unseen_is_made_up_for(story, gateway):
    first, second = (gateway.get_checkout(story.give()).payment_intent_id for _ in range(2))
    gateway.settle()
    dispute_id = gateway.dispute(first)
    gateway.warn_of_fraud(second)
    for payout_id in gateway.pay_out():
        gateway.arrive(payout_id)
    assert reconcile().left == 0
    assert balances(reading())[Account.STRIPE, "eur"] == 0
    assert reconcile().findings == ()

    gateway.close_dispute(dispute_id, won=True)
    gateway.fail_payout(payout_id)
    whats = {what for what, _ in found(reconcile())}
    assert {"dispute won, here open", "payout failed, here paid"} <= whats
    assert reconcile().findings == ()


def test_a_payout_whose_lines_came_late_is_completed(story, gateway):
    story.give()
    gateway.settle()
    (payout_id,) = gateway.pay_out()
    reconcile()
    gateway.world.payouts[payout_id] = replace(gateway.world.payouts[payout_id], is_complete=True)

    assert found(reconcile()) == [("payout complete, its lines are not here", True)]


def test_what_banks_do_to_strangers_is_no_difference(story, gateway):
    stranger = story.give()
    payment_id = gateway.get_checkout(stranger).payment_intent_id
    gateway.dispute(payment_id)
    gateway.warn_of_fraud(payment_id)
    del gateway.world.checkouts[stranger]

    assert (reconcile().findings, balances(reading())[Account.OTHERS, "eur"]) == ((), 4000)


def test_a_subscription_that_was_not_bought_through_us_is_no_difference(story, gateway):
    story.subscribe()
    gateway.world.checkouts.clear()
    with transaction() as session:
        session.execute(delete(SubscriptionIntent))

    assert reconcile().findings == ()


def test_what_cannot_be_repaired_keeps_nothing_else_from_it(story):
    story.subscribe()
    story.give()
    rename_price("price_gone")
    report = reconcile()

    assert report.left > 0
    assert (count(Subscription), count(Payment)) == (0, 1)


def test_what_the_database_refuses_keeps_nothing_else_from_repair(story, gateway):
    story.subscribe()
    (invoice,) = gateway.world.invoices.values()
    gateway.world.invoices[invoice.id] = replace(invoice, total=Money(-500, "eur"))
    story.give()
    report = reconcile()

    assert report.left > 0
    assert (count(Subscription), count(Payment)) == (0, 1)


def test_what_could_not_be_repaired_is_asked_for_again_however_late(story, gateway, tmp_path):
    subscription_id = story.subscribe()
    reconcile()
    price_id = reading().scalars(select(Price.stripe_price_id)).one()
    rename_price("price_gone")
    gateway.renew(subscription_id)
    assert reconcile().left > 0
    rename_price(price_id)
    later(tmp_path, days=20)

    assert reconcile().left == 0
    assert (count(Invoice), count(Payment)) == (2, 2)


def rename_price(stripe_price_id):
    with transaction() as session:
        session.execute(update(Price).values(stripe_price_id=stripe_price_id))


def test_the_next_walk_begins_where_the_last_one_came(story, gateway):
    assert reconcile().since == service.BEGINNING

    now = utc_now()
    since = reconcile().since
    assert now - service.OVERLAP - timedelta(minutes=1) < since < now - service.OVERLAP


def test_what_may_still_change_is_asked_for_however_old_it_is(story, gateway, tmp_path):
    subscription_id, gift = story.subscribe(), gateway.get_checkout(story.give())
    gateway.fail_renewal(subscription_id)
    gateway.refund(gift.payment_intent_id, Money(100, "eur"), reference="", key="1")
    (refund_id,) = gateway.world.refunds
    gateway.world.refunds[refund_id] = replace(gateway.world.refunds[refund_id], status="pending")
    reconcile()
    gateway.renew(subscription_id)
    gateway.world.refunds[refund_id] = replace(gateway.world.refunds[refund_id], status="succeeded")
    later(tmp_path, days=60)
    with transaction() as session:
        service.reach(session, utc_now())
    report = reconcile()

    assert report.left == 0
    assert ("refund succeeded, here pending", True) in found(report)
    assert set(reading().scalars(select(Invoice.status))) == {InvoiceStatus.PAID}


def test_an_open_invoice_that_stripe_has_forgotten_does_not_stop_the_walk(story, gateway, tmp_path):
    subscription_id = story.subscribe()
    gateway.fail_renewal(subscription_id)
    reconcile()
    (open_one,) = [one.id for one in gateway.world.invoices.values() if one.status == "open"]
    del gateway.world.invoices[open_one]

    assert reconcile().findings == ()


def test_a_subscription_whose_checkout_is_too_old_for_the_list_is_found_by_it(story, gateway):
    story.subscribe()
    report = reconcile(since=utc_now() + timedelta(minutes=1))

    assert (report.left, count(Subscription)) == (0, 1)


def test_of_two_at_once_one_leaves(context):
    with transaction() as session:
        service.take_lease(session, utc_now())

    with pytest.raises(AlreadyRunning):
        reconcile()


def test_a_walk_that_was_cut_off_is_taken_up_again(story, gateway, tmp_path):
    for _ in range(3):
        story.give()
    with transaction() as session:
        service.take_lease(session, utc_now())
    later(tmp_path, seconds=service.LEASE.total_seconds() + 1)

    assert reconcile().left == 0
    assert count(Payment) == 3


def test_a_provider_that_cannot_be_reached_leaves_the_way_free(story, gateway):
    story.give()
    gateway.unreachable = True
    with pytest.raises(GatewayUnreachable):
        reconcile()
    gateway.unreachable = False

    assert reconcile().left == 0


def later(tmp_path, **stretch):
    file = tmp_path / "offset"
    file.write_text(str(timedelta(**stretch).total_seconds()))
    clock.follow(file)


@pytest.fixture(autouse=True)
def clock_as_ever():
    yield
    clock.follow(None)
