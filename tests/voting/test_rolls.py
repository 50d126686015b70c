"""The roll: who may vote, with what weight, and what becomes of it when things change."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from membership.audit.models import AuditEntry
from membership.clock import utc_now
from membership.subscriptions.models import InvoiceStatus
from membership.voting import service
from membership.voting.errors import (
    AlreadyOnRoll,
    JoinedLater,
    MayNotVote,
    NoGuest,
    NotOnRoll,
    RollEmpty,
    RoundNotDraft,
)
from membership.voting.models import Ballot, RollEntry, RoundState
from membership.voting.service.rolls import list_weights
from tests.factories import (
    make_invoice,
    make_patron,
    make_price,
    make_roll_entry,
    make_round,
    make_subscription,
    make_tier,
)

DAY = timedelta(days=1)


def member(session, **tier):
    return make_subscription(session, price=make_price(session, tier=make_tier(session, **tier))).patron


def on_roll(session, **fields):
    round = make_round(session, **fields)
    return {line["patron_id"]: line["weight"] for line in service.list_voters(session, round, utc_now())}


def test_any_of_the_flags_gives_a_vote(session):
    one, other = member(session, flags=["vote"]), member(session, flags=["council"])
    member(session, flags=["no_ads"])

    assert set(on_roll(session, flags=["vote", "council"])) == {one.id, other.id}


def test_a_round_may_be_for_some_tiers_only(session):
    wanted = member(session, slug="patron")
    member(session, slug="reader")

    assert set(on_roll(session, tiers=["patron"])) == {wanted.id}


def test_a_round_sets_the_weight_of_a_tier_and_others_keep_their_own(session):
    one, other = member(session, slug="patron", vote_weight=3), member(session, slug="reader", vote_weight=2)

    assert on_roll(session, weights={"patron": 1}) == {one.id: 1, other.id: 2}


@pytest.mark.parametrize(("months", "is_on"), [(2, True), (3, False)])
def test_months_are_counted_as_they_were_paid_for(session, months, is_on):
    subscription, now = make_subscription(session), utc_now()
    newcomer = make_subscription(session).patron
    for ago in (100, 70):
        starts_at = now - ago * DAY
        make_invoice(session, subscription, period_starts_at=starts_at, period_ends_at=starts_at + 30 * DAY)
    refunded = {"period_starts_at": now - 40 * DAY, "period_ends_at": now - 10 * DAY}
    make_invoice(session, subscription, **refunded, revoked_at=now)
    make_invoice(session, subscription, **refunded, status=InvoiceStatus.OPEN)
    roll = on_roll(session, min_months=months)

    assert (subscription.patron_id in roll, newcomer.id in roll) == (is_on, False)


def test_a_guest_of_the_newsroom_is_on_the_roll_with_a_weight_of_one(session):
    guest, patron, round = make_patron(session), member(session, vote_weight=3), make_round(session)
    service.invite_guest(session, round, guest, reason="She knows the river", actor="staff:1")
    service.invite_guest(session, round, patron, reason="He knows it too", actor="staff:1")
    service.open_round(session, round, utc_now(), "staff:1")
    roll = {entry.patron_id: entry for entry in session.scalars(select(RollEntry))}

    assert [(one.patron, one.reason) for one in service.list_guests(session, round)] == [
        (guest, "She knows the river"),
        (patron, "He knows it too"),
    ]
    assert (roll[guest.id].weight, roll[guest.id].tier) == (1, None)
    assert "She knows the river" in roll[guest.id].reason
    assert roll[patron.id].weight == 3


def test_guests_are_invited_once_and_before_the_opening(session):
    guest, round = make_patron(session), make_round(session)
    service.invite_guest(session, round, guest, reason="x", actor="staff:1")

    with pytest.raises(AlreadyOnRoll):
        service.invite_guest(session, round, guest, reason="x", actor="staff:1")
    with pytest.raises(RoundNotDraft):
        service.invite_guest(session, make_round(session, state=RoundState.OPEN), guest, reason="x", actor="staff:1")


def test_an_invitation_is_taken_back_before_the_opening_only(session):
    guest, round = make_patron(session), make_round(session)
    service.invite_guest(session, round, guest, reason="x", actor="staff:1")
    service.uninvite_guest(session, round, guest, actor="staff:1")
    session.flush()

    assert service.list_guests(session, round) == []
    with pytest.raises(NoGuest):
        service.uninvite_guest(session, round, guest, actor="staff:1")
    with pytest.raises(RoundNotDraft):
        service.uninvite_guest(session, make_round(session, state=RoundState.OPEN), guest, actor="staff:1")


def test_what_votes_will_weigh_is_known_before_the_opening(session):
    for slug, fields in {"reader": {"flags": []}, "friend": {"vote_weight": 2}, "patron": {"vote_weight": 3}}.items():
        make_tier(session, slug=slug, **fields)
    planned = [
        service.list_planned_weights(session, make_round(session, **fields))
        for fields in ({}, {"weights": {"friend": 1}}, {"tiers": ["patron"]})
    ]
    opened = make_round(session, state=RoundState.OPEN, weights={"old": 2})

    assert planned == [{"friend": 2, "patron": 3}, {"friend": 1, "patron": 3}, {"patron": 3}]
    assert service.list_planned_weights(session, opened) == {"old": 2}


def test_a_roll_without_anybody_is_not_opened(session):
    member(session, slug="reader")

    with pytest.raises(RollEmpty):
        service.open_round(session, make_round(session, tiers=["patron"]), utc_now(), "staff:1")


def test_an_open_roll_takes_who_joins_while_the_round_is_open(session):
    round = make_round(session, state=RoundState.OPEN, is_open_roll=True)
    patron, stranger = member(session, vote_weight=2), make_patron(session)

    assert service.may_join(session, round, patron, utc_now())
    assert not service.may_join(session, round, stranger, utc_now())
    assert service.cast_ballot(session, round, patron, round.slugs[:1], utc_now()).weight == 2
    with pytest.raises(MayNotVote):
        service.cast_ballot(session, round, stranger, round.slugs[:1], utc_now())


def test_without_an_open_roll_who_joins_later_waits(session):
    round, patron = make_round(session, state=RoundState.OPEN), member(session)

    assert not service.may_join(session, round, patron, utc_now())
    with pytest.raises(JoinedLater):
        service.cast_ballot(session, round, patron, round.slugs[:1], utc_now())


@pytest.mark.parametrize("has_voted", [True, False])
def test_who_is_struck_off_has_neither_ballot_nor_vote_and_it_is_on_the_record(session, has_voted):
    round, patron = make_round(session, state=RoundState.OPEN), make_patron(session)
    entry = make_roll_entry(session, round, patron_id=patron.id)
    if has_voted:
        service.cast_ballot(session, round, patron, round.slugs[:1], utc_now())
    service.strike_off(session, round, entry, utc_now(), reason="One person, two accounts", actor="staff:1")
    session.flush()

    assert session.scalars(select(Ballot)).all() == []
    assert (entry.voted_at, entry.struck_why) == (None, "One person, two accounts")
    assert session.scalars(select(AuditEntry)).one().action == "round.struck_off"
    with pytest.raises(MayNotVote):
        service.cast_ballot(session, round, patron, round.slugs[:1], utc_now())


def test_nobody_is_struck_off_twice_or_from_another_roll(session):
    round, other = make_round(session, state=RoundState.OPEN), make_round(session, state=RoundState.OPEN)
    entry = make_roll_entry(session, round)

    with pytest.raises(NotOnRoll):
        service.strike_off(session, other, entry, utc_now(), reason="x", actor="staff:1")
    service.strike_off(session, round, entry, utc_now(), reason="x", actor="staff:1")
    with pytest.raises(NotOnRoll):
        service.strike_off(session, round, entry, utc_now(), reason="x", actor="staff:1")


def test_an_open_roll_counts_months_as_the_frozen_one_does(session):
    round = make_round(session, state=RoundState.OPEN, is_open_roll=True, min_months=1)
    newcomer, subscription = member(session), make_subscription(session)
    starts_at = utc_now() - 40 * DAY
    make_invoice(session, subscription, period_starts_at=starts_at, period_ends_at=starts_at + 30 * DAY)

    assert service.may_join(session, round, subscription.patron, utc_now())
    assert not service.may_join(session, round, newcomer, utc_now())
    assert service.get_voter(session, round, subscription.patron, utc_now()).weight == 1


def test_months_of_somebody_without_a_vote_are_of_no_use(session):
    voters = [member(session).id for _ in range(2)]
    member(session, flags=["no_ads"])

    assert set(on_roll(session, min_months=0)) == set(voters)
    assert on_roll(session, min_months=1) == {}


def test_weights_are_told_in_the_order_in_which_tiers_are_offered(session):
    for position, slug in enumerate(("zinc", "amber")):
        make_tier(session, slug=slug, position=position)
    round = make_round(session, state=RoundState.OPEN)
    for tier in ("amber", "gone", "zinc", None):
        make_roll_entry(session, round, tier=tier)

    assert list(list_weights(session, round)) == ["zinc", "amber", "gone"]
