"""What everybody sees of votes: the page of stories, feeds, the piece of a page, the picture; no person in any."""

from datetime import timedelta
from io import BytesIO
from xml.etree import ElementTree as Xml

import pytest
from PIL import Image

from membership.clock import utc_now
from membership.stories import feeds, service
from membership.stories.pictures import Poster, Row, draw, wrap
from membership.stories.pictures import _font as font
from membership.stories.posters import make_poster
from membership.stories.rules import Cohort
from membership.topics import service as topics
from membership.topics.models import TopicState
from membership.voting import rules
from membership.voting import service as voting
from membership.voting.models import Round, RoundState, RoundTopic
from membership.voting.rules import Method
from tests.factories import make_member, make_patron, make_roll_entry, make_round, make_subscription, make_topic

URL, EVIL = "https://publication.test/water", "<b>&\x07]]>"
NAMES = {"a": "http://www.w3.org/2005/Atom"}
PUBLIC = ("/api/v1/rounds", "/api/v1/topics", "/api/v1/feed.atom", "/api/v1/embed/votes", "/reported")


def held(session, **fields):
    round, patron = make_round(session, state=RoundState.OPEN, **fields), make_member(session)
    make_roll_entry(session, round, patron_id=patron.id)
    voting.cast_ballot(session, round, patron, round.slugs[:1], utc_now())
    return round, patron


@pytest.fixture
def closed(session):
    round, _ = held(session, slug="november", title={"en": f"Spring {EVIL}", "uk": "Весна"})
    voting.close_round(session, round, utc_now(), "clock", reason="a test")
    session.commit()
    return round


def test_what_was_chosen_is_owed_and_then_reported(client, session, closed):
    topic = closed.topics[0].topic
    assert "What we owe you" in client.get("/reported").text
    topics.publish(session, topic, URL, "x")
    session.commit()
    text = client.get("/reported").text

    assert f'href="{URL}"' in text
    assert "Members have chosen 1 topic so far." in text
    [story] = service.list_stories(session)
    assert story.promise.days == 1


def test_a_vote_that_did_not_choose_a_topic_tells_nothing_of_it(session, closed):
    chosen = next(entry.topic for entry in closed.topics if entry.topic.slug in closed.chosen)
    elsewhere, _ = held(session, slug="december", topics=[make_topic(session), make_topic(session)])
    voting.close_round(session, elsewhere, utc_now(), "clock", reason="a test")
    session.add(RoundTopic(round_id=elsewhere.id, topic_id=chosen.id, position=2))
    session.flush()

    stories = [story for story in service.list_stories(session) if story.topic is chosen]
    assert [story.round.slug for story in stories] == ["november"]


def test_what_was_given_up_is_told_with_its_reason(client, session, closed):
    topics.drop(session, closed.topics[0].topic, "The source withdrew.", "x")
    session.commit()

    assert "The source withdrew." in client.get("/reported").text


def test_before_the_first_vote_the_page_says_what_will_be_there(client):
    assert "will be here after the first vote" in client.get("/reported").text
    assert "No vote is open at the moment." in client.get("/api/v1/embed/votes").text


def test_rounds_and_topics_are_told_to_programs(client, session, closed):
    make_round(session, slug="a-draft")
    make_topic(session, slug="hidden", state=TopicState.SUGGESTED)
    session.commit()
    [round] = client.get("/api/v1/rounds").json["rounds"]

    assert (round["round"], round["state"], round["chosen"]) == ("november", "published", closed.chosen)
    assert round["closed_at"].endswith("Z")
    told = {topic["topic"]: topic["state"] for topic in client.get("/api/v1/topics").json["topics"]}
    assert told[closed.chosen[0]] == "chosen"
    assert "hidden" not in told


def test_the_feed_tells_openings_results_and_articles_and_is_sound(client, session, closed):
    topics.publish(session, closed.topics[0].topic, URL, "x")
    session.commit()
    answer = client.get("/api/v1/feed.atom?lang=uk")
    feed = Xml.fromstring(answer.data)
    links = {link.get("href") for link in feed.findall("a:entry/a:link", NAMES)}

    assert answer.content_type.startswith("application/atom+xml")
    assert links == {URL, "http://localhost/vote/november", "http://localhost/vote/november/results"}
    assert feed.get("{http://www.w3.org/XML/1998/namespace}lang") == "uk"
    assert "Spring <b>&]]>" in Xml.fromstring(client.get("/api/v1/feed.atom?lang=xx").data)[-1].findtext(
        "a:title", "", NAMES
    )


def test_an_empty_feed_is_a_feed(client):
    assert (
        Xml.fromstring(client.get("/api/v1/feed.atom").data).findtext("a:updated", "", NAMES) == "1970-01-01T00:00:00Z"
    )


def test_a_vote_that_chose_nothing_is_told_as_such(client, session):
    round = make_round(session, state=RoundState.OPEN, slug="empty")
    make_roll_entry(session, round)
    voting.close_round(session, round, utc_now(), "clock", reason="a test")
    session.commit()

    assert "No topic was chosen." in client.get("/api/v1/feed.atom").text
    assert client.get("/vote/empty/result.png").status_code == 200
    assert 'property="og:description" content="No topic was chosen."' in client.get("/vote/empty/results").text


def test_the_piece_of_a_page_is_inert_and_the_same_for_everybody(client, session, closed):
    make_round(session, state=RoundState.OPEN, slug="december", title={"en": EVIL})
    session.commit()
    answer = client.get("/api/v1/embed/votes")

    assert "<b>" not in answer.text
    assert 'href="http://localhost/vote/december?lang=en"' in answer.text
    assert "Members chose last:" in answer.text
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Set-Cookie" not in answer.headers
    assert "Cookie" not in answer.headers.get("Vary", "")
    again = client.get("/api/v1/embed/votes", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


@pytest.mark.parametrize("path", PUBLIC)
def test_nothing_public_tells_how_an_open_vote_stands_or_who_voted(app, session, path):
    round, patron = held(session, slug="november")
    session.commit()
    before = app.test_client().get(path).text.partition("csrf_token")[0]
    voting.cast_ballot(session, round, patron, round.slugs[1:], utc_now())
    session.commit()

    assert app.test_client().get(path).text.partition("csrf_token")[0] == before
    assert str(patron.email) not in before
    assert patron.public_id not in before


def test_a_result_has_a_picture_in_the_reader_s_language(client, session, closed):
    answer = client.get("/vote/november/result.png")
    image = Image.open(BytesIO(answer.data))

    assert (image.format, image.size) == ("PNG", (1200, 630))
    assert "max-age=86400" in answer.headers["Cache-Control"]
    assert client.get("/vote/november/result.png?lang=uk").data != answer.data
    page = client.get("/vote/november/results").text
    assert 'property="og:image" content="http://localhost/vote/november/result.png?lang=en"' in page


def counted(method, cast, **fields):
    slugs = ["water", "roads", "roofs", "parks"]
    facts = {
        "method": method.value,
        "seats": 1,
        "quorum_percent": 0,
        "tie_seed": "5eed",
        "listed": False,
        "roll": {"members": 40},
        "topics": [{"slug": slug, "title": {"en": slug.title()}} for slug in slugs],
    }
    ballots = [{"receipt": "A", "weight": 1, "marks": marks} for marks, number in cast for _ in range(number)]
    result, transfers = rules.part(rules.record(facts, ballots))
    return Round(title={"en": "What next?"}, method=method, result=result, transfers=transfers, **fields)


def test_the_picture_of_a_ranked_vote_shows_what_decided_and_says_so():
    cast = [(["water"], 4), (["roads", "roofs"], 3), (["roofs"], 3), (["parks", "roofs"], 1)]
    poster = make_poster(counted(Method.RANKED, cast), "Daily")

    assert [(row.title, row.share, row.is_chosen) for row in poster.rows] == [
        ("Roofs", 1, True),
        ("Water", 4 / 7, False),
        ("Roads", 3 / 7, False),
        ("Parks", 1 / 7, False),
    ]
    assert (poster.foot, poster.note) == (
        "11 people voted. Chosen topics are in yellow.",
        "The bar: a topic's votes when it was chosen or left the count, weighted by tier.",
    )


def test_the_picture_of_other_votes_says_what_its_bars_are_and_has_none_when_nobody_voted():
    marks = {
        Method.APPROVAL: ["water"],
        Method.SINGLE: ["water"],
        Method.SCORE: {"water": 2, "roads": 1},
        Method.DOTS: {"water": 2},
    }
    posters = [make_poster(counted(method, [(given, 5)]), "Daily") for method, given in marks.items()]
    empty = make_poster(counted(Method.RANKED, []), "Daily")

    assert [poster.note.split()[4].strip(",") for poster in posters] == ["votes", "votes", "points", "dots"]
    assert posters[2].rows[1].share == 0.5
    assert {row.share for row in empty.rows} == {None}
    assert (empty.foot, empty.note) == ("Nobody voted. No topic was chosen.", "")


def test_a_sealed_vote_has_no_picture(client, session):
    held(session, slug="november")
    session.commit()

    assert client.get("/vote/november/result.png").status_code == 409


def test_long_words_are_cut_and_cyrillic_is_drawn():
    serif = font("DejaVuSerif-Bold", 46)
    assert wrap("", serif, 2) == [""]
    assert wrap("Куди поділися гроші " * 9, serif, 2)[-1].endswith("…")
    assert wrap("ю" * 200, serif, 1)[0].endswith("…")
    letters = {bytes(font("DejaVuSans", 25).getmask(sign)) for sign in "іїєґщЮ"}
    assert len(letters) == 6
    assert draw(Poster("Щоденник", "Що далі?", (Row("Вода", 0.5, True),), "")).startswith(b"\x89PNG")


def test_who_stayed_is_followed_from_the_latest_vote_that_can_be_judged(session):
    long_ago = utc_now() - timedelta(days=100)
    round = make_round(session, state=RoundState.OPEN, opens_at=long_ago - timedelta(days=9))
    round.opened_at = long_ago - timedelta(days=8)
    for voted, ended in ((True, None), (True, long_ago + timedelta(days=5)), (False, None)):
        patron = make_patron(session)
        make_subscription(session, patron=patron, started_at=long_ago - timedelta(days=50), ended_at=ended)
        make_roll_entry(session, round, patron_id=patron.id, voted_at=round.opened_at if voted else None)
    assert service.compare_stay(session, utc_now()) == (Cohort(0, 0), Cohort(0, 0))
    voting.close_round(session, round, utc_now(), "clock", reason="a test")
    round.closed_at = long_ago

    assert service.compare_stay(session, utc_now()) == (Cohort(2, 1), Cohort(1, 1))


def test_a_promise_that_is_not_kept_yet_is_no_news(app, session):
    round = make_round(session)
    promised = service.Story(make_topic(session), round, None, "")

    with app.test_request_context():
        assert feeds.list_entries([], [promised], "https://members.test") == []
