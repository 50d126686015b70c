from datetime import timedelta

import pytest

from membership.access import service
from membership.access.errors import UnknownSubject
from membership.access.rules import State
from membership.clock import utc_now
from membership.subscriptions import rules
from membership.subscriptions.models import InvoiceStatus, SubscriptionStatus
from tests.access.asking import counting, register
from tests.factories import (
    make_comp,
    make_invoice,
    make_patron,
    make_price,
    make_subscription,
    make_term,
    make_tier,
)

DAY = timedelta(days=1)


def past_period(session, subscription, *, ended, status=InvoiceStatus.PAID, **fields):
    """Make an invoice of an earlier month that ended this long ago."""
    ends_at = utc_now() - ended
    return make_invoice(
        session, subscription, status=status, period_starts_at=ends_at - 30 * DAY, period_ends_at=ends_at, **fields
    )


def test_a_stranger_holds_nothing(session):
    assert service.decide_for(session, make_patron(session).id, utc_now()).state is State.NONE


def test_a_paid_subscription_gives_the_flags_of_its_tier(session):
    price = make_price(session, tier=make_tier(session, slug="friend", flags=["vote", "no_ads"]))
    subscription = make_subscription(session, price=price)

    decision = service.decide_for(session, subscription.patron_id, utc_now())

    assert (decision.state, decision.tier, decision.flags) == (State.ACTIVE, "friend", {"vote", "no_ads"})
    assert decision.valid_until == subscription.period_ends_at
    assert service.flags_of(session, subscription.patron_id, utc_now()) == {"vote", "no_ads"}


def test_an_unpaid_subscription_gives_nothing(session):
    subscription = make_subscription(session, paid=False)

    assert service.flags_of(session, subscription.patron_id, utc_now()) == set()


def test_grace_counts_from_the_first_failure(session):
    subscription = make_subscription(session, paid=False, status=SubscriptionStatus.PAST_DUE)
    past_period(session, subscription, ended=DAY)
    failed = utc_now() - timedelta(hours=20)
    make_invoice(session, subscription, status=InvoiceStatus.OPEN, paid_at=None, attempts=2, first_failed_at=failed)

    decision = service.decide_for(session, subscription.patron_id, utc_now())

    assert decision.state is State.GRACE
    assert decision.valid_until == rules.grace_until(failed, 14)


def test_an_old_debt_says_nothing_about_a_paid_period(session):
    subscription = make_subscription(session, paid=False)
    past_period(
        session,
        subscription,
        ended=60 * DAY,
        status=InvoiceStatus.UNCOLLECTIBLE,
        first_failed_at=utc_now() - 90 * DAY,
        paid_at=None,
    )
    past_period(session, subscription, ended=DAY)

    assert service.decide_for(session, subscription.patron_id, utc_now()).state is State.ACTIVE


def test_what_was_paid_back_ends_at_once(session):
    subscription = make_subscription(session, paid=False)
    past_period(session, subscription, ended=DAY)
    make_invoice(session, subscription, revoked_at=utc_now())

    assert service.decide_for(session, subscription.patron_id, utc_now()).state is State.ENDED


def test_the_database_reads_invoices_as_the_rules_do(session):
    subscription = make_subscription(session, status=SubscriptionStatus.PAST_DUE)
    failed = utc_now() - DAY
    make_invoice(
        session,
        subscription,
        status=InvoiceStatus.OPEN,
        first_failed_at=failed,
        paid_at=None,
        period_starts_at=subscription.period_ends_at,
        period_ends_at=subscription.period_ends_at + 30 * DAY,
    )
    make_invoice(session, subscription, revoked_at=utc_now())
    session.refresh(subscription, ["invoices"])
    paid, failing = rules.paid_through(subscription.invoices), rules.failing_since(subscription.invoices)

    decision = service.decide_for(session, subscription.patron_id, paid + timedelta(seconds=1))

    assert paid == subscription.period_ends_at
    assert decision.grants[0].until == max(paid, rules.grace_until(failing, 14))


def test_complimentary_access_counts_until_it_is_revoked(session):
    comp = make_comp(session)
    before = service.decide_for(session, comp.patron_id, utc_now())
    service.revoke_comp(session, comp.patron_id, comp.id, utc_now())
    after = service.decide_for(session, comp.patron_id, utc_now())

    assert (before.state, after.state) == (State.ACTIVE, State.NONE)


def test_a_site_asks_by_its_own_name_for_a_reader(session):
    site, _ = register(session)
    subscription = make_subscription(session)
    make_comp(session, patron_id=subscription.patron_id)
    subject = service.subject_of(session, site.id, subscription.patron_id)

    now = utc_now()

    assert service.decide_for_subject(session.connection(), site.id, subject, now) == service.decide_for(
        session, subscription.patron_id, now
    )


def test_a_reader_without_anything_is_known_all_the_same(session):
    site, _ = register(session)
    subject = service.subject_of(session, site.id, make_patron(session).id)

    assert service.decide_for_subject(session.connection(), site.id, subject, utc_now()).state is State.NONE


def test_another_sites_name_for_a_reader_is_unknown(session):
    site, other = register(session)[0], register(session, "other")[0]
    subject = service.subject_of(session, site.id, make_patron(session).id)

    with pytest.raises(UnknownSubject):
        service.decide_for_subject(session.connection(), other.id, subject, utc_now())


def test_members_are_listed_with_tier_weight_and_reason(session):
    price = make_price(session, tier=make_tier(session, slug="circle", vote_weight=3))
    paying = make_subscription(session, price=price).patron_id
    given = make_comp(session, tier_id=make_tier(session, slug="friend").id).patron_id
    make_subscription(session, price=make_price(session, tier=make_tier(session, flags=["no_ads"])))
    make_subscription(session, status=SubscriptionStatus.ENDED, ended_at=utc_now())
    make_comp(session, starts_at=utc_now() - 2 * DAY, ends_at=utc_now() - DAY)

    members = service.list_members(session, "vote", utc_now())

    assert [(m.patron_id, m.tier_slug, m.weight) for m in members] == [(paying, "circle", 3), (given, "friend", 1)]
    assert members[0].reason.startswith("Friend: paid through ")


def test_members_are_listed_in_one_query_however_many_they_are(app, session):
    price = make_price(session)
    for _ in range(20):
        make_subscription(session, price=price)

    with counting(app) as sent:
        members = service.list_members(session, "vote", utc_now())

    assert (len(members), len(sent)) == (20, 1)


def test_one_decision_for_one_and_the_same_in_the_list(session):
    subscription = make_subscription(session)
    make_comp(session, patron_id=subscription.patron_id)
    [member] = service.list_members(session, "vote", utc_now())

    grant = service.decide_for(session, subscription.patron_id, utc_now()).best_with("vote")

    assert (member.tier_slug, member.reason) == (grant.level.slug, grant.reason)


def test_given_time_gives_its_tier_until_it_is_taken_back(session):
    tier = make_tier(session, slug="friend", flags=["vote"])
    term = make_term(session, tier_id=tier.id)
    decision = service.decide_for(session, term.patron_id, utc_now())

    assert (decision.sources, decision.tier, decision.valid_until) == (("gift",), "friend", term.ends_at)
    assert [member.patron_id for member in service.list_members(session, "vote", utc_now())] == [term.patron_id]

    term.revoked_at = utc_now()
    session.flush()
    assert service.decide_for(session, term.patron_id, utc_now()).state is State.NONE
    assert service.list_members(session, "vote", utc_now()) == []
