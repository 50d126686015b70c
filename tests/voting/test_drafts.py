"""Drafts that could not open, that are set to another time, and that are thrown away."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from membership.audit.models import AuditEntry
from membership.clock import utc_now
from membership.db import release
from membership.mail.models import Letter
from membership.patrons.models import Role, StaffRole
from membership.topics.models import TopicState
from membership.voting import handlers, service
from membership.voting.errors import (
    ClosesTooEarly,
    FlagUnknown,
    OpensTooEarly,
    RollEmpty,
    RoundNotDraft,
    TierUnknown,
)
from membership.voting.models import Round, RoundGuest, RoundState, RoundTopic
from membership.voting.rules import Electorate
from tests.factories import make_patron, make_round, make_subscription, make_tier, make_topic
from tests.staff.looking import look
from tests.voting.test_rounds import draft

HOUR = timedelta(hours=1)


def make_staff(session, role, **fields):
    patron = make_patron(session, locale="uk")
    session.add(StaffRole(patron_id=patron.id, role=role, created_at=utc_now(), **fields))
    return patron


def turned(session, *rounds):
    """Let the clock turn twice, and tell how the rounds are."""
    session.commit()
    for _ in range(2):
        handlers.turn({})
        release()
    session.expire_all()
    told = [(round.state, round.opening_failure) for round in rounds]
    session.commit()
    return told


def run(app, *words):
    return app.test_cli_runner().invoke(args=["rounds", *words])


@pytest.mark.usefixtures("context")
def test_a_draft_that_cannot_open_is_tried_once_and_stays_shut_when_it_could(session):
    topics = [make_topic(session, state=TopicState.ON_BALLOT) for _ in range(2)]
    empty, taken = make_round(session), make_round(session, topics=topics)
    over = make_round(session, opens_at=utc_now() - 2 * HOUR, closes_at=utc_now() - HOUR)
    first = turned(session, empty)
    make_subscription(session)
    for topic in topics:
        topic.state = TopicState.NOT_CHOSEN

    assert first == [(RoundState.DRAFT, "RollEmpty")]
    assert turned(session, empty, taken, over) == [
        (RoundState.DRAFT, "RollEmpty"),
        (RoundState.DRAFT, "RollEmpty"),
        (RoundState.DRAFT, "RoundOver"),
    ]
    assert look(session, select(AuditEntry.action)) == ["round.not_opened"] * 3


@pytest.mark.usefixtures("context")
def test_staff_who_can_mend_it_are_written_to_once_and_again_after_a_new_time(session):
    editor, admin = make_staff(session, Role.EDITOR), make_staff(session, Role.ADMIN)
    make_staff(session, Role.VIEWER)
    make_staff(session, Role.ADMIN, disabled_at=utc_now())
    round = make_round(session, title={"en": "Winter"})
    turned(session, round)
    first = session.scalars(select(Letter).filter_by(kind="round_not_opened")).all()
    service.set_times(session, round, (utc_now(), utc_now() + HOUR), utc_now(), actor="staff:1")
    turned(session, round)

    assert sorted(letter.recipient for letter in first) == sorted([editor.email, admin.email])
    assert (first[0].locale, first[0].values["why"]) == ("uk", "RollEmpty")
    assert first[0].values["round_url"] == f"/staff/votes/rounds/{round.slug}"
    assert len(look(session, select(Letter).filter_by(kind="round_not_opened"))) == 4


@pytest.mark.usefixtures("context")
def test_a_draft_waits_for_the_round_that_is_just_being_closed_over_its_topics(session):
    topics = [make_topic(session, state=TopicState.ON_BALLOT) for _ in range(2)]
    before, after = make_round(session, state=RoundState.OPEN, topics=topics), make_round(session, topics=topics)
    voter = make_subscription(session).patron
    session.flush()
    service.record_unopened(session, before, RollEmpty(), utc_now(), actor="clock")
    before.is_open_roll = True
    service.cast_ballot(session, before, voter, before.slugs[:1], utc_now())
    before.opens_at, before.closes_at = utc_now() - 2 * HOUR, utc_now()

    assert turned(session, before, after)[1] == (RoundState.DRAFT, "TopicTaken")
    assert before.opening_failed_at is None


def test_new_times_are_tried_again_and_opening_by_hand_forgets_the_failure(session):
    make_subscription(session)
    round = make_round(session)
    service.record_unopened(session, round, RollEmpty(), utc_now(), actor="clock")
    first = round.opening_failed_at
    service.record_unopened(session, round, RollEmpty(), utc_now() + HOUR, actor="clock")
    due = service.list_due_to_open(session, utc_now())
    service.open_round(session, round, utc_now(), "staff:1")

    assert (due, round.opening_failed_at, round.opening_failure) == ([], None, None)
    assert first is not None


def test_a_draft_that_was_given_a_new_time_meanwhile_has_not_failed(session):
    round = make_round(session, opens_at=utc_now() + HOUR)
    service.record_unopened(session, round, RollEmpty(), utc_now(), actor="clock")

    assert round.opening_failed_at is None


def test_times_are_set_for_drafts_only_and_lie_ahead(session):
    now, round = utc_now(), make_round(session)
    for times, refusal in (((now - HOUR, now + HOUR), OpensTooEarly), ((now + HOUR, now + HOUR), ClosesTooEarly)):
        with pytest.raises(refusal):
            service.set_times(session, round, times, now, actor="staff:1")
    for act in (
        lambda opened: service.set_times(session, opened, (now, now + HOUR), now, actor="x"),
        lambda opened: service.delete_round(session, opened, now, actor="x"),
    ):
        with pytest.raises(RoundNotDraft):
            act(make_round(session, state=RoundState.OPEN))


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"opens_at": utc_now() - 2 * HOUR}, OpensTooEarly),
        ({"electorate": Electorate(flags=("vote", "moon"))}, FlagUnknown),
        ({"electorate": Electorate(tiers=("gold",))}, TierUnknown),
        ({"electorate": Electorate(weights={"gold": 2})}, TierUnknown),
    ],
)
def test_a_draft_that_could_never_open_as_it_says_is_not_prepared(session, fields, refusal):
    make_tier(session, slug="friend")

    with pytest.raises(refusal):
        service.create_round(session, draft([make_topic(session), make_topic(session)], **fields), actor="staff:1")


def test_a_deleted_draft_is_gone_with_its_guests_and_lets_its_topics_go(session):
    round = make_round(session)
    topics = [entry.topic for entry in round.topics]
    service.invite_guest(session, round, make_patron(session), reason="x", actor="staff:1")
    service.delete_round(session, round, utc_now(), actor="staff:1")
    session.commit()
    again = service.create_round(session, draft(topics, slug=round.slug), actor="staff:1")

    assert again.slugs == [topic.slug for topic in topics]
    assert session.scalars(select(RoundGuest)).all() == []
    assert {entry.round_id for entry in session.scalars(select(RoundTopic))} == {again.id}
    assert look(session, select(AuditEntry.action).order_by(AuditEntry.id)) == [
        *("round.guest", "round.deleted", "round.created")
    ]


def test_drafts_are_set_and_deleted_from_the_command_line(app, session):
    round = make_round(session)
    service.record_unopened(session, round, RollEmpty(), utc_now(), actor="clock")
    session.commit()
    listed = run(app, "list").output
    times = [f"{utc_now() + hours * HOUR:%Y-%m-%dT%H:%M:%S}" for hours in (1, 2)]
    early = run(app, "set-times", round.slug, "--opens-at", "2026-01-01T00:00:00", "--closes-at", times[1])
    done = run(app, "set-times", round.slug, "--opens-at", times[0], "--closes-at", times[1], "--json")
    unsure, sure = run(app, "delete", round.slug), run(app, "delete", round.slug, "--yes")

    assert f"{round.slug}  could not open (RollEmpty)" in listed
    assert (early.exit_code, OpensTooEarly.message in early.output) == (1, True)
    assert json.loads(done.output)["opening_failure"] is None
    assert (unsure.exit_code, sure.exit_code, sure.output) == (1, 0, f"{round.slug} is deleted.\n")
    assert look(session, select(Round)) == []
