"""Time is given once for a cause, carried on without a gap, and can be taken back."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from membership.clock import utc_now
from membership.db import transaction
from membership.money import Money
from membership.terms import rules, service
from membership.terms.errors import PolicyUnreadable, UnknownTerm
from membership.terms.invariants import overlapping_gifts
from membership.terms.models import TermSource
from membership.tiers.errors import UnknownTier
from tests.factories import make_patron, make_term, make_tier

DAY = timedelta(days=1)
FIVE = Money(500, "eur")


@pytest.fixture
def tier(session):
    tier = make_tier(session, slug="friend")
    set_policy(session)
    return tier


def set_policy(session, month=FIVE, tier="friend", **fields):
    wanted = {"most_months": 12, "patience_days": 10, "counts_cards": False} | fields
    return service.set_policy(session, month, tier, **wanted)


def pay(session, patron, cause, *, minor=500, at=None, source=TermSource.OFFLINE):
    return service.give_for_money(
        session,
        patron_id=patron.id,
        amount=Money(minor, "eur"),
        paid_at=at or utc_now(),
        source=source,
        cause=cause,
    )


def test_the_same_cause_gives_once(session, tier):
    patron = make_patron(session)
    first, again = pay(session, patron, "payment:1", minor=1000), pay(session, patron, "payment:1", minor=1000)

    assert first.id == again.id
    assert first.ends_at == rules.add_months(first.starts_at, 2)
    assert first.awaited_until == first.ends_at + 10 * DAY
    assert service.list_terms_of(session, patron.id) == [first]


def test_a_standing_order_carries_on_without_a_gap(session, tier):
    patron, now = make_patron(session), utc_now()
    terms = [pay(session, patron, f"payment:{n}", at=now + n * 31 * DAY) for n in range(3)]

    assert [term.starts_at for term in terms[1:]] == [term.ends_at for term in terms[:-1]]


def test_a_gift_of_somebody_else_does_not_delay_what_she_pays_herself(session, tier):
    patron, now = make_patron(session), utc_now()
    make_term(session, patron_id=patron.id, ends_at=now + 300 * DAY)

    assert pay(session, patron, "payment:1", at=now).starts_at == now


def test_too_little_money_or_no_policy_gives_nothing(session, tier):
    patron = make_patron(session)

    assert pay(session, patron, "payment:1", minor=499) is None
    service.end_policy(session, "eur")
    assert pay(session, patron, "payment:2") is None


def test_gifts_by_card_count_only_where_the_policy_says_so(session, tier):
    patron = make_patron(session)

    assert pay(session, patron, "payment:1", source=TermSource.DONATION) is None
    set_policy(session, counts_cards=True)
    assert pay(session, patron, "payment:1", source=TermSource.DONATION).source is TermSource.DONATION


def test_what_was_taken_back_can_be_given_again(session):
    term, now = make_term(session), utc_now()
    for cause in (term.cause, "unknown"):
        service.revoke(session, cause, now)
        service.revoke(session, cause, now + DAY)
    assert (term.revoked_at, service.given_until(session, term.patron_id)) == (now, None)
    for cause in (term.cause, "unknown"):
        service.restore(session, cause)

    assert service.given_until(session, term.patron_id) == term.ends_at
    assert service.get_term(session, term.cause) is term


def test_an_unknown_cause_gave_nothing(session):
    with pytest.raises(UnknownTerm):
        service.get_term(session, "gift:0")


def test_a_new_policy_takes_the_place_of_the_old_one(session, tier):
    set_policy(session, Money(700, "eur"))

    assert [policy.month.minor for policy in service.list_policies(session)] == [700]


@pytest.mark.parametrize("wrong", [{"month": Money(0, "eur")}, {"most_months": 0}, {"patience_days": -1}])
def test_a_policy_that_makes_no_sense_is_refused(session, tier, wrong):
    with pytest.raises(PolicyUnreadable):
        set_policy(session, **wrong)


def test_a_policy_needs_a_tier(session):
    with pytest.raises(UnknownTier):
        set_policy(session, tier="nowhere")


def test_two_transfers_booked_at_once_follow_one_another(app, session, tier):
    patron, now = make_patron(session), utc_now()
    session.commit()

    def book(n):
        with app.app_context(), transaction() as current:
            return pay(current, patron, f"payment:{n}", at=now)

    with ThreadPoolExecutor(4) as pool:
        terms = sorted(pool.map(book, range(4)), key=lambda term: term.starts_at)

    assert [term.starts_at for term in terms[1:]] == [term.ends_at for term in terms[:-1]]


def test_gifts_that_lie_beside_one_another_are_found(session):
    first = make_term(session)
    second = make_term(session, patron_id=first.patron_id)
    make_term(session, patron_id=first.patron_id, source=TermSource.OFFLINE)

    assert overlapping_gifts(session) == [second.cause]
    second.revoked_at = utc_now()
    assert overlapping_gifts(session) == []
