"""Votes in which one to four people took part: what was chosen is told, and no figure anywhere."""

import json
import re

import pytest

from membership.clock import utc_now
from membership.stories.pictures import Poster, Row, draw
from membership.stories.posters import make_poster
from membership.voting import handlers, rules, service
from membership.voting.errors import BallotsUnlisted
from membership.voting.invariants import INVARIANTS
from membership.voting.models import RoundState
from membership.voting.rules import Method
from membership.voting.rules.few import is_too_few
from membership.voting.service.ballots import list_ballots
from tests.browsing import post
from tests.factories import make_patron, make_roll_entry, make_round, make_topic

TOPICS = ("water", "roads", "schools")
PAGES = ("/vote/november/results", "/vote/november/result.json", "/vote", "/reported", "/topics")
PROGRAMS = ("/api/v1/rounds", "/api/v1/feed.atom", "/api/v1/embed/votes", "/api/v1/topics")


def record(cast, method="approval", weights=None, **facts):
    given = {
        "method": method,
        "quorum_percent": 0,
        "roll": {"members": 40},
        "seats": 2,
        "tie_seed": "5eed",
        "topics": [{"slug": slug} for slug in TOPICS],
        "turnout": [{"tier": "friend", "members": 30, "voted": 0}],
        "listed": False,
    }
    return rules.record(
        given | facts,
        [{"weight": weight, "marks": marks} for weight, marks in zip(weights or [1] * len(cast), cast, strict=True)],
    )


def told(cast, **facts):
    return rules.read_result({"tally": record(cast, **facts)["tally"]})


def hold(session, *cast, heavy=0, **fields):
    """Close a round with these marks, the last ones with a weight of three; twenty more are on its roll of one tier."""
    topics = [make_topic(session, slug=slug, title={"en": slug.title()}) for slug in TOPICS]
    round = make_round(session, state=RoundState.OPEN, slug="november", topics=topics, **fields)
    for number, marks in enumerate(cast):
        patron, weight = make_patron(session), 1 if number < len(cast) - heavy else 3
        make_roll_entry(session, round, patron_id=patron.id, tier="friend", weight=weight)
        service.cast_ballot(session, round, patron, marks, utc_now(), name="Olena")
    for _ in range(20):
        make_roll_entry(session, round, tier="friend")
    receipt = list_ballots(session, round)[0]["receipt"]
    service.close_round(session, round, utc_now(), "staff:1", reason="a test")
    session.commit()
    return receipt


@pytest.mark.parametrize(("ballots", "few"), [(0, False), (1, True), (4, True), (5, False)])
def test_one_to_four_are_too_few_to_count(ballots, few):
    assert is_too_few({1: ballots}) is few
    assert ("fewer_than" in record([["water"]] * ballots)) is few


@pytest.mark.parametrize(
    ("method", "cast"),
    [
        ("approval", [["roads", "schools"], ["schools"]]),
        ("ranked", [["schools", "roads"]] * 4),
        ("score", [{"schools": 5, "roads": 1}]),
    ],
)
def test_what_was_chosen_is_told_in_the_order_of_the_ballot_and_nothing_else(method, cast):
    out = record(cast, method)

    assert out["turnout"] == []
    assert out["tally"]["topics"] == [
        {"slug": slug, "weighted": None, "persons": None, "is_chosen": is_chosen, "is_chosen_by_persons": None}
        for slug, is_chosen in (("roads", True), ("schools", True), ("water", False))
    ]
    rest = {name: value for name, value in out["tally"].items() if name != "topics"}
    assert rest == dict.fromkeys(("ballots", "weight", "transfers", "transfers_by_persons")) | {"needed": 0, "tied": []}


def test_records_of_few_are_the_same_whoever_voted_how_if_they_chose_the_same():
    assert record([["water"]] * 3, seats=1) == record([["roads", "water"], ["water", "schools"]], seats=1)


def test_that_a_lot_decided_is_told_and_not_between_which():
    tie, clear = told([["water"], ["roads"]], seats=1), told([["water"]], seats=1)

    assert (tie.tied, len(tie.chosen), clear.tied) == (None, 1, [])


@pytest.mark.parametrize(("quorum", "is_quorate"), [(5, True), (10, False)])
def test_a_quorum_is_told_truly(quorum, is_quorate):
    result = told([["water"]] * 3, quorum_percent=quorum)

    assert (result.is_quorate, bool(result.chosen), result.needed) == (is_quorate, is_quorate, 40 * quorum // 100)


@pytest.mark.parametrize(
    ("weights", "few"),
    [((5, 5), False), ((20, 5, 5), False), ((4, 1), True), ((20, 4), True), ((20, 20, 1), True), ((0, 5), False)],
)
def test_so_are_one_to_four_with_a_weight_of_their_own(weights, few):
    assert is_too_few(dict(enumerate(weights, 1))) is few


def test_a_lone_heavy_ballot_cannot_be_made_out():
    # Water 3, roads 2, schools 2 of five ballots: the one of weight three can only be for water.
    cast = [["water"], ["roads"], ["roads"], ["schools"], ["schools"]]
    out = record(cast, "single", seats=1, weights=[3, 1, 1, 1, 1])

    assert (out["fewer_with_a_weight_than"], "fewer_than" in out) == (5, False)
    assert out["tally"]["ballots"] is out["tally"]["weight"] is out["tally"]["transfers"] is None
    assert [topic["slug"] for topic in out["tally"]["topics"] if topic["is_chosen"]] == ["water"]
    assert {topic["weighted"] for topic in out["tally"]["topics"]} == {None}
    assert record([["water"]] * 30, weights=[1] * 28 + [2] * 2) == record([["water"]] * 9, weights=[1] * 8 + [3])


def test_signed_ballots_are_counted_however_few():
    assert told([["water"]], listed=True).ballots == 1


def test_no_page_and_no_program_tells_a_figure(client, session):
    hold(session, ["water"], ["water"], ["water", "roads"])
    results, export, *more = [client.get(page).text for page in PAGES]
    more += [client.get(path).text for path in PROGRAMS]

    assert "Members chose “Water”." in results
    assert "fewer than five voted" in results
    assert "would tell how a person voted" in results
    assert not any(word in results for word in ("weighted", "one person, one vote", "Who came to vote", "<svg class"))
    assert json.loads(export)["tally"]["ballots"] is None
    assert not re.search(r"\b[23] (?:weighted )?(?:votes?|voted|ballots?|members? voted)\b", " ".join([results, *more]))


def test_where_few_had_a_weight_of_their_own_no_page_and_no_program_tells_a_figure(client, session):
    receipt = hold(session, *[["water", "roads"]] * 23, ["roads"], heavy=1, method=Method.RANKED, quorum_percent=20)
    results, export, *more = [client.get(page).text for page in PAGES]
    more += [client.get(path).text for path in PROGRAMS]
    answer = post(client, "/vote/november/check", {"receipt": receipt}).text

    assert "44 were on the roll. The quorum was reached: 9 ballots were needed." in re.sub(r"\s+", " ", results)
    assert "few of those who voted carry a weight of their own" in results
    assert not any(word in results for word in ("fewer than five voted", "weighted", "Persons", "<svg class", "/steps"))
    assert json.loads(export)["fewer_with_a_weight_than"] == 5
    assert not re.search(r"\b(?:24|26) (?:weighted )?(?:votes?|voted|ballots?|people)\b", " ".join([results, *more]))
    assert "What it marks is not shown" in answer
    assert make_poster(service.get_round(session, "november"), "").foot.startswith("Fewer than five voted with one of")
    assert service.count_again(session, service.get_round(session, "november"))


def test_a_tie_among_few_is_told_with_its_seed_and_a_missed_quorum_with_what_it_needed(client, session):
    hold(session, ["water"], ["roads"])
    page = client.get("/vote/november/results").text

    assert "There was a tie. The lots decided, by the seed 5eed" in page
    assert "tie between" not in page


def test_a_missed_quorum_is_told(client, session):
    hold(session, ["water"], quorum_percent=50)
    page = client.get("/vote/november/results").text

    assert "Too few voted, so that no topic was chosen: 11 ballots were needed." in page
    assert "fewer than five voted" in page


def test_the_steps_of_few_lead_back(client, session):
    hold(session, ["water", "roads"], ["roads"], method=Method.RANKED)

    assert client.get("/vote/november/steps").location == "/vote/november/results"
    results = client.get("/vote/november/results").text
    assert "See the count" not in results
    assert "Take the record away (JSON)" in results


def test_a_receipt_among_few_finds_its_ballot_and_not_its_marks(client, session):
    receipt = hold(session, ["water"], ["water"])
    answer = post(client, "/vote/november/check", {"receipt": receipt}).text

    assert f"{receipt} was counted" in answer
    assert "<li>Water</li>" not in answer
    assert "What it marks is not shown" in answer


def test_signed_ballots_of_few_are_published_and_count_again(client, session):
    receipt = hold(session, ["water"], is_anonymous=False)
    export = client.get("/vote/november/result.json").data

    assert rules.recount(export) == export
    assert "<li>Water</li>" in post(client, "/vote/november/check", {"receipt": receipt}).text
    assert "1 weighted vote" in client.get("/vote/november/results").text


def test_the_picture_has_marks_instead_of_bars(client, session):
    hold(session, ["water"], ["water"], ["water", "roads"], title={"en": "Round"})
    rows = tuple(Row(slug.title(), None, slug == "water") for slug in TOPICS)
    foot = "Fewer than five voted. Chosen topics are in yellow."

    assert client.get("/vote/november/result.png").data == draw(Poster("The Open Daily", "Round", rows, foot))


def test_a_record_of_few_is_refused_plainly_and_still_checked(app, client, session, tmp_path):
    hold(session, ["water"], ["roads"])
    path = tmp_path / "result.json"
    path.write_bytes(client.get("/vote/november/result.json").data)
    invoke = app.test_cli_runner().invoke
    outside = invoke(args=["rounds", "recount", "--export", str(path)])
    inside = invoke(args=["rounds", "recount", "november"])

    assert (outside.exit_code, outside.output) == (1, f"Error: {BallotsUnlisted.message}\n")
    assert (inside.exit_code, "to the byte" in inside.output) == (0, True)
    assert not [found for find in INVARIANTS.values() for found in find(session)]


@pytest.mark.usefixtures("context")
def test_a_live_vote_of_few_shows_no_standing(client, session):
    round = make_round(session, state=RoundState.OPEN, slug="november", is_live=True)
    patron = make_patron(session)
    make_roll_entry(session, round, patron_id=patron.id)
    service.cast_ballot(session, round, patron, round.slugs[:1], utc_now())
    session.commit()
    handlers.turn({})

    assert rules.LISTED_FROM >= rules.TOO_FEW_TO_COUNT
    assert "once twenty have voted" in client.get("/vote/november/results").text


@pytest.mark.usefixtures("context")
def test_a_live_vote_is_counted_when_at_least_five_came_with_each_weight(client, session):
    round = make_round(session, state=RoundState.OPEN, slug="november", is_live=True)

    def cast(number, weight):
        for _ in range(number):
            patron = make_patron(session)
            make_roll_entry(session, round, patron_id=patron.id, weight=weight)
            service.cast_ballot(session, round, patron, round.slugs[:1], utc_now())
        session.commit()
        handlers.turn({})
        session.refresh(round)
        return round.standing["tally"]["ballots"] if round.standing else None

    steps = [(19, 1), (2, 3), (3, 3), (19, 1), (1, 3), (4, 3)]
    assert [cast(*step) for step in steps] == [None, None, 24, 24, 24, 48]
    assert "and at least five with each weight that was cast" not in client.get("/vote/november/results").text
