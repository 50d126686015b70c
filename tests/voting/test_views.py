"""The vote as readers see it, and that nobody sees it stand before it closes."""

import json
import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from membership.clock import utc_now
from membership.patrons.login import KEPT_AS
from membership.patrons.service import sign_ins
from membership.topics import service as topic_service
from membership.topics.models import Topic, TopicState
from membership.voting import rules, service, views
from membership.voting.models import Ballot, RollEntry, RoundGuest, RoundState
from tests.browsing import post
from tests.factories import make_patron, make_roll_entry, make_round, make_subscription, make_topic

URL = "https://daily.example/water"


@pytest.fixture
def round(session):
    topics = [make_topic(session, slug=slug, title={"en": slug.title()}) for slug in ("water", "roads", "schools")]
    round = make_round(session, state=RoundState.OPEN, slug="november", topics=topics)
    session.commit()
    return round


@pytest.fixture
def voter(session, client, round):
    patron = make_patron(session)
    make_roll_entry(session, round, patron_id=patron.id, weight=2)
    sign_in(session, client, patron)
    return patron


def sign_in(session, client, patron):
    token = sign_ins.begin(session, patron)
    session.commit()
    with client.session_transaction() as cookie:
        cookie[KEPT_AS] = token


def cast(client, *marks):
    return post(client, "/vote/november", {"marks": list(marks)})


def fill(session, round, voters, marks=("water",)):
    for _ in range(voters):
        patron = make_patron(session)
        make_roll_entry(session, round, patron_id=patron.id)
        service.cast_ballot(session, round, patron, marks, utc_now())
    session.commit()


def close(session, round):
    service.close_round(session, round, utc_now(), "staff:1", reason="a test")
    session.commit()


def ballots_of(session):
    session.expire_all()
    return session.scalars(select(Ballot)).all()


def test_a_voter_casts_sees_her_receipt_and_changes_her_mind(session, client, voter):
    first = cast(client, "water")
    page = client.get(first.location).text
    cast(client, "roads", "schools")
    [ballot] = ballots_of(session)

    assert (first.status_code, first.location) == (303, "/vote/november/receipt")
    assert ballot.receipt in page
    assert "Water" in page
    assert ballot.marks == ["roads", "schools"]
    assert ballot.weight == 2


def test_her_own_marks_are_there_when_she_comes_back(client, voter):
    cast(client, "roads")
    page = client.get("/vote/november").text

    assert re.search(r'value="roads"\s+checked', page)
    assert not re.search(r'value="water"\s+checked', page)
    assert "Change my choice" in page
    assert "Your vote counts 2 times." in page


@pytest.mark.parametrize(("marks", "sentence"), [([], "mark at least one"), (["moon"], "not part of this vote")])
def test_a_bad_ballot_comes_back_with_its_marks_and_the_reason(session, client, voter, marks, sentence):
    answer = cast(client, *marks, *(["water"] if marks else []))

    assert answer.status_code == 400
    assert sentence in answer.text
    assert bool(re.search(r'value="water"\s+checked', answer.text)) == bool(marks)
    assert ballots_of(session) == []


def test_who_is_not_signed_in_reads_the_topics_and_is_shown_the_way_in(client, round):
    page = client.get("/vote/november").text

    assert "/sign-in?next=/vote/november" in page
    assert "Schools" in page
    assert "checkbox" not in page


def test_who_is_not_signed_in_cannot_cast(session, client, round):
    answer = cast(client, "water")

    assert (answer.status_code, answer.location) == (303, "/sign-in?next=/vote/november")
    assert ballots_of(session) == []


def test_a_ballot_without_the_page_s_token_is_refused(session, client, voter):
    assert client.post("/vote/november", data={"marks": "water"}).status_code == 400
    assert ballots_of(session) == []


def test_who_joined_later_is_told_that_the_next_vote_is_hers(session, client, round):
    sign_in(session, client, make_subscription(session).patron)
    answer = cast(client, "water")

    assert "The next vote is yours" in client.get("/vote/november").text
    assert (answer.status_code, "The next vote is yours" in answer.text) == (403, True)


def test_who_is_no_member_is_told_who_may_vote(session, client, round):
    sign_in(session, client, make_patron(session))

    assert "You are not among those who may vote here" in client.get("/vote/november").text


def test_the_receipt_page_leads_back_until_she_has_voted(client, voter):
    assert client.get("/vote/november/receipt").location == "/vote/november"


def test_the_receipt_page_leads_to_the_results_after_the_close(session, client, round, voter):
    cast(client, "water")
    session.rollback()
    close(session, round)

    assert client.get("/vote/november/receipt", follow_redirects=True).request.path == "/vote/november/results"


def test_a_late_ballot_is_refused_and_the_earlier_one_stands(session, client, round, voter):
    cast(client, "water")
    session.rollback()
    close(session, round)
    answer = post(client, "/vote/november", {"marks": "roads"}, page="/vote")

    assert (answer.status_code, "has closed" in answer.text) == (409, True)
    assert [ballot.marks for ballot in ballots_of(session)] == [["water"]]


@pytest.mark.parametrize("page", ["", "/results", "/ballots", "/check", "/result.json", "/receipt"])
def test_a_draft_is_nowhere_to_be_seen(session, client, page):
    round = make_round(session)
    sign_in(session, client, make_patron(session))

    assert client.get(f"/vote/{round.slug}{page}").status_code == 404
    assert round.slug not in client.get("/vote").text


def test_the_first_page_without_a_vote_says_what_will_be_there(client):
    assert "When the next one opens" in client.get("/vote").text


def test_a_result_keeps_the_words_that_were_voted_on(client, session, round):
    fill(session, round, 1)
    close(session, round)
    for entry in round.topics:
        entry.topic.title = {"en": "Worded anew"}
    session.commit()
    pages = [client.get(f"/vote/november/{page}").text for page in ("results", "ballots")]

    assert not any("Worded anew" in page for page in pages)
    assert "Water" in pages[0]


def test_the_first_page_shows_open_votes_past_ones_and_what_was_reported(session, client, round):
    done = make_round(session, state=RoundState.OPEN, title={"en": "In October"})
    fill(session, done, 1, marks=done.slugs[:1])
    close(session, done)
    topic_service.publish(session, done.topics[0].topic, URL, "staff:1")
    make_round(session, state=RoundState.OPEN, title={"en": "Just over"}, closes_at=utc_now() - timedelta(seconds=1))
    session.commit()
    page = client.get("/vote").text

    assert "3 topics are on the ballot." in page
    assert page.index("Open now") < page.index("Just over") < page.index("are being counted")
    assert page.index("You chose, we reported") < page.index(URL)


def test_before_the_close_the_results_are_a_date_and_nothing_else(client, session, round):
    fill(session, round, 7)
    page = client.get("/vote/november/results")

    assert (page.status_code, "Sealed until" in page.text) == (200, True)
    assert client.get("/vote/november/check").text.count("Sealed until") == 1


def sealed_pages(client):
    pages = ["/vote", *(f"/vote/november{page}" for page in ("", "/results", "/check", "/ballots", "/result.json"))]
    plain = re.compile(r'name="csrf_token" value="[^"]+"|quote [0-9a-f]+')
    return [plain.sub("", client.get(page).text) for page in pages]


def test_no_page_tells_the_standing_not_even_by_a_byte(client, session, round):
    before = sealed_pages(client)
    fill(session, round, 25)

    assert sealed_pages(client) == before


def test_before_the_close_the_record_is_a_problem_for_programs(client, round):
    answer = client.get("/vote/november/result.json")

    assert (answer.status_code, answer.content_type) == (409, "application/problem+json")
    assert answer.json["title"] == "RoundSealed"


def test_between_the_closing_time_and_the_count_the_results_are_on_their_way(client, session):
    round = make_round(session, state=RoundState.OPEN, closes_at=utc_now() - timedelta(seconds=1))
    session.commit()

    assert "being counted" in client.get(f"/vote/{round.slug}", follow_redirects=True).text
    assert_awaited(client, round, "are being counted", "RoundUncounted")


def test_a_result_that_is_held_back_is_told_as_that_everywhere(client, session, round):
    fill(session, round, 1)
    round.hold_hours = 24
    close(session, round)

    words = "This vote is closed and counted. The result will be here on "
    assert_awaited(client, round, words, "ResultHeldBack")
    assert re.search(rf"{words}\d+ \w+ \d{{4}}, \d\d:\d\d \(UTC", client.get("/vote/november/ballots").text)


def assert_awaited(client, round, words, title):
    for page in ("ballots", "result.png", "check", "result.json", "results"):
        answer = client.get(f"/vote/{round.slug}/{page}")
        assert words in answer.text
        assert "ealed until" not in answer.text
    assert client.get(f"/vote/{round.slug}/result.json").json["title"] == title


def test_a_guest_who_is_a_member_is_not_counted_as_a_guest(client, session, round):
    guest, member, struck = (make_patron(session) for _ in range(3))
    for patron in (guest, member, struck):
        session.add(RoundGuest(round_id=round.id, patron_id=patron.id, reason="River"))
    make_roll_entry(session, round, patron_id=guest.id, tier=None)
    make_roll_entry(session, round, patron_id=member.id, tier="friend")
    make_roll_entry(session, round, patron_id=struck.id, tier=None, struck_at=utc_now(), struck_why="x")
    session.commit()

    assert "1 guest of the newsroom may vote too." in client.get("/vote/november").text


def test_the_table_names_ballots_and_weights_and_a_quorum_that_was_reached_is_told(client, session):
    round = make_round(session, state=RoundState.OPEN, quorum_percent=20)
    for _ in range(6):
        patron = make_patron(session)
        make_roll_entry(session, round, patron_id=patron.id, weight=2)
        service.cast_ballot(session, round, patron, round.slugs[:1], utc_now())
    close(session, round)
    page = client.get(f"/vote/{round.slug}/results").text

    assert "The quorum was reached: 2 ballots were needed." in page
    assert re.search(r'Ballots</th>\s*<td class="num" colspan="2">6<', page)
    assert re.search(r'Their weights together</th>\s*<td class="num" colspan="2">12<', page)


def test_the_results_show_both_figures_the_turnout_and_the_outcome(client, session, round):
    fill(session, round, 5, marks=["water"])
    for _ in range(5):
        heavy = make_patron(session)
        make_roll_entry(session, round, patron_id=heavy.id, weight=3)
        service.cast_ballot(session, round, heavy, ["roads", "water"], utc_now())
    make_roll_entry(session, round)
    close(session, round)
    page = client.get("/vote/november/results").text

    assert "Members chose “Water”." in page
    assert "Of 11 on the roll, 10 voted: 91 %." in page
    assert "20 weighted votes" in page
    assert "one person, one vote: 10" in page
    assert "the choice would have been the same" in page
    assert "Chosen; nobody has it yet." in page
    assert "Not chosen this time." in page
    assert "ballots are not listed" in page


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (TopicState.ASSIGNED, "Chosen. The newsroom is working on it."),
        (TopicState.DROPPED, "Chosen, and given up later."),
        (TopicState.PUBLISHED, "Chosen and reported."),
    ],
)
def test_the_results_tell_what_came_of_what_was_chosen(client, session, round, state, said):
    fill(session, round, 5, marks=["water"])
    close(session, round)
    topic = session.scalars(select(Topic).filter_by(slug="water")).one()
    topic.state, topic.article_url = state, "https://a.example" if state is TopicState.PUBLISHED else None
    session.commit()

    assert said in client.get("/vote/november/results").text


def test_the_results_say_what_one_person_one_vote_would_have_chosen(client, session, round):
    fill(session, round, 6, marks=["water"])
    for _ in range(5):
        heavy = make_patron(session)
        make_roll_entry(session, round, patron_id=heavy.id, weight=3)
        service.cast_ballot(session, round, heavy, ["roads"], utc_now())
    close(session, round)

    assert "one vote, the choice would have been “Water”." in client.get("/vote/november/results").text


def test_the_results_explain_a_tie_by_its_seed(client, session, round):
    fill(session, round, 3, marks=["water"])
    fill(session, round, 3, marks=["roads"])
    close(session, round)
    page = client.get("/vote/november/results").text

    assert "There was a tie between" in page
    assert round.tie_seed in page


def test_the_results_of_a_vote_without_ballots_are_told_plainly(client, session, round):
    make_roll_entry(session, round)
    close(session, round)

    page = client.get("/vote/november/results").text
    told = (
        "Nobody voted, so that no topic was chosen.",
        "1 person was on the roll.",
        "Each of these topics can stand on another",
    )
    empty = ("What each topic got", "Who came to vote", "How it was counted", "one vote", "Find your ballot", "0 %")

    assert [words for words in told if words not in page] == []
    assert [words for words in empty if words in page] == []


def test_a_chosen_topic_leads_to_its_article(client, session, round):
    fill(session, round, 1)
    close(session, round)
    topic_service.publish(session, round.topics[0].topic, URL, "staff:1")
    session.commit()

    assert f'href="{URL}"' in client.get("/vote/november/results").text


def test_the_public_record_is_cached_and_counts_to_the_same_bytes(client, session, round):
    fill(session, round, 20)
    close(session, round)
    answer = client.get("/vote/november/result.json")
    again = client.get("/vote/november/result.json", headers={"If-None-Match": answer.headers["ETag"]})

    assert rules.recount(answer.data) == answer.data
    assert (again.status_code, answer.cache_control.public) == (304, True)
    assert "Set-Cookie" not in answer.headers


def test_all_ballots_of_a_larger_vote_are_listed_without_names(client, session, round):
    fill(session, round, 20)
    close(session, round)
    receipts = sorted(ballot.receipt for ballot in ballots_of(session))
    page = client.get("/vote/november/ballots").text

    assert re.findall(r"<code>(.+)</code>", page) == receipts
    assert "@example.org" not in page
    assert "Next ballots" not in page
    assert client.get("/vote/november/ballots?after=%00").status_code == 400
    assert "/vote/november/ballots" in client.get("/vote/november/results").text


def test_many_ballots_are_listed_page_by_page(client, session, round, monkeypatch):
    monkeypatch.setattr(views, "PAGE", 10)
    fill(session, round, 20)
    close(session, round)
    first = client.get("/vote/november/ballots").text
    [following] = re.findall(r'href="([^"]+after=[^"]+)"', first)
    rest = client.get(following).text

    assert re.findall(r"<code>(.+)</code>", first + rest) == sorted(ballot.receipt for ballot in ballots_of(session))
    assert "Next ballots" not in rest


def test_the_ballots_of_a_small_vote_are_not_listed(client, session, round):
    fill(session, round, 19)
    close(session, round)

    assert client.get("/vote/november/ballots").status_code == 409
    assert json.loads(client.get("/vote/november/result.json").data)["ballots"] is None


def test_a_receipt_is_found_however_it_is_typed(client, session, round):
    fill(session, round, 5)
    receipt = ballots_of(session)[0].receipt
    close(session, round)
    answer = post(client, "/vote/november/check", {"receipt": receipt.lower().replace("-", " ")})

    assert f"{receipt} was counted" in answer.text
    assert "<li>Water</li>" in answer.text


def test_a_receipt_that_is_not_there_is_said_not_to_be(client, session, round):
    close(session, round)

    assert "No ballot of this vote" in post(client, "/vote/november/check", {"receipt": "A" * 16}).text


def test_what_is_no_receipt_comes_back_with_the_reason(client, session, round):
    close(session, round)
    answer = post(client, "/vote/november/check", {"receipt": "A<b>"})

    assert (answer.status_code, "not a receipt code" in answer.text) == (400, True)
    assert "A&lt;b&gt;" in answer.text


def test_no_receipt_is_looked_up_before_the_close(client, session, round):
    fill(session, round, 1)
    [receipt] = [ballot.receipt for ballot in ballots_of(session)]

    assert post(client, "/vote/november/check", {"receipt": receipt}).status_code == 409


def test_after_the_close_nothing_leads_from_a_voter_to_her_ballot(client, session, round, voter):
    cast(client, "water")
    [receipt] = [ballot.receipt for ballot in ballots_of(session)]
    close(session, round)
    entry = session.scalars(select(RollEntry).filter_by(patron_id=voter.id)).one()

    assert session.scalars(select(Ballot)).one().roll_entry_id is None
    assert receipt not in str({**vars(entry), **vars(voter)})
    assert receipt not in client.get("/vote/november", follow_redirects=True).text


def test_unknown_votes_are_not_there(client):
    assert client.get("/vote/nowhere").status_code == 404
    assert client.get("/vote/%D0%A0").status_code == 404


def test_the_pages_speak_ukrainian(client, round):
    assert 'lang="uk"' in client.get("/vote/november?lang=uk").text
