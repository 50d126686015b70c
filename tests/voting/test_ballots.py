"""Ballots: one per voter, changeable until the edge, found again by their receipts."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from membership.clock import utc_now
from membership.jobs.models import Job
from membership.mail.models import Letter
from membership.voting import rules, service
from membership.voting.errors import (
    BallotsUnlisted,
    JoinedLater,
    MayNotVote,
    NothingMarked,
    RoundClosed,
    RoundNotOpen,
    RoundSealed,
    TopicNotOnBallot,
)
from membership.voting.models import Ballot, RollEntry, RoundState
from membership.voting.service import casting, letters
from tests.factories import make_patron, make_roll_entry, make_round, make_subscription, make_topic


@pytest.fixture
def round(session):
    return make_round(session, state=RoundState.OPEN)


def voter(session, round, **fields):
    patron = make_patron(session, **fields)
    make_roll_entry(session, round, patron_id=patron.id)
    return patron


def cast(session, round, patron, *marks, now=None):
    return service.cast_ballot(session, round, patron, marks or round.slugs[:1], now or utc_now())


def closed(session, round, voters):
    ballots = [cast(session, round, voter(session, round)) for _ in range(voters)]
    receipts = [ballot.receipt for ballot in ballots]
    service.close_round(session, round, utc_now(), "staff:1", reason="a test")
    session.commit()
    session.expire_all()
    return receipts


def test_a_choice_is_recorded_with_the_weight_of_the_roll(session, round):
    patron = make_patron(session)
    make_roll_entry(session, round, patron_id=patron.id, weight=2)
    ballot = cast(session, round, patron)

    assert (ballot.weight, ballot.marks) == (2, round.slugs[:1])
    assert rules.read_receipt(ballot.receipt) == ballot.receipt


def test_voting_again_replaces_the_first_choice_and_keeps_the_receipt(session, round):
    patron = voter(session, round)
    first = cast(session, round, patron).receipt
    cast(session, round, patron, round.slugs[2], round.slugs[1])
    session.commit()
    [ballot] = session.scalars(select(Ballot)).all()

    assert (ballot.marks, ballot.receipt) == (round.slugs[1:], first)


def test_her_own_vote_is_shown_to_a_voter(session, round):
    patron = voter(session, round)
    before = service.get_voter(session, round, patron, utc_now())
    ballot = cast(session, round, patron)
    after = service.get_voter(session, round, patron, utc_now())

    assert (before.marks, before.receipt) == ([], "")
    assert (after.marks, after.receipt, after.weight) == (ballot.marks, ballot.receipt, 1)


def test_who_joined_after_the_opening_waits_for_the_next_round(session, round):
    patron = make_subscription(session).patron

    for refused in (lambda: cast(session, round, patron), lambda: service.get_voter(session, round, patron, utc_now())):
        with pytest.raises(JoinedLater):
            refused()


def test_who_is_no_member_may_not_vote(session, round):
    with pytest.raises(MayNotVote) as refusal:
        cast(session, round, make_patron(session))

    assert not isinstance(refusal.value, JoinedLater)


def test_who_is_on_the_roll_votes_even_if_her_membership_has_ended_since(session, round):
    assert cast(session, round, voter(session, round)).marks


def test_being_on_the_roll_of_another_round_is_not_enough(session, round):
    with pytest.raises(MayNotVote):
        cast(session, make_round(session, state=RoundState.OPEN), voter(session, round))


@pytest.mark.parametrize(("before", "is_taken"), [(timedelta(seconds=5), True), (timedelta(0), False)])
def test_the_closing_time_itself_is_too_late(session, round, before, is_taken):
    patron, moment = voter(session, round), round.closes_at - before
    if is_taken:
        assert cast(session, round, patron, now=moment).marks
    else:
        with pytest.raises(RoundClosed):
            cast(session, round, patron, now=moment)


def test_a_moment_taken_before_a_long_wait_does_not_help(session):
    now = utc_now()
    round = make_round(session, state=RoundState.OPEN, closes_at=now - timedelta(milliseconds=1))

    with pytest.raises(RoundClosed):
        cast(session, round, voter(session, round), now=now - timedelta(seconds=1))


def test_nobody_votes_in_a_round_that_was_closed_by_hand(session, round):
    patron = voter(session, round)
    service.close_round(session, round, utc_now(), "staff:1", reason="a test")

    with pytest.raises(RoundClosed):
        cast(session, round, patron)


def test_nobody_votes_in_a_draft(session):
    round = make_round(session)

    with pytest.raises(RoundNotOpen):
        cast(session, round, voter(session, round))


@pytest.mark.parametrize(("marks", "refusal"), [(["elsewhere"], TopicNotOnBallot), ([], NothingMarked)])
def test_a_bad_ballot_leaves_the_good_one_as_it_was(session, round, marks, refusal):
    patron = voter(session, round)
    cast(session, round, patron)
    with pytest.raises(refusal):
        service.cast_ballot(session, round, patron, marks, utc_now())

    assert session.scalars(select(Ballot)).one().marks == round.slugs[:1]


def test_a_topic_of_another_round_cannot_be_marked(session, round):
    make_round(session, state=RoundState.OPEN, topics=[make_topic(session, slug="elsewhere"), make_topic(session)])

    with pytest.raises(TopicNotOnBallot):
        cast(session, round, voter(session, round), "elsewhere")


def letters_of(session, round):
    session.commit()
    while service.confirm_some(session, round, utc_now()):
        session.commit()
    return session.scalars(select(Letter).filter_by(kind="vote_receipt")).all()


def test_a_voter_gets_one_letter_with_her_receipt_and_it_will_be_forgotten(session, round):
    patron = voter(session, round)
    receipt = cast(session, round, patron).receipt
    first = letters_of(session, round)
    cast(session, round, patron, round.slugs[1])
    [letter] = letters_of(session, round)

    assert [letter] == first
    assert (letter.kind, letter.recipient, letter.is_secret) == ("vote_receipt", patron.email, True)
    assert letter.values["receipt"] == receipt
    assert receipt not in letter.key


def test_receipts_leave_in_the_order_of_the_votes_before_what_came_later(session, round, monkeypatch):
    monkeypatch.setattr(letters, "BATCH", 2)
    for _ in range(3):
        cast(session, round, voter(session, round))
    letters_of(session, round)
    due = session.scalars(select(Job.run_at).filter_by(kind="mail.send").order_by(Job.id)).all()

    assert due == session.scalars(select(RollEntry.voted_at).order_by(RollEntry.id)).all()


def test_a_voter_without_an_address_votes_without_a_letter(session, round):
    cast(session, round, voter(session, round, email=None))

    assert letters_of(session, round) == []


def test_no_receipt_is_written_once_the_ballots_are_nobodys(session, round):
    cast(session, round, voter(session, round))
    service.close_round(session, round, utc_now(), "staff:1", reason="a test")

    assert letters_of(session, round) == []


def test_who_is_struck_off_at_the_same_moment_casts_nothing(session, round):
    """The round is only locked, and not changed, by who strikes her off: what was read may be old."""
    patron = make_patron(session)
    entry = make_roll_entry(session, round, patron_id=patron.id)
    session.flush()
    booth = casting.find_booth_of(session.connection(), round.slug, patron.id, utc_now())
    service.strike_off(session, round, entry, utc_now(), reason="x", actor="staff:1")
    session.flush()

    with pytest.raises(MayNotVote):
        service.fill_in(session.connection(), booth, round.slugs[:1])
    assert session.scalars(select(Ballot)).all() == []


@pytest.mark.parametrize("ask", [service.get_record, service.count_again])
def test_nothing_of_the_standing_is_told_before_the_close(session, round, ask):
    cast(session, round, voter(session, round))

    with pytest.raises(RoundSealed):
        ask(session, round)


def test_not_even_a_receipt_finds_its_ballot_before_the_close(session, round):
    receipt = cast(session, round, voter(session, round)).receipt

    with pytest.raises(RoundSealed):
        service.find_ballot(session, round, receipt)
    with pytest.raises(RoundSealed):
        service.list_published(session, round, most=20)


def test_a_receipt_finds_its_ballot_after_the_close(session, round):
    receipts = closed(session, round, voters=2)

    assert [service.find_ballot(session, round, receipt).receipt for receipt in receipts] == receipts
    assert service.find_ballot(session, round, rules.write_receipt(bytes(10))) is None


def test_the_public_record_of_twenty_lists_every_ballot_and_counts_to_the_same_bytes(session, round):
    receipts = closed(session, round, voters=20)
    export = service.get_record(session, round).body.encode()

    assert [ballot["receipt"] for ballot in json.loads(export)["ballots"]] == sorted(receipts)
    assert rules.recount(export) == export
    assert json.loads(export)["tie_seed"] == round.tie_seed


def test_the_public_record_names_nobody(session, round):
    closed(session, round, voters=20)
    patrons = session.scalars(select(RollEntry)).all()
    export = service.get_record(session, round).body

    assert len(patrons) == 20
    assert "@example.org" not in export
    assert set(json.loads(export)["ballots"][0]) == {"receipt", "weight", "marks"}


def test_published_ballots_come_page_by_page(session, round):
    receipts = sorted(closed(session, round, voters=20))
    first = service.list_published(session, round, most=15)
    rest = service.list_published(session, round, after=first[-1].receipt, most=15)

    assert [ballot.receipt for ballot in [*first, *rest]] == receipts


def test_a_small_round_lists_no_ballots(session, round):
    closed(session, round, voters=19)

    assert json.loads(service.get_record(session, round).body)["ballots"] is None
    with pytest.raises(BallotsUnlisted):
        service.list_published(session, round, most=20)


def test_counting_again_finds_a_bent_result(session, round):
    closed(session, round, voters=5)
    honest = service.count_again(session, round)
    session.scalars(select(Ballot)).first().marks = round.slugs[1:]
    session.flush()

    assert (honest, service.count_again(session, round)) == (True, False)


def test_whoever_was_erased_since_she_entered_signs_nothing(session, round):
    patron = voter(session, round)
    booth = casting.find_booth_of(session.connection(), round.slug, patron.id, utc_now())
    service.forget_voter(session, patron)

    with pytest.raises(MayNotVote):
        service.fill_in(session.connection(), booth, round.slugs[:1], name="Olena")
