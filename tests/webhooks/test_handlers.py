"""Events are worked on once, in any order, and never lost."""

from datetime import timedelta

import pytest
from sqlalchemy import event, func, select, update

from membership.clock import utc_now
from membership.db import session as reading
from membership.db import transaction
from membership.donations.models import Donation
from membership.gateway.errors import GatewayUnreachable
from membership.jobs.models import Job
from membership.ledger.models import JournalTransaction
from membership.mail.models import Letter
from membership.payments.models import Payment
from membership.subscriptions.models import Subscription
from membership.webhooks import handlers
from membership.webhooks.errors import NotYetKnown, UnknownEvent
from membership.webhooks.invariants import INVARIANTS
from membership.webhooks.models import StoredEvent
from tests.webhooks.posting import deliver_all, event_body, post


def count(model):
    return reading().scalar(select(func.count()).select_from(model))


def outcomes():
    return list(reading().scalars(select(StoredEvent.outcome).order_by(StoredEvent.id)))


def work_on(client, kind, object_id, event_id="evt_1", **fields):
    post(client, event_body(kind, object_id, id=event_id, **fields))
    handlers.process({"event_id": event_id})
    reading().expire_all()


def test_a_gift_is_recorded_though_nobody_came_back(story, client, gateway, drain):
    story.give()
    deliver_all(client, gateway)
    drain()

    assert (count(Payment), list(reading().scalars(select(Letter.kind)))) == (1, ["receipt"])


def test_what_was_acknowledged_survives_a_crash_before_the_work(story, client, gateway, app, drain):
    story.give()
    deliver_all(client, gateway)
    app.extensions["engine"].dispose()
    drain()

    assert outcomes() == ["recorded"]


def test_every_kind_of_event_leads_to_its_object(story, client, gateway, drain):
    subscription_id, gift = story.subscribe(), story.give()
    gateway.settle()
    gateway.fail_renewal(subscription_id)
    gateway.renew(subscription_id)
    payment = gateway.get_payment(gateway.get_checkout(gift).payment_intent_id)
    gateway.refund(payment.id, payment.amount, reference="", key="1")
    gateway.settle()
    gateway.end(subscription_id)
    second = gateway.get_payment(gateway.get_checkout(story.give()).payment_intent_id)
    gateway.warn_of_fraud(second.id)
    gateway.dispute(second.id)
    for payout_id in gateway.pay_out():
        gateway.arrive(payout_id)
    named = {one.type.rpartition(".")[0] for one in gateway.events}
    kinds = {name if name in handlers.LOOK_UPS else name.partition(".")[0] for name in named}
    deliver_all(client, gateway)
    drain()

    assert kinds == set(handlers.LOOK_UPS)
    assert set(outcomes()) == {"recorded"}


def test_a_hundred_events_of_one_change_have_one_effect(story, client, drain):
    session_id = story.give()
    for _ in range(20):
        post(client, event_body("checkout.session.completed", session_id))
    drain()

    assert (count(Payment), count(JournalTransaction), count(Letter)) == (1, 1, 1)


def test_an_event_that_was_worked_on_stays_so(story, client, gateway):
    work_on(client, "checkout.session.completed", story.give())
    gateway.unreachable = True
    handlers.process({"event_id": "evt_1"})

    assert outcomes() == ["recorded"]


@pytest.mark.parametrize("kind", ["customer.subscription.created", "invoice.paid"])
def test_an_event_may_come_before_the_checkout_that_proves_it_ours(story, client, gateway, kind):
    subscription_id = story.subscribe()
    invoice = next(gateway.list_invoices_of(subscription_id))
    work_on(client, kind, subscription_id if kind.startswith("customer") else invoice.id)

    assert (outcomes(), count(Subscription), count(Payment)) == (["recorded"], 1, 1)


def test_an_event_before_our_own_row_is_kept_and_applied_later(story, client, gateway, drain):
    session_id = story.give()
    with transaction() as session:
        reference = session.scalars(select(Donation.reference)).one()
        session.execute(update(Donation).values(stripe_session_id=None, reference="not yet"))
    with pytest.raises(NotYetKnown):
        work_on(client, "checkout.session.completed", session_id)
    assert outcomes() == [None]

    with transaction() as session:
        session.execute(update(Donation).values(reference=reference))
    handlers.process({"event_id": "evt_1"})
    reading().expire_all()
    assert (outcomes(), count(Payment)) == (["recorded"], 1)


def test_what_stays_unknown_for_long_is_not_ours(story, client, monkeypatch):
    session_id = story.give()
    with transaction() as session:
        session.execute(update(Donation).values(stripe_session_id=None, reference="of another product"))
    monkeypatch.setattr(handlers, "PATIENCE", timedelta())
    work_on(client, "checkout.session.completed", session_id)

    assert (outcomes(), count(Payment)) == (["ignored"], 0)


def test_a_payment_that_is_on_its_way_leaves_the_event_pending(story, client, gateway):
    checkout = gateway.pay_checkout(story.open_donation().id, delayed=True)
    work_on(client, "checkout.session.completed", checkout.id)

    assert outcomes() == ["pending"]


def test_an_event_of_an_unknown_kind_is_stored_and_counted(client, context):
    work_on(client, "payout.sneezed", "po_1")

    assert outcomes() == ["ignored"]


def test_an_event_about_nothing_is_ignored(client, context):
    work_on(client, "invoice.paid", "in_1", data={"object": {}})

    assert outcomes() == ["ignored"]


def test_an_object_that_stripe_does_not_know_is_noted(client, context):
    work_on(client, "invoice.paid", "in_gone")

    assert outcomes() == ["missing"]


def test_an_old_event_does_not_take_anything_back(story, client, gateway):
    subscription_id = story.subscribe()
    gateway.fail_renewal(subscription_id)
    gateway.renew(subscription_id)
    work_on(client, "invoice.paid", next(gateway.list_invoices_of(subscription_id)).id)
    work_on(client, "invoice.payment_failed", next(gateway.list_invoices_of(subscription_id)).id, "evt_2")

    assert reading().scalars(select(Subscription.status)).one() == "active"


def _die(_):
    raise InterruptedError


def test_nothing_is_half_done_when_the_work_breaks_off(story, client):
    session_id = story.give()
    post(client, event_body("checkout.session.completed", session_id, id="evt_1"))
    event.listen(reading(), "before_commit", _die)
    with pytest.raises(InterruptedError):
        handlers.process({"event_id": "evt_1"})
    event.remove(reading(), "before_commit", _die)
    assert (count(Payment), count(JournalTransaction), count(Letter)) == (0, 0, 0)

    handlers.process({"event_id": "evt_1"})
    assert (count(Payment), count(JournalTransaction), count(Letter)) == (1, 1, 1)


def test_a_provider_that_cannot_be_reached_puts_the_work_off(story, client, gateway):
    session_id = story.give()
    gateway.unreachable = True

    with pytest.raises(GatewayUnreachable):
        work_on(client, "checkout.session.completed", session_id)


def test_a_poisoned_event_is_parked_and_the_others_go_on(story, client, gateway, app, drain):
    session_id, poison = story.give(), story.subscribe()
    gateway.world.subscriptions[poison] = None
    post(client, event_body("customer.subscription.updated", poison, id="evt_poison"))
    post(client, event_body("checkout.session.completed", session_id))
    for _ in range(12):
        drain()
        with transaction() as session:
            session.execute(update(Job).where(Job.done_at.is_(None)).values(run_at=utc_now()))
    parked = app.test_cli_runner().invoke(args=["events", "list", "--parked"])

    assert count(Payment) == 1
    assert parked.exit_code == 1
    assert "evt_poison" in parked.output


def test_silence_about_an_event_is_found(client, context):
    post(client, event_body(id="evt_1"))
    find = INVARIANTS["I7 events worked on"]
    assert find(reading()) == []

    with transaction() as session:
        session.execute(update(StoredEvent).values(received_at=utc_now() - timedelta(minutes=16)))
    assert find(reading()) == ["evt_1"]

    with transaction() as session:
        session.execute(update(Job).values(error="GatewayUnreachable"))
    assert find(reading()) == []


def keep_all(client, *news):
    """Keep events about these, in this order; return what the worker is given."""
    for n, (kind, object_id) in enumerate(news):
        post(client, event_body(kind, object_id, id=f"evt_{n}"))
    return [{"event_id": f"evt_{n}"} for n in range(len(news))]


def work_together(client, *news):
    reading().rollback()
    done = handlers.process_together(keep_all(client, *news))
    reading().expire_all()
    return done


def test_events_are_recorded_together_each_with_its_own_outcome(story, client, gateway):
    subscription_id, gift = story.subscribe(), story.give()
    waits = gateway.pay_checkout(story.open_donation().id, delayed=True)
    done = work_together(
        client,
        ("customer.subscription.created", subscription_id),
        ("checkout.session.completed", gift),
        ("checkout.session.completed", waits.id),
        ("invoice.paid", "in_gone"),
        ("payout.sneezed", "po_1"),
        ("invoice.paid", next(gateway.list_invoices_of(subscription_id)).id),
    )

    assert done == 6
    assert outcomes() == ["recorded", "recorded", "pending", "missing", "ignored", "recorded"]
    assert (count(Payment), count(Letter), count(Subscription)) == (2, 2, 1)
    assert sorted(reading().scalars(select(Payment.receipt_number))) == [f"R-{utc_now().year}-00000{n}" for n in (1, 2)]


def test_what_many_events_are_about_is_asked_for_once(story, client, gateway, monkeypatch):
    asked, ask = [], gateway.get_checkout
    monkeypatch.setattr(gateway, "get_checkout", lambda session_id: asked.append(session_id) or ask(session_id))
    gift = story.give()
    asked.clear()
    work_together(client, *[("checkout.session.completed", gift)] * 5)

    assert (asked, outcomes(), count(Payment)) == ([gift], ["recorded"] * 5, 1)


def test_together_goes_as_far_as_an_event_that_needs_more_than_recording(story, client):
    gift = "checkout.session.completed", story.give()

    assert work_together(client, gift, ("customer.updated", "cus_1"), gift) == 1
    assert outcomes() == ["recorded", None, None]


def test_together_goes_as_far_as_stripe_answers(story, client, gateway, monkeypatch):
    gifts, ask = [story.give(), story.give()], gateway.get_checkout

    def answer_once(session_id):
        if session_id == gifts[1]:
            raise GatewayUnreachable
        return ask(session_id)

    monkeypatch.setattr(gateway, "get_checkout", answer_once)
    news = [("checkout.session.completed", gift) for gift in gifts]

    assert work_together(client, *news) == 1
    assert handlers.process_together([{"event_id": "evt_1"}]) == 0
    assert (outcomes(), count(Payment)) == (["recorded", None], 1)


def test_what_was_looked_up_does_not_wait_for_long(story, client, monkeypatch):
    monkeypatch.setattr(handlers, "LONGEST", timedelta(seconds=-1))

    assert work_together(client, ("checkout.session.completed", story.give())) == 0


def test_together_too_an_event_that_was_worked_on_stays_so(story, client, gateway):
    gift = story.give()
    work_on(client, "checkout.session.completed", gift, "evt_0")
    gateway.unreachable = True

    assert work_together(client, ("checkout.session.completed", gift)) == 1


def test_nothing_is_recorded_together_while_one_of_them_must_wait(story, client, gateway, drain):
    gift, early = story.give(), story.give()
    with transaction() as session:
        unknown = update(Donation).where(Donation.stripe_session_id == early)
        session.execute(unknown.values(stripe_session_id=None, reference="not yet"))
    with pytest.raises(NotYetKnown):
        work_together(client, *[("checkout.session.completed", one) for one in (gift, early)])
    assert (outcomes(), count(Payment)) == ([None, None], 0)

    reading().rollback()
    drain()
    reading().rollback()
    assert (outcomes(), count(Payment)) == (["recorded", None], 1)


def test_a_checkout_behind_an_event_that_stripe_forgot_is_noted(story, client, gateway):
    subscription_id = story.subscribe()
    gateway.world.checkouts.clear()

    assert work_together(client, ("customer.subscription.created", subscription_id)) == 1
    assert outcomes() == ["missing"]


def test_an_event_that_is_not_kept_is_refused(context):
    with pytest.raises(UnknownEvent):
        handlers.process({"event_id": "evt_never"})
