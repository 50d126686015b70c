"""Topics as readers see them; whatever is typed stays inert."""

import pytest
from sqlalchemy import select

from membership.clock import utc_now
from membership.topics import service
from membership.topics.models import Topic, TopicComment, TopicState
from tests.browsing import post
from tests.factories import make_member, make_patron, make_topic
from tests.staff.signing_in import sign_in

EVIL = "<script>alert(1)</script> of roofs"
FORM = {"title": "Where did the money for roofs go?", "why": "It rains into two schools.", "links": ""}


@pytest.fixture
def member(session, client):
    patron = make_member(session)
    sign_in(client, session, patron)
    return patron


def topics(session):
    found = session.scalars(select(Topic).execution_options(populate_existing=True)).all()
    session.commit()
    return found


def suggest(client, **changes):
    return post(client, "/topics/suggest", FORM | changes, page="/topics/suggest?title=Anything")


def test_the_list_shows_each_topic_with_what_waits_for_it(client, session):
    make_topic(session, title={"en": "School roofs"}, state=TopicState.SUGGESTED, listed_at=utc_now())
    make_topic(session, title={"en": "A secret"}, state=TopicState.SUGGESTED)
    make_topic(session, title={"en": "The river"}, state=TopicState.PUBLISHED, article_url="https://a.example")
    session.commit()
    page = client.get("/topics").text

    assert page.index("Looking for support") < page.index("School roofs") < page.index("The river")
    assert "A secret" not in page


def test_an_empty_list_says_what_will_be_there(client):
    assert "Yours could be the first." in client.get("/topics").text


def test_whoever_suggests_looks_first_whether_it_is_there(client, session, member):
    make_topic(session, slug="roofs", title={"en": "The money for school roofs"})
    session.commit()
    assert "Look whether it is there already" in client.get("/topics/suggest").text
    page = client.get("/topics/suggest?title=Money+for+roofs+of+schools").text

    assert "Is it one of these?" in page
    assert "/topics/roofs" in page
    assert 'value="Money for roofs of schools"' in page


def test_a_piece_of_the_page_follows_the_typing(client, session):
    make_topic(session, slug="roofs", title={"en": "The money for school roofs"})
    session.commit()
    answer = client.get("/topics/similar?title=school+roofs+money")

    assert "/topics/roofs" in answer.text
    assert "<html" not in answer.text
    assert client.get("/topics/similar").text.strip() == ""


def test_a_suggestion_is_taken_and_waits(client, session, member):
    answer = suggest(client)
    [topic] = topics(session)

    assert (answer.status_code, answer.location) == (303, f"/topics/{topic.slug}")
    assert "We read every suggestion" in client.get(answer.location).text
    assert "What you suggested" in client.get("/topics").text
    assert client.application.test_client().get(answer.location).status_code == 404


@pytest.mark.parametrize(
    ("wrong", "said"),
    [({"title": "Roofs"}, "in a few words what"), ({"why": ""}, "why it matters"), ({"links": "x"}, "on its own line")],
)
def test_a_suggestion_that_is_not_right_keeps_what_was_typed(client, session, member, wrong, said):
    answer = suggest(client, **wrong)

    assert answer.status_code == 400
    assert said in answer.text
    assert (FORM | wrong)["title"] in answer.text
    assert topics(session) == []


def test_a_robot_is_thanked_and_forgotten(client, session, member):
    assert suggest(client, website="https://spam.example").status_code == 303
    assert topics(session) == []


def test_who_may_not_suggest_is_told_why(client, session):
    assert client.get("/topics/suggest").location.startswith("/sign-in")
    sign_in(client, session, make_patron(session))
    answer = client.get("/topics/suggest")

    assert answer.status_code == 403
    assert "for members whose support includes a vote" in answer.text


def test_who_suggested_enough_is_told_so(client, session, member):
    service.set_house_rules(session, per_month=1, lists_at_once=True, has_comments=True, actor="x")
    session.commit()
    token_page = client.get("/topics/suggest?title=Anything").text
    assert "1 more topic this month" in token_page
    suggest(client)

    assert client.get("/topics/suggest").status_code == 409


def test_two_windows_do_not_suggest_more_than_one_allows(client, session, member):
    service.set_house_rules(session, per_month=0, lists_at_once=True, has_comments=True, actor="x")
    session.commit()
    answer = post(client, "/topics/suggest", FORM, page="/vote")

    assert answer.status_code == 409
    assert "as much as your tier allows" in answer.text


def test_a_topic_is_supported_and_followed_or_no_more(client, session, member):
    topic = make_topic(session, slug="roofs")
    session.commit()
    for change, said in (
        ("support", "1 member stands behind it."),
        ("withdraw", "0 members stand behind it."),
        ("unfollow", "Write to me what becomes of it"),
        ("follow", "Write to me about it no more"),
    ):
        answer = post(client, f"/topics/roofs/{change}", page="/topics/roofs")
        assert answer.location == f"/topics/{topic.slug}"
        assert said in client.get("/topics/roofs").text
    assert client.post("/topics/roofs/steal").status_code == 404


def test_a_merged_topic_leads_to_the_one_that_it_became(client, session):
    first, second = make_topic(session), make_topic(session)
    service.merge(session, first, second.slug, "x")
    session.commit()
    answer = client.get(f"/topics/{first.slug}")

    assert (answer.status_code, answer.location) == (301, f"/topics/{second.slug}")


def test_who_suggested_what_became_part_of_a_hidden_topic_may_see_that(client, session, member):
    suggest(client)
    [first] = topics(session)
    second = make_topic(session, state=TopicState.SUGGESTED)
    service.merge(session, first, second.slug, "x")
    session.commit()

    assert client.get(f"/topics/{first.slug}", follow_redirects=True).status_code == 200
    assert client.application.test_client().get(f"/topics/{second.slug}").status_code == 404


def test_a_topic_tells_what_became_of_it_and_not_who_did_it(client, session):
    topic = make_topic(session, state=TopicState.CHOSEN)
    service.drop(session, topic, "The source withdrew.", "patron:secret-editor")
    session.commit()
    page = client.get(f"/topics/{topic.slug}").text

    assert "The source withdrew." in page
    assert "secret-editor" not in page


def test_a_comment_is_said_and_a_bad_one_comes_back(client, session, member):
    make_topic(session, slug="roofs")
    session.commit()
    form = {"text": "It rains in.", "signed_as": "Olena"}
    answer = post(client, "/topics/roofs/comments", form, page="/topics/roofs")
    bad = post(client, "/topics/roofs/comments", {"text": "see spam.com"}, page="/topics/roofs")
    long = post(client, "/topics/roofs/comments", form | {"signed_as": "O" * 81}, page="/topics/roofs")
    house = post(client, "/topics/roofs/comments", form | {"signed_as": "The Open Daily editors"}, page="/topics/roofs")
    page = client.get("/topics/roofs").text

    assert 'id="signed_as-error">This name has ours in it' in house.text
    assert 'id="signed_as-error">Please write a name of 80 letters at most' in long.text
    assert 'id="text-error"' not in long.text
    assert answer.location == f"/topics/roofs#comment-{session.scalar(select(TopicComment.id))}"
    assert "It rains in." in page
    assert "Olena" in page
    assert bad.status_code == 400
    assert "Comments carry no addresses" in bad.text
    assert "see spam.com" in bad.text


def test_whatever_is_typed_stays_inert(client, session, member):
    service.set_house_rules(session, per_month=9, lists_at_once=True, has_comments=True, actor="x")
    session.commit()
    location = suggest(
        client, title=EVIL, why=f"{EVIL} {{{{12345*3}}}}", links="https://a.example/?q='onload=alert(1)"
    ).location
    post(client, f"{location}/comments", {"text": EVIL, "signed_as": EVIL}, page=location)
    pages = [client.get(path).text for path in (location, "/topics", "/topics/similar?title=alert+script+of+roofs")]

    assert not any("<script>alert" in page for page in pages)
    assert "&lt;script&gt;" in pages[0]
    assert "37035" not in pages[0]
