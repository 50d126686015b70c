"""Every cause for which a decision changes is told, in the transaction that changes it."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from membership.access import service as access
from membership.access.models import Comp, SiteSubject
from membership.clock import utc_now
from membership.db import transaction
from membership.groups import service as groups
from membership.groups.models import Group, Seat
from membership.jobs.models import Job
from membership.notifications import service
from membership.notifications.models import Notification, ToldDecision
from membership.patrons.models import Patron
from membership.subscriptions.models import Invoice, InvoiceStatus, RevokedBy, Subscription, SubscriptionStatus
from membership.terms import service as terms
from membership.terms.models import Term, TermSource
from membership.terms.service import TermDraft
from tests.access.asking import register
from tests.factories import (
    make_comp,
    make_invoice,
    make_patron,
    make_seat,
    make_subscription,
    make_term,
    make_tier,
)
from tests.notifications.receiving import tell_at
from tests.staff.looking import look

DAY = timedelta(days=1)


def pay(session, patron_id):
    make_subscription(session, patron=session.get_one(Patron, patron_id))


def comp(session, patron_id):
    make_comp(session, patron_id=patron_id)


def give(session, patron_id):
    tier = make_tier(session)
    draft = TermDraft(
        patron_id=patron_id, tier_id=tier.id, source=TermSource.GIFT, cause="gift:1", starts_at=utc_now(), months=1
    )
    terms.give(session, draft)


def renew(session, patron_id):
    order = session.scalars(select(Subscription)).one()
    order.period_starts_at, order.period_ends_at = order.period_ends_at, order.period_ends_at + 30 * DAY
    make_invoice(session, subscription=order)


def fail(session, patron_id):
    order = session.scalars(select(Subscription)).one()
    order.status, invoice = SubscriptionStatus.PAST_DUE, session.scalars(select(Invoice)).one()
    invoice.status, invoice.paid_at, invoice.first_failed_at = InvoiceStatus.OPEN, None, utc_now()
    make_invoice(session, subscription=order, period_starts_at=utc_now() - 31 * DAY, period_ends_at=utc_now() - DAY)


def stop_now(session, patron_id):
    order = session.scalars(select(Subscription)).one()
    order.status, order.ended_at = SubscriptionStatus.ENDED, utc_now()


def take_back(why):
    def act(session, patron_id):
        invoice = session.scalars(select(Invoice)).one()
        invoice.revoked_at, invoice.revoked_by = utc_now(), why

    return act


def uncomp(session, patron_id):
    access.revoke_comp(session, patron_id, session.scalars(select(Comp.id)).one(), utc_now())


def ungive(session, patron_id):
    terms.revoke(session, "gift:1", utc_now())


def seat(session, patron_id):
    make_seat(session, patron=session.get_one(Patron, patron_id))


def unseat(session, patron_id):
    found = session.scalars(select(Seat)).one()
    groups.remove(session, found.group_id, found.public_id, utc_now())


def end_group(session, patron_id):
    found = session.scalars(select(Group)).one()
    groups.end_group(session, found.public_id, utc_now(), reason="Over", actor="test")


def let_group_lapse(session, patron_id):
    session.scalars(select(Group)).one().ends_at = utc_now()


def extend_group(session, patron_id):
    groups.extend_group(session, session.scalars(select(Group)).one().public_id, None, utc_now(), actor="test")


def ban(session, patron_id):
    access.ban_patron(session, patron_id, reason="x", now=utc_now())


def lift(session, patron_id):
    access.lift_ban(session, patron_id, utc_now())


def erase(session, patron_id):
    session.get_one(Patron, patron_id).email = None


def forget(session, patron_id):
    session.delete(session.scalars(select(SiteSubject)).one())


CAUSES = {
    "a payment": ([pay], "active"),
    "a comp": ([comp], "active"),
    "a gift that was accepted": ([give], "active"),
    "a renewal": ([pay, renew], "active"),
    "a renewal that failed": ([pay, fail], "grace"),
    "a stop at once": ([pay, stop_now], "ended"),
    "a refund": ([pay, take_back(RevokedBy.REFUND)], "ended"),
    "a dispute": ([pay, take_back(RevokedBy.DISPUTE)], "ended"),
    "a warning of fraud": ([pay, take_back(RevokedBy.FRAUD_WARNING)], "ended"),
    "a comp that was taken back": ([comp, uncomp], "none"),
    "a gift that was taken back": ([give, ungive], "none"),
    "a seat in a group": ([seat], "active"),
    "a seat that was taken back": ([seat, unseat], "ended"),
    "a group that staff ended": ([seat, end_group], "ended"),
    "a group that was over and goes on": ([seat, let_group_lapse, extend_group], "active"),
    "a ban": ([pay, ban], "ended"),
    "a ban that was lifted": ([pay, ban, lift], "active"),
    "a reader who is erased": ([pay, erase], "none"),
    "a reader whom the site is to forget": ([pay, forget], "none"),
}


def sweep(app, **payload):
    app.extensions["worker"].handlers[service.SWEEP](payload)


@pytest.mark.parametrize("cause", CAUSES)
def test_whatever_changes_a_decision_is_told(app, site, reader, drain, cause):
    acts, state = CAUSES[cause]
    for number, act in enumerate(acts, start=1):
        with transaction() as session:
            act(session, reader[0])
        drain()
        if act is forget:
            sweep(app)
            drain()
        assert site.told()[-1][1] == number
        assert site.messages()[-1]["data"]["subject"] == reader[1]

    assert site.told()[-1][0] == state
    assert len(site.requests) == len(acts)


def test_what_is_undone_with_its_transaction_is_not_told(context, site, reader, session):
    with pytest.raises(ZeroDivisionError), transaction() as current:
        make_comp(current, patron_id=reader[0])
        1 / 0  # noqa: B018
    with transaction() as current:
        current.add(make_tier(current))
        make_seat(current)

    assert look(session, select(Job.kind)) == []


def test_time_alone_is_told_too(app, site, reader, drain):
    with transaction() as session:
        make_comp(session, patron_id=reader[0], starts_at=utc_now() - DAY, ends_at=utc_now() + DAY)
        make_term(session, patron_id=reader[0], starts_at=utc_now() + 2 * DAY, ends_at=utc_now() + 3 * DAY)
    drain()
    for hours in (1, 25, 49, 73):
        with time_machine.travel(utc_now() + timedelta(hours=hours)):
            sweep(app)
            drain()

    assert [state for state, _ in site.told_at_any_time()] == ["active", "ended", "active", "ended"]


def test_grace_is_told_when_it_ends(app, site, reader, drain):
    with transaction() as session:
        pay(session, reader[0])
        fail(session, reader[0])
    drain()
    with time_machine.travel(utc_now() + 15 * DAY):
        sweep(app)
        drain()

    assert [state for state, _ in site.told_at_any_time()] == ["grace", "ended"]


def test_a_tier_that_gives_more_is_told_of_everybody_who_has_it(app, site, reader, drain):
    with transaction() as session:
        order = make_subscription(session, patron=session.get_one(Patron, reader[0]))
    drain()
    with transaction() as session:
        session.get(type(order.price.tier), order.price.tier.id).flags = ["archive"]
    drain()

    assert site.messages()[-1]["data"]["flags"] == ["archive"]


def test_readers_whom_a_site_knew_before_are_noted_and_told_of_when_something_changes(context, session, drain, app):
    register(session)
    with transaction() as current:
        for _ in range(2):
            access.subject_of(current, 1, make_comp(current).patron_id)
    tell_at("http://127.0.0.1:1/")
    with transaction() as current:
        late = make_comp(current).patron_id
        access.subject_of(current, 1, late)
    sweep(app)

    assert len(look(session, select(ToldDecision))) == 3
    assert len(look(session, select(Notification))) == 1


def test_a_change_counts_though_the_reader_was_never_looked_at(context, session, drain):
    register(session)
    with transaction() as current:
        patron_id = make_patron(current).id
        access.subject_of(current, 1, patron_id)
    tell_at("http://127.0.0.1:1/")
    with transaction() as current:
        make_comp(current, patron_id=patron_id)
    drain()

    assert len(look(session, select(Notification))) == 1


def test_nobody_is_told_of_readers_whom_no_told_site_knows(context, site, session):
    with transaction() as current:
        make_subscription(current)
        make_term(current)

    assert look(session, select(Job.kind)) == []
    assert look(session, select(Term.id))


def test_a_long_list_is_looked_through_in_parts(app, site, reader, session, monkeypatch):
    monkeypatch.setattr(service, "BATCH", 1)
    sweep(app)

    assert look(session, select(Job.kind)) == [service.SWEEP]


def test_a_name_that_is_nobodys_any_more_is_told_at_once(app, context, site, reader, session):
    sweep(app)
    with transaction() as current:
        current.delete(current.scalars(select(SiteSubject)).one())

    assert look(session, select(Job.kind)) == [service.SWEEP]


def test_a_reader_who_is_gone_and_had_nothing_is_only_forgotten(app, site, reader, session):
    sweep(app)
    with transaction() as current:
        forget(current, reader[0])
    sweep(app)

    assert look(session, select(ToldDecision)) == []
    assert look(session, select(Notification)) == []
