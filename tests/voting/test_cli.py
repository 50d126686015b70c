"""Commands for topics and rounds."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from membership.audit.models import AuditEntry
from membership.clock import utc_now
from membership.tiers.service import define_flag
from membership.topics import service as topics
from membership.topics.models import TopicState
from membership.voting import rules, service
from membership.voting.errors import BallotsUnlisted, ReasonMissing, ResultStands, RoundNotOpen, UnknownRound
from membership.voting.models import Method, RoundState
from tests.factories import make_patron, make_roll_entry, make_round, make_subscription, make_tier, make_topic

OPENS = utc_now() + timedelta(days=7)


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
    service.close_round(session, round, utc_now(), "staff:1", reason="a test")
    session.commit()
    return round


@pytest.fixture
def export(session, closed, tmp_path):
    path = tmp_path / "result.json"
    path.write_text(service.get_record(session, closed).body)
    return path


def add_round(run, *more):
    opens_at, closes_at = (f"{utc_now() + timedelta(days=days):%Y-%m-%dT%H:%M}" for days in (0, 30))
    times = ("--opens-at", opens_at, "--closes-at", closes_at)
    topics = ("--topic", "water", "--topic", "roads")
    return run("rounds", "add", "november", "--title-en", "What next?", *times, *topics, *more)


def test_a_round_is_made_opened_and_closed_from_the_command_line(run, session):
    make_subscription(session)
    session.commit()
    run("topics", "add", "water", "--title-en", "Water", "--title-uk", "Вода", "--why-en", "It is brown.")
    run("topics", "add", "roads", "--title-en", "Roads", "--why-en", "They crumble.")

    assert json.loads(add_round(run, "--json").output)["topics"] == ["water", "roads"]
    assert "november is open." in run("rounds", "open", "november").output
    unexplained = run("rounds", "close", "november", "--reason", " ")
    assert (unexplained.exit_code, ReasonMissing.message in unexplained.output) == (1, True)
    assert "Chosen: nothing" in run("rounds", "close", "november", "--reason", "a test").output
    assert topics.get_topic(session, "water").title == {"en": "Water", "uk": "Вода"}


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("--template dots", {"method": Method.DOTS, "budget": 10, "seats": 2}),
        ("--template marks --top-score 3 --seats 2", {"method": Method.SCORE, "top_score": 3, "seats": 2}),
        ("--template dots --method ranked", {"method": Method.RANKED, "budget": None}),
        (
            f"--closes-at {OPENS + timedelta(days=23):%Y-%m-%dT%H:%M:%S} "
            "--method single --quorum 20 --signed --live --hold-hours 4 --flag ask "
            "--tier friend --min-months 2 --weight friend 3 --open-roll",
            {
                "method": Method.SINGLE,
                "quorum_percent": 20,
                "is_anonymous": False,
                "is_live": True,
                "hold_hours": 4,
                "flags": ["ask"],
                "tiers": ["friend"],
                "min_months": 2,
                "weights": {"friend": 3},
                "is_open_roll": True,
            },
        ),
    ],
)
def test_a_round_of_every_kind_is_made_from_the_command_line(run, session, words, told):
    for slug in ("water", "roads", "schools"):
        make_topic(session, slug=slug)
    topics = [word for slug in ("water", "roads", "schools") for word in ("--topic", slug)]
    make_tier(session, slug="friend")
    define_flag(session, "ask", {"en": "Asks"})
    session.commit()
    begin = ["rounds", "add", "xmas", "--title-en", "What next?", "--opens-at", f"{OPENS:%Y-%m-%dT%H:%M:%S}", *topics]
    answer = run(*begin, *words.split())
    round = service.get_round(session, "xmas")

    assert answer.output == "xmas is prepared.\n"
    assert {name: getattr(round, name) for name in told} == told
    assert (round.closes_at - round.opens_at).days == (23 if "--closes-at" in words else 14)


def test_guests_are_invited_and_uninvited_from_the_command_line(run, session):
    round = make_round(session)
    session.commit()
    added = json.loads(
        run("rounds", "guests", "add", round.slug, "g@example.org", "--reason", "River", "--json").output
    )
    again = run("rounds", "guests", "add", round.slug, "g@example.org", "--reason", "River")
    listed = run("rounds", "guests", "list", round.slug).output
    run("rounds", "guests", "remove", round.slug, added["patron"])
    acts = session.scalars(select(AuditEntry.action).filter_by(actor="command line").order_by(AuditEntry.id)).all()

    assert (again.exit_code, again.output) == (1, "Error: This person is a guest of this vote already. (email)\n")
    assert listed == f"{added['patron']}  g…@example.org  River\n"
    assert "has no guests" in run("rounds", "guests", "list", round.slug).output
    assert acts == ["round.guest", "round.guest_removed"]


def test_a_round_is_extended_and_its_held_result_published_from_the_command_line(run, session):
    round = make_round(session, state=RoundState.OPEN, hold_hours=24)
    end = round.closes_at + timedelta(days=1)
    session.commit()
    until = ("--until", f"{end:%Y-%m-%dT%H:%M:%S}", "--reason", "The letters were late")
    extended = run("rounds", "extend", round.slug, *until)
    early = run("rounds", "publish", round.slug)
    run("rounds", "close", round.slug, "--reason", "x")
    published, late = run("rounds", "publish", round.slug), run("rounds", "extend", round.slug, *until)
    acts = session.scalars(select(AuditEntry.action).filter_by(actor="command line").order_by(AuditEntry.id)).all()

    assert extended.output.startswith(f"{round.slug} is open until {end:%Y-%m-%dT%H:%M:%S}")
    assert (early.exit_code, published.exit_code) == (1, 0)
    assert (late.exit_code, late.output) == (1, f"Error: {RoundNotOpen.message}\n")
    assert acts == ["round.extended", "round.closed", "round.published"]


def test_a_round_without_an_end_is_not_made(run):
    words = ["--opens-at", "2026-12-01T09:00:00", "--topic", "water"]

    assert run("rounds", "add", "xmas", "--title-en", "What next?", *words).exit_code == 2


def test_rounds_are_listed_with_their_state_and_without_any_figure(run, session):
    assert "no round yet" in run("rounds", "list").output
    round = make_round(session, state=RoundState.OPEN)
    session.commit()
    [told] = json.loads(run("rounds", "list", "--json").output)["rounds"]

    assert f"{round.slug}  open" in run("rounds", "list").output
    assert set(told) == {"round", "state", "method", "seats", "topics", "chosen"} | {
        *("opens_at", "closes_at", "publishes_at", "opening_failed_at", "opening_failure")
    }
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


def test_a_recount_tells_a_bent_record_that_is_served(run, session, closed):
    record = service.get_record(session, closed)
    record.body = record.body.replace('"weight":1', '"weight":2')
    session.commit()

    assert run("rounds", "recount", closed.slug).exit_code == 1


def test_a_bent_result_is_put_right_openly_and_nothing_else(run, session, client, closed):
    loser = topics.get_topic(session, closed.slugs[1])
    session.commit()
    fine = run("rounds", "repair", closed.slug, "--reason", "To see")
    tally = closed.result["tally"]
    bent = [{**one, "is_chosen": not one["is_chosen"]} for one in tally["topics"][:2]]
    closed.result = {**closed.result, "tally": {**tally, "topics": [*bent, *tally["topics"][2:]]}}
    loser.state = TopicState.CHOSEN
    session.commit()
    answer = run("rounds", "repair", closed.slug, "--reason", "A hand in the database")
    session.expire_all()
    page, record = client.get(f"/vote/{closed.slug}/results").text, service.get_record(session, closed).body
    [entry] = session.scalars(select(AuditEntry).filter_by(action="round.repaired"))
    session.commit()

    assert (fine.exit_code, fine.output) == (1, f"Error: {ResultStands.message}\n")
    assert (answer.exit_code, run("rounds", "recount", closed.slug).exit_code) == (0, 0)
    assert closed.chosen == closed.slugs[:1]
    assert loser.state is TopicState.NOT_CHOSEN
    assert "A hand in the database" in page
    assert rules.recount(record.encode()) == record.encode()
    assert json.loads(record)["repairs"][0]["chosen"] == [bent[1]["slug"]]
    assert entry.details["reason"] == "A hand in the database"


def test_a_result_that_is_held_back_is_put_right_before_anybody_saw_it(run, session):
    round = make_round(session, state=RoundState.OPEN, hold_hours=4)
    service.close_round(session, round, utc_now(), "staff:1", reason="a test")
    round.result = {**round.result, "seats": 2}
    session.commit()

    assert run("rounds", "repair", round.slug, "--reason", "x").exit_code == 0
    session.expire_all()
    assert (round.result["seats"], round.topics[0].topic.state) == (1, TopicState.ON_BALLOT)


def test_a_round_that_holds_its_result_back_says_until_when(run, session):
    round = make_round(session, state=RoundState.OPEN, hold_hours=4)
    session.commit()
    answer = run("rounds", "close", round.slug, "--reason", "a test")
    session.expire_all()

    assert f"The result is held back until {round.publishes_at:%Y-%m-%d %H:%M} UTC." in answer.output
    assert "Chosen" not in answer.output


def test_a_round_whose_last_receipts_are_not_out_is_left_to_the_worker(run, session):
    round, patron = make_round(session, state=RoundState.OPEN), make_patron(session)
    make_roll_entry(session, round, patron_id=patron.id)
    service.cast_ballot(session, round, patron, round.slugs[:1], utc_now())
    session.commit()

    assert "takes no ballot any more" in run("rounds", "close", round.slug, "--reason", "a test").output


def test_a_recount_needs_one_thing_to_count(run, closed, export):
    assert run("rounds", "recount").exit_code == 2
    assert run("rounds", "recount", closed.slug, "--export", str(export)).exit_code == 2


def test_what_is_unknown_or_unlisted_is_refused(run, session, tmp_path):
    round = make_round(session, topics=[make_topic(session) for _ in range(2)], state=RoundState.OPEN)
    service.close_round(session, round, utc_now(), "staff:1", reason="a test")
    small = tmp_path / "small.json"
    small.write_text(service.get_record(session, round).body)
    session.commit()

    picture = tmp_path / "result.png"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n\xff")

    unlisted = run("rounds", "recount", "--export", str(small))
    unreadable = run("rounds", "recount", "--export", str(picture))
    unknown = run("rounds", "open", "nowhere")

    assert (unlisted.exit_code, unlisted.output) == (1, f"Error: {BallotsUnlisted.message}\n")
    assert (unreadable.exit_code, unreadable.output.count("\n")) == (1, 1)
    assert "not the whole record of a vote" in unreadable.output
    assert (unknown.exit_code, unknown.output) == (1, f"Error: {UnknownRound.message}\n")
