"""Rounds: prepared, opened with everything frozen, closed with the seal broken."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from membership.audit.models import AuditEntry
from membership.clock import utc_now
from membership.mail.models import Letter
from membership.topics.errors import SlugTaken, UnknownTopic
from membership.topics.models import TopicState
from membership.voting import service
from membership.voting.errors import (
    ClosesTooLate,
    RollEmpty,
    RoundNotDraft,
    RoundNotOpen,
    RoundOver,
    TopicTaken,
    UnknownRound,
)
from membership.voting.models import Ballot, RollEntry, RoundState
from membership.voting.rules import RoundDraft, read_result
from tests.factories import (
    make_patron,
    make_price,
    make_roll_entry,
    make_round,
    make_subscription,
    make_tier,
    make_topic,
)


def draft(planned, **fields):
    now = utc_now()
    defaults = {
        "slug": "november",
        "title": {"en": "What next?"},
        "intro": {"en": ""},
        "seats": 1,
        "opens_at": now,
        "closes_at": now + timedelta(days=7),
        "topics": [topic.slug for topic in planned],
    }
    return RoundDraft(**defaults | fields)


def test_a_round_closes_within_a_year_from_now(session):
    topics, later = [make_topic(session), make_topic(session)], utc_now() + timedelta(days=367)
    with pytest.raises(ClosesTooLate):
        service.create_round(session, draft(topics, closes_at=later), actor="staff:1")

    round = make_round(session, state=RoundState.OPEN)
    with pytest.raises(ClosesTooLate):
        service.extend_round(session, round, later, utc_now(), "staff:1", reason="x")


def opened(session, voters=0, weight=1, **fields):
    round = make_round(session, state=RoundState.OPEN, **fields)
    for _ in range(voters):
        patron = make_patron(session)
        make_roll_entry(session, round, patron_id=patron.id, weight=weight)
        service.cast_ballot(session, round, patron, round.slugs[:1], utc_now())
    return round


def roll_of(session, round):
    return session.scalars(select(RollEntry).filter_by(round_id=round.id).order_by(RollEntry.id)).all()


def test_a_round_is_prepared_with_its_topics_in_order_and_a_seed_of_its_own(session):
    topics = [make_topic(session) for _ in range(3)][::-1]
    one = service.create_round(session, draft(topics), actor="staff:1")
    other = service.create_round(session, draft(topics, slug="december"), actor="staff:1")

    assert one.slugs == [topic.slug for topic in topics]
    assert one.state is RoundState.DRAFT
    assert one.tie_seed != other.tie_seed


def test_two_rounds_cannot_have_the_same_name(session):
    topics = [make_topic(session) for _ in range(2)]
    service.create_round(session, draft(topics), actor="staff:1")

    with pytest.raises(SlugTaken):
        service.create_round(session, draft(topics), actor="staff:1")


def test_a_round_needs_topics_that_exist(session):
    with pytest.raises(UnknownTopic):
        service.create_round(session, draft([make_topic(session)], topics=["a", "b"]), actor="staff:1")


def test_a_topic_that_is_on_a_ballot_is_taken(session):
    topics = [make_topic(session), make_topic(session, state=TopicState.ON_BALLOT)]

    with pytest.raises(TopicTaken):
        service.create_round(session, draft(topics), actor="staff:1")


def test_two_drafts_may_plan_a_topic_but_one_opens_with_it(session):
    make_subscription(session)
    topics = [make_topic(session) for _ in range(2)]
    one, other = (make_round(session, topics=topics) for _ in range(2))
    service.open_round(session, one, utc_now(), "staff:1")

    with pytest.raises(TopicTaken):
        service.open_round(session, other, utc_now(), "staff:1")


def test_opening_freezes_who_may_vote_with_what_weight_and_why(session):
    price = make_price(session, tier=make_tier(session, vote_weight=3))
    member, round = make_subscription(session, price=price).patron, make_round(session)
    make_patron(session)
    service.open_round(session, round, utc_now(), "staff:1")
    [entry] = roll_of(session, round)

    assert (entry.patron_id, entry.weight) == (member.id, 3)
    assert entry.reason
    assert (round.state, round.opened_at is None) == (RoundState.OPEN, False)
    assert {entry.topic.state for entry in round.topics} == {TopicState.ON_BALLOT}


def test_a_tier_without_a_vote_is_not_on_the_roll_and_a_heavy_one_is_capped(session):
    make_subscription(session, price=make_price(session, tier=make_tier(session, flags=["no_ads"])))
    make_subscription(session, price=make_price(session, tier=make_tier(session, vote_weight=9)))
    round = make_round(session)
    service.open_round(session, round, utc_now(), "staff:1")

    assert [entry.weight for entry in roll_of(session, round)] == [3]


def test_a_round_opens_once(session):
    with pytest.raises(RoundNotDraft):
        service.open_round(session, make_round(session, state=RoundState.OPEN), utc_now(), "staff:1")


def test_a_round_whose_time_is_over_does_not_open(session):
    round = make_round(session)

    with pytest.raises(RoundOver):
        service.open_round(session, round, round.closes_at, "staff:1")


def test_a_round_that_nobody_could_vote_in_does_not_open(session):
    with pytest.raises(RollEmpty):
        service.open_round(session, make_round(session), utc_now(), "staff:1")


def test_closing_counts_and_keeps_the_result(session):
    round = opened(session, voters=5, weight=2)
    service.close_round(session, round, utc_now(), "staff:1", reason="everybody voted")
    session.commit()
    session.refresh(round)
    result = read_result(round.result)

    assert round.chosen == round.slugs[:1]
    assert (result.ballots, result.weight) == (5, 10)
    assert round.result["roll"] == {"members": 5}


def test_after_closing_no_ballot_knows_its_voter_and_no_order_tells(session):
    round = opened(session, voters=25)
    before = {ballot.receipt: ballot.id for ballot in session.scalars(select(Ballot))}
    service.close_round(session, round, utc_now(), "staff:1", reason="a test")
    session.commit()
    ballots = session.scalars(select(Ballot).order_by(Ballot.id)).all()

    assert [ballot.roll_entry_id for ballot in ballots] == [None] * 25
    assert [ballot.receipt for ballot in ballots] == sorted(before)
    assert [before[ballot.receipt] for ballot in ballots] != sorted(before.values())


def test_closing_takes_back_receipts_that_no_letter_has_carried_away(session):
    round = opened(session, voters=2)
    service.confirm_some(session, round, utc_now())
    sent, unsent = session.scalars(select(Letter).order_by(Letter.id)).all()
    sent.sent_at, sent.values = utc_now(), {}
    service.close_round(session, round, utc_now(), "staff:1", reason="a test")
    session.commit()
    session.refresh(unsent)

    assert (unsent.values, unsent.refused_at is None) == ({}, False)
    assert sent.refused_at is None


def test_a_round_without_a_ballot_chooses_nothing(session):
    round = opened(session)
    service.close_round(session, round, utc_now(), "staff:1", reason="a test")

    assert round.chosen == []
    assert {entry.topic.state for entry in round.topics} == {TopicState.NOT_CHOSEN}


def test_every_topic_learns_what_became_of_it(session):
    round = opened(session, voters=1)
    service.close_round(session, round, utc_now(), "staff:1", reason="a test")
    states = [entry.topic.state for entry in round.topics]

    assert states == [TopicState.CHOSEN, TopicState.NOT_CHOSEN, TopicState.NOT_CHOSEN]


@pytest.mark.parametrize("state", ["draft", "closed"])
def test_only_an_open_round_is_closed(session, state):
    round = make_round(session) if state == "draft" else opened(session)
    if state == "closed":
        service.close_round(session, round, utc_now(), "staff:1", reason="a test")

    with pytest.raises(RoundNotOpen):
        service.close_round(session, round, utc_now(), "staff:1", reason="a test")


def test_turning_a_round_by_hand_is_on_the_record_without_a_figure_of_its_standing(session):
    make_subscription(session)
    round = make_round(session)
    service.open_round(session, round, utc_now(), "staff:1")
    service.close_round(session, round, utc_now(), "staff:2", reason="by mistake")
    entries = session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()

    assert [entry.actor for entry in entries] == ["staff:1", "staff:2"]
    assert [entry.action for entry in entries] == ["round.opened", "round.closed"]
    assert [entry.details for entry in entries] == [{"roll": 1}, {"reason": "by mistake"}]


def test_the_database_holds_that_a_closed_round_has_its_times(session):
    with pytest.raises(IntegrityError):
        make_round(session, state=RoundState.CLOSED)


def test_readers_know_nothing_of_a_draft(session):
    hidden, shown = make_round(session), opened(session)

    assert service.list_announced_rounds(session) == [shown]
    assert service.get_round(session, hidden.slug) == hidden
    with pytest.raises(UnknownRound):
        service.get_announced_round(session, hidden.slug)


@pytest.mark.parametrize("slug", ["nowhere", "\x00", "Раунд", ""])
def test_an_unknown_round_is_refused(session, slug):
    with pytest.raises(UnknownRound):
        service.get_round(session, slug)


def test_rounds_are_due_by_their_own_times(session):
    now = utc_now()
    due, late = make_round(session), make_round(session, closes_at=now - timedelta(minutes=1))
    later = make_round(session, opens_at=now + timedelta(days=1))
    over = opened(session, closes_at=now - timedelta(minutes=1))
    opened(session)

    assert set(service.list_due_to_open(session, now)) == {due.slug, late.slug}
    assert service.list_due_to_close(session, now) == [over.slug]
    assert {late.slug, later.slug} <= {round.slug for round in service.list_rounds(session)}


def test_a_second_ballot_of_one_voter_is_refused_by_the_database_itself(session):
    round = opened(session, voters=1)
    [entry] = roll_of(session, round)
    session.add(Ballot(round_id=round.id, roll_entry_id=entry.id, receipt="X", weight=1, marks=[]))

    with pytest.raises(IntegrityError):
        session.flush()
    session.rollback()
    assert session.scalar(select(func.count()).select_from(Ballot)) == 0
