"""Topics judged, merged, worded anew, assigned, reported, given up."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from membership.clock import utc_now
from membership.topics import service
from membership.topics.models import HouseRules, Topic, TopicComment, TopicState
from tests.browsing import post
from tests.factories import make_patron, make_tier, make_topic
from tests.staff.looking import acts, look

ARTICLE = "https://publication.test/river"


def topic_of(session, slug):
    return look(session, select(Topic).filter_by(slug=slug))[0]


@pytest.fixture
def suggested(session):
    topic = make_topic(session, slug="school-roofs", title={"en": "School roofs"}, state=TopicState.SUGGESTED)
    session.commit()
    return topic


@pytest.fixture
def chosen(session):
    topic = make_topic(session, slug="river", state=TopicState.CHOSEN)
    session.commit()
    return topic


def test_before_there_is_anything_the_page_says_how_to_begin(viewer, editor):
    text = viewer.get("/staff/topics").text

    assert "No suggestion waits." in text
    assert "No topic is on the shortlist." in text
    assert "Add a topic" not in text
    assert "Add a topic" in editor.get("/staff/topics").text


def test_a_topic_is_put_on_the_shortlist(editor, session):
    form = {"slug": "the-river", "title": "The river", "title_uk": "", "why": "Who owns it?", "why_uk": ""}

    answer = post(editor, "/staff/topics/new", form)

    assert (answer.status_code, answer.location) == (303, "/staff/topics")
    topic = topic_of(session, "the-river")
    assert (topic.title, topic.why) == ({"en": "The river"}, {"en": "Who owns it?"})
    assert topic.state is TopicState.SHORTLISTED
    assert "The river" in editor.get("/staff/topics").text


@pytest.mark.parametrize(("wrong", "status"), [({"slug": "-"}, 400), ({"title": ""}, 400), ({"slug": "taken"}, 409)])
def test_a_topic_that_is_not_right_keeps_what_was_typed(editor, session, wrong, status):
    make_topic(session, slug="taken")
    session.commit()

    answer = post(editor, "/staff/topics/new", {"slug": "river", "title": "River", "why": "Who owns it?"} | wrong)

    assert answer.status_code == status
    assert "Who owns it?" in answer.text


def test_the_rail_tells_how_many_suggestions_wait(viewer, suggested):
    assert "1 waits" in viewer.get("/staff/topics").text


def test_a_suggestion_is_shown_to_members_and_then_shortlisted(editor, session, suggested):
    page = "/staff/topics/school-roofs"
    assert "Only its author sees it." in editor.get(page).text
    post(editor, f"{page}/list", page=page)
    listed = topic_of(session, "school-roofs").listed_at
    post(editor, f"{page}/shortlist", page=page)

    assert topic_of(session, "school-roofs").state is TopicState.SHORTLISTED
    assert topic_of(session, "school-roofs").listed_at == listed
    assert acts(session) == ["topic.listed", "topic.shortlisted"]
    assert post(editor, f"{page}/shortlist", page="/staff/topics/new").status_code == 409


def test_a_suggestion_is_declined_with_a_reason(editor, session, suggested):
    page = "/staff/topics/school-roofs/decline"
    assert post(editor, page, {"reason": " "}).status_code == 400
    answer = post(editor, page, {"reason": "We wrote about it in May."})

    assert (answer.status_code, answer.location) == (303, "/staff/topics")
    assert topic_of(session, "school-roofs").state is TopicState.DECLINED
    assert "We wrote about it in May." in editor.get("/staff/topics/school-roofs").text


def test_a_duplicate_is_merged_from_a_page_that_offers_what_it_resembles(editor, session, suggested):
    make_topic(session, slug="roofs-of-schools", title={"en": "The roofs of our schools"})
    make_topic(session, slug="buses", title={"en": "Night buses"})
    session.commit()
    page = "/staff/topics/school-roofs/merge"
    text = editor.get(page).text
    assert text.index("The roofs of our schools") < text.index("Another topic") < text.index("Night buses")

    answer = post(editor, page, {"into": "roofs-of-schools"})

    assert (answer.status_code, answer.location) == (303, "/staff/topics/roofs-of-schools")
    assert topic_of(session, "school-roofs").state is TopicState.MERGED
    assert "roofs-of-schools" in editor.get("/staff/topics/school-roofs").text
    assert post(editor, page, {"into": "buses"}).status_code == 409
    assert post(editor, page, {}).status_code == 400


def test_a_topic_is_worded_anew_and_its_old_words_are_kept(editor, session, suggested):
    page = "/staff/topics/school-roofs/edit"
    words = {"title": "Roofs of schools", "title_uk": "Дахи шкіл", "why": "It rains in.", "reason": "Clearer"}
    assert post(editor, page, words | {"links": "javascript:alert(1)"}).status_code == 400
    answer = post(editor, page, words | {"links": "https://example.org/a"})
    text = editor.get(answer.location).text
    assert "Readers do not see the old words." in text
    post(editor, "/staff/topics/school-roofs/list")
    post(editor, page, words | {"title": "Roofs", "reason": "Shorter"})
    post(editor, page, words | {"title": "Roofs again", "reason": "A name stood there", "hides": "1"})
    read = editor.get("/topics/school-roofs").text

    assert "Before: “Roofs of schools”" in read
    assert "School roofs" not in read
    assert "Before: “Roofs”" not in read
    assert topic_of(session, "school-roofs").title == {"en": "Roofs again", "uk": "Дахи шкіл"}
    assert "School roofs" in text
    assert "Clearer" in text


def test_words_that_members_vote_on_are_fixed(editor, session):
    topic = make_topic(session, state=TopicState.ON_BALLOT)
    session.commit()
    words = {"title": "Another", "why": "No", "reason": "Why not"}

    answer = post(editor, f"/staff/topics/{topic.slug}/edit", words)

    assert answer.status_code == 409
    assert "nobody can change them until the vote has closed" in answer.text


def test_a_chosen_topic_is_assigned_reported_and_its_address_put_right(editor, session, chosen):
    page, day = "/staff/topics/river", (utc_now() + timedelta(days=30)).date()
    assert post(editor, f"{page}/assign", {"assignee": "Daria", "due_on": "soon"}).status_code == 400
    assert post(editor, f"{page}/assign", {"assignee": "Daria", "due_on": "2020-01-01"}).status_code == 400
    post(editor, f"{page}/assign", {"assignee": "Daria", "due_on": day.isoformat()})
    assert topic_of(session, "river").assignee == "Daria"
    assert "Daria" in editor.get("/staff/topics").text
    assert "no letter goes again" in editor.get(f"{page}/assign").text
    again = post(editor, f"{page}/assign", {"assignee": "Tom", "due_on": day.isoformat()})
    assert "No letter goes again" in editor.get(again.location).text
    post(editor, f"{page}/article", {"article_url": ARTICLE})
    assert "Change the address" in editor.get(page).text
    assert "no letter goes again" in editor.get(f"{page}/article").text
    post(editor, f"{page}/article", {"article_url": f"{ARTICLE}-2"})
    assert f"Changed; until then: {ARTICLE}" in editor.get(page).text
    read = editor.get("/topics/river").text

    assert "Given to somebody else of the newsroom" in read
    assert f"until then: {ARTICLE}" in read
    assert topic_of(session, "river").article_url == f"{ARTICLE}-2"
    assert acts(session) == ["topic.assigned", "topic.reassigned", "topic.published", "topic.corrected"]


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("javascript:alert(1)", "Please give the full address of the article"),
        ("https://elsewhere.example/river", "This address is not on our publication."),
    ],
)
def test_an_address_that_is_none_or_not_ours_is_refused(editor, chosen, address, said):
    answer = post(editor, "/staff/topics/river/article", {"article_url": address})

    assert answer.status_code == 400
    assert said in answer.text


def test_an_article_elsewhere_is_confirmed_knowingly(editor, session, chosen):
    form = {"article_url": "https://partner.example/river", "elsewhere": "1"}
    post(editor, "/staff/topics/river/article", form)

    assert topic_of(session, "river").article_url == "https://partner.example/river"


def test_a_chosen_topic_is_given_up_with_a_reason(editor, session, chosen):
    page = "/staff/topics/river/drop"
    assert post(editor, page, {"reason": ""}).status_code == 400
    post(editor, page, {"reason": "The only source withdrew."})

    assert topic_of(session, "river").state is TopicState.DROPPED
    assert post(editor, page, {"reason": "Again"}).status_code == 409


def test_a_comment_is_taken_down_for_all_to_see(editor, client, session, suggested):
    suggested.listed_at = utc_now()
    comment = TopicComment(topic_id=suggested.id, patron_id=make_patron(session).id, signed_as="Olena", text="Fie!")
    comment.created_at = utc_now()
    session.add(comment)
    session.commit()
    page = f"/staff/topics/comments/{comment.id}/hide"
    assert page in editor.get("/staff/topics/school-roofs").text
    assert post(editor, page, {"reason": ""}).status_code == 400
    post(editor, page, {"reason": "An insult"})
    text = client.get("/topics/school-roofs").text

    assert "Fie!" not in text
    assert "Taken down by the newsroom: An insult" in text
    assert editor.get("/staff/topics/comments/99/hide").status_code == 404


def test_the_newsroom_decides_how_much_is_suggested(editor, session):
    make_tier(session, slug="circle")
    session.commit()
    assert post(editor, "/staff/topics/rules", {"per_month": "many"}).status_code == 400
    assert post(editor, "/staff/topics/rules", {"per_month": "101"}).status_code == 400
    form = {"per_month": "2", "tier-circle": "5", "lists_at_once": "1"}
    post(editor, "/staff/topics/rules", form)
    [rules] = look(session, select(HouseRules))

    assert (rules.per_month, rules.per_tier, rules.lists_at_once, rules.has_comments) == (2, {"circle": 5}, True, False)
    assert 'value="5"' in editor.get("/staff/topics/rules").text
    post(editor, "/staff/topics/rules", {"per_month": "2", "tier-circle": ""})
    assert look(session, select(HouseRules))[0].per_tier == {}
    assert service.allowance_of(session, "circle") == 2


def test_the_newsroom_sees_how_it_kept_its_word(viewer):
    text = viewer.get("/staff/topics/kept").text

    assert "0 reported, 0 given up, 0 still owed." in text
    assert "Groups under ten are not shown." in text
