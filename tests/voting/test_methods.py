"""The ballot, the receipt and the results of every method, as readers see them."""

import json
import re

import pytest

from membership.clock import utc_now
from membership.voting import handlers, rules, service
from membership.voting.errors import NameMissing
from membership.voting.models import RoundState
from membership.voting.pictures import HEIGHT, draw_steps
from membership.voting.rules import Method, transfer
from tests.browsing import post
from tests.factories import make_patron, make_roll_entry, make_round, make_topic
from tests.voting.test_views import close, sign_in

FORMS = {
    Method.SINGLE: ({"marks": ["water"]}, {"marks": ["water", "roads"]}, ["water"]),
    Method.RANKED: ({"number-roads": "1", "number-water": "2"}, {"number-water": "x"}, ["roads", "water"]),
    Method.SCORE: ({"number-roads": "5"}, {"number-roads": "6"}, {"roads": 5}),
    Method.DOTS: ({"number-roads": "3", "number-water": "1"}, {"number-roads": "9"}, {"water": 1, "roads": 3}),
}
MORE = {Method.SCORE: {"top_score": 5}, Method.DOTS: {"budget": 4}}


def open_round(session, method, **fields):
    topics = [make_topic(session, slug=slug, title={"en": slug.title()}) for slug in ("water", "roads", "schools")]
    fields = MORE.get(method, {}) | fields
    round = make_round(session, state=RoundState.OPEN, slug="november", topics=topics, method=method, **fields)
    session.commit()
    return round


def fill(session, round, marks, number, **fields):
    for _ in range(number):
        patron = make_patron(session)
        make_roll_entry(session, round, patron_id=patron.id, tier="friend", **fields)
        service.cast_ballot(session, round, patron, marks, utc_now(), name="Olena")
    session.commit()


@pytest.mark.parametrize("method", FORMS)
def test_a_voter_marks_as_the_method_asks_and_sees_it_again(client, session, method):
    round, (right, wrong, marks) = open_round(session, method), FORMS[method]
    patron = make_patron(session)
    make_roll_entry(session, round, patron_id=patron.id)
    sign_in(session, client, patron)
    refused, taken = post(client, "/vote/november", wrong), post(client, "/vote/november", right)
    receipt, again = client.get("/vote/november/receipt").text, client.get("/vote/november").text
    session.expire_all()

    assert (refused.status_code, taken.status_code) == (400, 303)
    assert 'role="alert"' in refused.text
    assert service.get_voter(session, round, patron, utc_now()).marks == marks
    assert "Water" in receipt or "Roads" in receipt
    assert "Change my choice" in again
    if method is not Method.SINGLE:
        assert f'name="number-roads" inputmode="numeric" value="{right["number-roads"]}"' in again


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"number-water": "2", "number-roads": "2"}, "The number 2 stands at more than one topic."),
        ({"number-water": "0", "number-roads": "1"}, "Leave the field empty at a topic that you do not want to rank."),
        ({"number-water": " "}, "Please mark at least one topic."),
    ],
)
def test_a_ranking_that_is_refused_stays_as_it_was_typed(client, session, typed, said):
    round, patron = open_round(session, Method.RANKED), make_patron(session)
    make_roll_entry(session, round, patron_id=patron.id)
    sign_in(session, client, patron)
    post(client, "/vote/november", {"number-schools": "1"})
    answer = post(client, "/vote/november", typed)
    numbers = dict(re.findall(r'name="(number-\w+)" inputmode="numeric" value="(\d*)"', answer.text))

    assert (answer.status_code, said in answer.text) == (400, True)
    assert numbers == {"number-water": "", "number-roads": "", "number-schools": ""} | {
        name: text.strip() for name, text in typed.items()
    }


@pytest.mark.parametrize("method", FORMS)
def test_results_are_shown_and_count_again_to_the_same_bytes(client, session, method):
    round, marks = open_round(session, method), FORMS[method][2]
    fill(session, round, marks, 20)
    close(session, round)
    export = client.get("/vote/november/result.json").data
    [ballot, *_] = json.loads(export)["ballots"]
    text = client.get("/vote/november/results").text
    found = post(client, "/vote/november/check", {"receipt": ballot["receipt"]}).text

    assert rules.recount(export) == export
    assert "Members chose" in text
    assert "Who came to vote" in text
    assert "was counted" in found
    assert ballot["receipt"] in client.get("/vote/november/ballots").text
    assert client.get("/vote/november/results?lang=uk").status_code == 200


@pytest.mark.parametrize(
    ("seats", "by", "said"),
    [(2, "", "had 6 more than it needed"), (1, "?by=persons", "had the fewest votes, 6, and left")],
)
def test_the_steps_of_a_ranked_count_are_told_and_drawn(client, session, seats, by, said):
    round = open_round(session, Method.RANKED, seats=seats)
    for marks, number, weight in ((["water", "roads"], 8, 2), (["roads"], 6, 1), (["schools", "roads"], 7, 1)):
        fill(session, round, marks, number, weight=weight)
    close(session, round)
    text = client.get(f"/vote/november/steps{by}").text

    assert said in text
    assert text.count("<polygon") > 2
    assert 'role="img"' in text
    assert "See the count in" in client.get("/vote/november/results").text


def test_names_in_the_picture_end_before_the_next_column():
    few = transfer([(("ant",), 3), (("bee",), 1)], ["ant", "bee"], seats=1, seed="s")
    cast = [((one, "ant"), number) for number, one in enumerate("bcdefghijklmnopqrstuvwxyz", 1)]
    many = transfer([(("ant",), 40), *cast], ["ant", *"bcdefghijklmnopqrstuvwxyz"], seats=1, seed="s")

    assert draw_steps(few).letters > 90
    assert draw_steps(many).letters == 6


def test_each_topic_has_its_name_where_it_is_first_high_enough_and_what_has_no_further_choice_is_drawn():
    cast = [(("ant", "cow"), 10), (("bee",), 5), (("dog",), 3)]
    drawing = draw_steps(transfer(cast, ["ant", "bee", "cow", "dog"], seats=2, seed="s"))
    columns = [[block for block in drawing.blocks if block.x == x] for x in sorted({one.x for one in drawing.blocks})]
    last = {block.slug: block for block in columns[-1]}

    assert sorted(block.slug for block in drawing.blocks if block.is_named) == ["", "ant", "bee", "cow", "dog"]
    assert all("" in {block.slug for block in column} for column in columns)
    assert last[""].height > HEIGHT // 10
    assert max(block.y + block.height for block in drawing.blocks) <= drawing.height


def test_a_topic_without_first_choices_and_ballots_that_are_spent_are_named_in_the_picture(client, session):
    round = open_round(session, Method.RANKED)
    for marks, number in ((["water"], 9), (["roads", "schools"], 8), (["schools"], 5)):
        fill(session, round, marks, number)
    close(session, round)
    [drawn] = re.findall(r"<svg.*?</svg>", client.get("/vote/november/steps").text, re.DOTALL)

    assert re.findall("<text[^>]*>([^<]+)</text>", drawn) == ["Water", "Roads", "Schools", "No further choice"]
    assert 'class="bar-spent"' in drawn


def test_a_shielded_count_is_shown_by_weight_only(client, session):
    round = open_round(session, Method.RANKED, is_anonymous=False)
    fill(session, round, ["water"], 3, weight=3)
    fill(session, round, ["roads"], 20)
    close(session, round)

    assert "Fewer than five voted with one of the weights" in client.get("/vote/november/results").text
    assert "one person, one vote</a>" not in client.get("/vote/november/steps").text
    assert client.get("/vote/november/steps?by=persons").status_code == 303


def test_other_methods_have_no_steps(client, session):
    round = open_round(session, Method.SINGLE)
    fill(session, round, ["water"], 1)
    close(session, round)

    assert client.get("/vote/november/steps").location == "/vote/november/results"


def test_signed_ballots_are_published_with_their_names(client, session):
    round = open_round(session, Method.SINGLE, is_anonymous=False)
    fill(session, round, ["water"], 2)
    patron = make_patron(session)
    make_roll_entry(session, round, patron_id=patron.id)
    sign_in(session, client, patron)
    refused = post(client, "/vote/november", {"marks": ["roads"], "name": " "})
    long = post(client, "/vote/november", {"marks": ["roads"], "name": "O" * 81})
    close(session, round)

    assert NameMissing.message in refused.text
    assert 'id="name-error">Please write a name of 80 letters at most' in long.text
    assert "Olena" in client.get("/vote/november/ballots").text
    assert [ballot["name"] for ballot in json.loads(client.get("/vote/november/result.json").data)["ballots"]] == [
        "Olena"
    ] * 2


def test_without_its_quorum_a_vote_chooses_nothing_and_says_so(client, session):
    round = open_round(session, Method.SINGLE, quorum_percent=50)
    fill(session, round, ["water"], 1)
    for _ in range(3):
        make_roll_entry(session, round)
    close(session, round)

    assert "Too few voted" in client.get("/vote/november/results").text
    assert round.chosen == []


@pytest.mark.usefixtures("context")
def test_a_live_vote_shows_how_it_stands_in_steps_of_twenty(client, session):
    round = open_round(
        session, Method.SINGLE, is_live=True, extensions=[{"was": "2026-01-01T00:00:00+00:00", "reason": "Late"}]
    )
    fill(session, round, ["water"], 19)
    handlers.turn({})
    early = client.get("/vote/november/results").text
    fill(session, round, ["water"], 1)
    handlers.turn({})
    shown = client.get("/vote/november/results").text
    fill(session, round, ["roads"], 19)
    handlers.turn({})

    assert "once twenty have voted" in early
    assert "So it stands with 20 ballots" in shown
    assert "So it stands with 20 ballots" in client.get("/vote/november/results").text
    assert "Why it closes later: Late" in client.get("/vote/november").text
