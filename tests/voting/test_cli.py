"""Commands for topics and rounds."""

import json
from datetime import timedelta

import pytest

from membership.clock import utc_now
from membership.topics import service as topics
from membership.voting import service
from membership.voting.errors import BallotsUnlisted, UnknownRound
from membership.voting.models import RoundState
from tests.factories import make_patron, make_roll_entry, make_round, make_subscription, make_topic


@pytest.fixture
def run(app):
    invoke = app.test_cli_runner().invoke
    return lambda *words: invoke(args=list(words), catch_exceptions=False)


@pytest.fixture
def closed(session):
    round = make_round(session, state=RoundState.OPEN)
    for _ in range(20):
        patron = make_patron(session)
        make_roll_entry(session, round, patron_id=patron.id)
        service.cast_ballot(session, round, patron, round.slugs[:1], utc_now())
    service.close_round(session, round, utc_now(), "staff:1")
    session.commit()
    return round


@pytest.fixture
def export(session, closed, tmp_path):
    path = tmp_path / "result.json"
    path.write_bytes(service.export_result(session, closed))
    return path


def add_round(run, *more):
    closes_at = f"{utc_now() + timedelta(days=30):%Y-%m-%dT%H:%M:%S}"
    times = ("--opens-at", "2026-11-01T09:00:00", "--closes-at", closes_at)
    topics = ("--topic", "water", "--topic", "roads")
    return run("rounds", "add", "november", "--title-en", "What next?", *times, *topics, *more)


def test_a_round_is_made_opened_and_closed_from_the_command_line(run, session):
    make_subscription(session)
    session.commit()
    run("topics", "add", "water", "--title-en", "Water", "--title-uk", "Вода", "--why-en", "It is brown.")
    run("topics", "add", "roads", "--title-en", "Roads", "--why-en", "They crumble.")

    assert json.loads(add_round(run, "--json").output)["topics"] == ["water", "roads"]
    assert "november is open." in run("rounds", "open", "november").output
    assert "Chosen: nothing" in run("rounds", "close", "november", "--reason", "a test").output
    assert topics.get_topic(session, "water").title == {"en": "Water", "uk": "Вода"}


def test_rounds_are_listed_with_their_state_and_without_any_figure(run, session):
    assert "no round yet" in run("rounds", "list").output
    round = make_round(session, state=RoundState.OPEN)
    session.commit()
    [told] = json.loads(run("rounds", "list", "--json").output)["rounds"]

    assert f"{round.slug}  open" in run("rounds", "list").output
    assert set(told) == {"round", "state", "seats", "opens_at", "closes_at", "topics", "chosen"}
    assert told["chosen"] == []


def test_a_recount_gives_the_stored_result(run, closed):
    answer = run("rounds", "recount", closed.slug)

    assert (answer.exit_code, "to the byte" in answer.output) == (0, True)


def test_a_recount_of_the_public_export_gives_the_same_bytes(run, export):
    answer = run("rounds", "recount", "--export", str(export), "--json")

    assert (answer.exit_code, json.loads(answer.output)) == (0, {"same": True})


def test_a_recount_tells_a_bent_export(run, export):
    bent = json.loads(export.read_bytes())
    bent["ballots"][0]["weight"] = 3
    export.write_text(json.dumps(bent))
    answer = run("rounds", "recount", "--export", str(export))

    assert (answer.exit_code, "NOT" in answer.output) == (1, True)


def test_a_recount_tells_a_bent_result(run, session, closed):
    closed.seats = 2
    session.commit()

    assert run("rounds", "recount", closed.slug).exit_code == 1


def test_a_recount_needs_one_thing_to_count(run, closed, export):
    assert run("rounds", "recount").exit_code == 2
    assert run("rounds", "recount", closed.slug, "--export", str(export)).exit_code == 2


def test_what_is_unknown_or_unlisted_is_refused(run, session, tmp_path):
    round = make_round(session, topics=[make_topic(session) for _ in range(2)], state=RoundState.OPEN)
    service.close_round(session, round, utc_now(), "staff:1")
    small = tmp_path / "small.json"
    small.write_bytes(service.export_result(session, round))
    session.commit()

    unlisted = run("rounds", "recount", "--export", str(small))
    unknown = run("rounds", "open", "nowhere")

    assert (unlisted.exit_code, unlisted.output) == (1, f"Error: {BallotsUnlisted.message}\n")
    assert (unknown.exit_code, unknown.output) == (1, f"Error: {UnknownRound.message}\n")
