"""Topics suggested, supported, talked about, judged and answered, on both databases."""

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from membership.audit.models import AuditEntry
from membership.clock import utc_now
from membership.jobs.models import Job
from membership.patrons.models import Role
from membership.topics import service
from membership.topics.errors import (
    ArticleUnreadable,
    AssigneeMissing,
    CommentsClosed,
    DueTooEarly,
    DueTooLate,
    EnoughSuggested,
    MayNotSuggest,
    MergedIntoItself,
    NotTheHouse,
    SlugTaken,
    SlugUnreadable,
    StepNeedsReason,
    StepNotAllowed,
    TitleMissing,
    TooManyComments,
    UnknownTopic,
    WordsFrozen,
)
from membership.topics.invariants import INVARIANTS
from membership.topics.models import TopicComment, TopicFollower, TopicState, TopicStep
from membership.topics.rules import Suggestion, Wording
from membership.topics.service import comments, followers
from tests.factories import make_member, make_patron, make_price, make_subscription, make_tier, make_topic
from tests.staff.signing_in import make_staff

ACTOR = "patron:editor"
ROOFS = Suggestion("Where did the money for roofs go?", "It rains into two schools.", ["https://a.example"], "uk")
TODAY = date(2026, 11, 28)


@pytest.fixture
def member(session):
    return make_member(session)


def suggest(session, patron, suggestion=ROOFS):
    return service.suggest(session, patron, suggestion, utc_now())


def steps(session, topic):
    return [step.state for step in service.list_steps(session, topic)]


def supporters(session, topic):
    return service.count_supporters(session, [topic]).get(topic.id, 0)


def findings(session):
    return [row for find in INVARIANTS.values() for row in find(session)]


def test_staff_bring_a_topic_onto_the_shortlist(session):
    topic = service.create_topic(session, "water", title={"en": "Water"}, why={"en": "Brown."}, actor=ACTOR)

    assert service.get_topic(session, "water") is topic
    assert (topic.state, steps(session, topic)) == (TopicState.SHORTLISTED, [TopicState.SHORTLISTED])
    with pytest.raises(SlugTaken):
        service.create_topic(session, "water", title={"en": "Water"}, why={"en": ""}, actor=ACTOR)


@pytest.mark.parametrize(("slug", "title", "refusal"), [("W", "Water", SlugUnreadable), ("w", "", TitleMissing)])
def test_a_topic_needs_a_short_name_and_a_title(session, slug, title, refusal):
    with pytest.raises(refusal):
        service.create_topic(session, slug, title={"en": title}, why={"en": ""}, actor=ACTOR)


@pytest.mark.parametrize("slug", ["nothing", "\x00"])
def test_an_unknown_topic_is_refused(session, slug):
    with pytest.raises(UnknownTopic):
        service.get_topic(session, slug)


def test_a_member_suggests_stands_behind_it_and_follows_it(session, member):
    topic = suggest(session, member)

    assert topic.title == {"en": ROOFS.title, "uk": ROOFS.title}
    assert (topic.state, topic.listed_at, topic.suggested_by_id) == (TopicState.SUGGESTED, None, member.id)
    assert service.standing_of(session, topic, member) == service.Standing(supports=True, follows=True)
    assert service.list_own(session, member) == service.list_waiting(session) == [topic]
    assert session.scalar(select(AuditEntry.actor)) == f"patron:{member.public_id}"


def test_a_suggestion_is_seen_by_its_author_alone_until_staff_list_it(session, member):
    topic, other = suggest(session, member), make_patron(session)
    assert service.get_shown_topic(session, topic.slug, member) is topic
    for reader in (other, None):
        with pytest.raises(UnknownTopic):
            service.get_shown_topic(session, topic.slug, reader)
    assert service.find_similar(session, ROOFS.title) == []

    service.list_for_members(session, topic, ACTOR)

    assert service.get_shown_topic(session, topic.slug, None) is topic
    assert service.find_similar(session, ROOFS.title) == [topic]
    with pytest.raises(StepNotAllowed):
        service.list_for_members(session, topic, ACTOR)


def test_the_newsroom_may_show_suggestions_at_once(session, member):
    service.set_house_rules(session, per_month=1, lists_at_once=True, has_comments=True, actor=ACTOR)

    assert suggest(session, member).listed_at
    assert len(service.list_shown(session)) == 1


def test_who_holds_no_vote_takes_no_part(session):
    patron, topic = make_patron(session), make_topic(session)
    for act in (
        lambda: suggest(session, patron),
        lambda: service.support(session, topic, patron),
        lambda: service.comment(session, topic, patron, "Hear, hear", "", utc_now()),
    ):
        with pytest.raises(MayNotSuggest):
            act()
    assert service.follow(session, topic, patron) is topic


def test_a_tier_says_how_much_is_suggested_in_a_month(session):
    tier, patron = make_tier(session, slug="friend"), make_patron(session)
    make_subscription(session, patron=patron, price=make_price(session, tier=tier))
    service.allow(session, "friend", 1, ACTOR)
    topic = suggest(session, patron)
    with pytest.raises(EnoughSuggested):
        suggest(session, patron)

    topic.created_at -= timedelta(days=31)
    service.allow(session, "friend", None, ACTOR)

    assert service.left_this_month(session, patron, utc_now()) == 3
    assert service.find_refusal(session, patron, utc_now()) is None


def test_support_counts_once_and_can_be_taken_back(session, member):
    topic = make_topic(session)
    for _ in range(2):
        service.support(session, topic, member)
    assert supporters(session, topic) == 1
    service.withdraw_support(session, topic, member)
    assert service.standing_of(session, topic, member) == service.Standing(supports=False, follows=True)
    service.unfollow(session, topic, member)

    assert session.scalar(select(func.count()).select_from(TopicFollower)) == 0
    assert service.standing_of(session, topic, None) == service.Standing()


def test_on_a_ballot_the_ballot_counts_and_no_support(session, member):
    topic = make_topic(session, state=TopicState.ON_BALLOT)
    with pytest.raises(StepNotAllowed):
        service.support(session, topic, member)

    assert [patron.id for patron in service.list_followers(session, service.follow(session, topic, member), 0, 9)] == [
        member.id
    ]


def test_a_duplicate_brings_its_supporters_and_nobody_counts_twice(session, member):
    first, second = suggest(session, member), make_topic(session)
    both, only_second, quiet = make_member(session), make_member(session), make_patron(session)
    for topic, patron in ((first, both), (second, both), (second, only_second)):
        service.support(session, topic, patron)
    service.follow(session, first, quiet)
    into = service.merge(session, first, second.slug, ACTOR)

    assert into is second
    assert supporters(session, second) == 3
    assert service.standing_of(session, second, quiet) == service.Standing(supports=False, follows=True)
    assert (first.state, first.merged_into_id) == (TopicState.MERGED, second.id)
    assert first not in service.list_shown(session)
    assert findings(session) == []


def test_support_of_a_merged_topic_goes_where_it_went(session, member):
    chain = [make_topic(session) for _ in range(3)]
    service.merge(session, chain[0], chain[1].slug, ACTOR)
    service.merge(session, chain[1], chain[2].slug, ACTOR)

    assert service.support(session, chain[0], member) is chain[2]
    assert supporters(session, chain[2]) == 1


def test_what_cannot_be_merged_is_refused(session):
    topic, gone = make_topic(session), make_topic(session, state=TopicState.DECLINED)
    on_ballot = make_topic(session, state=TopicState.ON_BALLOT)
    for duplicate, into, refusal in (
        (topic, topic.slug, MergedIntoItself),
        (topic, gone.slug, StepNotAllowed),
        (on_ballot, topic.slug, StepNotAllowed),
        (topic, "nothing", UnknownTopic),
    ):
        with pytest.raises(refusal):
            service.merge(session, duplicate, into, ACTOR)


def test_a_chain_of_mergers_without_an_end_is_refused(session, member, monkeypatch):
    monkeypatch.setattr(followers, "LONGEST_CHAIN", 1)
    first, second = make_topic(session), make_topic(session)
    service.merge(session, first, second.slug, ACTOR)
    with pytest.raises(StepNotAllowed):
        service.follow(session, first, member)


def test_a_suggestion_is_declined_with_a_reason_or_not_at_all(session, member):
    topic = suggest(session, member)
    with pytest.raises(StepNeedsReason):
        service.decline(session, topic, "", ACTOR)
    service.decline(session, topic, "We wrote about it in May.", ACTOR)

    [_, step] = service.list_steps(session, topic)
    assert (step.state, step.reason, step.actor) == (TopicState.DECLINED, "We wrote about it in May.", ACTOR)
    assert service.get_shown_topic(session, topic.slug, member) is topic
    with pytest.raises(UnknownTopic):
        service.get_shown_topic(session, topic.slug, None)


def test_every_step_is_told_by_one_job(session, member):
    topic = suggest(session, member)
    service.shortlist(session, topic, ACTOR)
    told = session.scalars(select(Job.payload).filter_by(kind="topics.tell").order_by(Job.id)).all()

    assert [one["step"] for one in told] == session.scalars(select(TopicStep.id).order_by(TopicStep.id)).all()
    assert topic.listed_at


def test_words_are_edited_with_a_reason_and_the_old_ones_kept(session):
    topic = make_topic(session)
    before, words = topic.title, Wording({"en": "Water"}, {"en": "Brown."}, [])
    with pytest.raises(StepNeedsReason):
        service.edit(session, topic, words, reason="", actor=ACTOR)
    service.edit(session, topic, words, reason="Shorter", actor=ACTOR)
    [edition] = service.list_editions(session, topic)

    assert (topic.title, topic.edition) == ({"en": "Water"}, 2)
    assert (edition.number, edition.title, edition.reason) == (1, before, "Shorter")
    assert not edition.is_shown
    topic.state = TopicState.SUGGESTED
    service.edit(session, topic, words, reason="Unseen yet", actor=ACTOR, is_shown=True)
    topic.state = TopicState.SHORTLISTED
    service.edit(session, topic, words, reason="For all", actor=ACTOR, is_shown=True)
    assert [one.is_shown for one in service.list_editions(session, topic)] == [True, False, False]
    with pytest.raises(TitleMissing):
        service.edit(session, topic, Wording({"en": " "}, {}, []), reason="No", actor=ACTOR)


def test_words_are_frozen_while_members_vote_on_them(session):
    topic = make_topic(session, state=TopicState.ON_BALLOT)
    with pytest.raises(WordsFrozen):
        service.edit(session, topic, Wording({"en": "Other"}, {}, []), reason="No", actor=ACTOR)


def test_a_chosen_topic_is_assigned_and_assigned_anew(session):
    topic = make_topic(session, state=TopicState.CHOSEN)
    for assignee, day, refusal in (("", TODAY, AssigneeMissing), ("D", TODAY - timedelta(days=1), DueTooEarly)):
        with pytest.raises(refusal):
            service.assign(session, topic, assignee, day, today=TODAY, actor=ACTOR)
    for assignee in ("Daria", "Tom"):
        service.assign(session, topic, assignee, TODAY, today=TODAY, actor=ACTOR)

    assert (topic.assignee, topic.due_on) == ("Tom", TODAY)
    assert steps(session, topic) == [TopicState.ASSIGNED] * 2
    with pytest.raises(DueTooLate):
        service.assign(session, topic, "Tom", TODAY + timedelta(days=732), today=TODAY, actor=ACTOR)
    later = TODAY + timedelta(days=9)
    for _ in range(2):
        service.assign(session, topic, "Tom", later, today=TODAY, actor=ACTOR)
    assert [step.reason for step in service.list_steps(session, topic)] == ["", "", str(TODAY)]
    assert findings(session) == []
    assert session.scalar(select(func.count()).select_from(Job).filter_by(kind="topics.tell")) == 1


def test_a_chosen_topic_is_answered_with_an_article_that_can_be_corrected(session):
    topic = make_topic(session, state=TopicState.CHOSEN)
    with pytest.raises(StepNotAllowed):
        service.correct_article(session, topic, "https://a.example", ACTOR)
    service.publish(session, topic, "https://a.example/1", ACTOR)
    for _ in range(2):
        service.correct_article(session, topic, "https://a.example/2", "tom")

    assert [(step.actor, step.reason) for step in service.list_steps(session, topic)] == [
        (ACTOR, ""),
        ("tom", "https://a.example/1"),
    ]
    assert (topic.state, topic.article_url) == (TopicState.PUBLISHED, "https://a.example/2")
    with pytest.raises(ArticleUnreadable):
        service.publish(session, topic, "javascript:1", ACTOR)
    with pytest.raises(StepNotAllowed):
        service.drop(session, topic, "Too late", ACTOR)


def test_a_chosen_topic_is_dropped_only_with_a_reason(session):
    topic = make_topic(session, state=TopicState.ASSIGNED)
    with pytest.raises(StepNeedsReason):
        service.drop(session, topic, "", ACTOR)
    service.drop(session, topic, "The source withdrew.", ACTOR)

    assert topic.state is TopicState.DROPPED


def test_comments_are_signed_as_she_likes_and_taken_down_openly(session, member):
    topic = make_topic(session)
    service.comment(session, topic, member, "It rains in.", " Olena\n", utc_now())
    bad = service.comment(session, topic, member, "Fie!", "", utc_now())
    service.hide_comment(session, bad.id, "An insult", ACTOR)
    first, second = service.list_comments(session, topic)

    assert (first.signed_as, first.text) == ("Olena", "It rains in.")
    assert (second.text, second.hidden_reason) == ("", "An insult")


def test_the_newsroom_alone_signs_as_the_house(session, member):
    with pytest.raises(NotTheHouse):
        service.check_signature(member, "The Open Daily", "The Open Daily")
    service.check_signature(make_staff(session, Role.EDITOR), "The Open Daily", "The Open Daily")


def test_a_topic_on_a_ballot_or_a_newsroom_that_wants_none_takes_no_comment(session, member):
    topic = make_topic(session, state=TopicState.ON_BALLOT)
    with pytest.raises(CommentsClosed):
        service.comment(session, topic, member, "Hear, hear", "", utc_now())
    service.set_house_rules(session, per_month=1, lists_at_once=False, has_comments=False, actor=ACTOR)
    with pytest.raises(CommentsClosed):
        service.comment(session, make_topic(session), member, "Hear, hear", "", utc_now())


def test_nobody_talks_all_day(session, member):
    topic = make_topic(session)
    for _ in range(comments.MOST_A_DAY):
        service.comment(session, topic, member, "Hear, hear", "", utc_now())
    with pytest.raises(TooManyComments):
        service.comment(session, topic, member, "Hear, hear", "", utc_now())


def test_who_leaves_is_taken_out_of_her_topics_and_they_stay(session, member):
    topic = suggest(session, member)
    service.comment(session, topic, member, "It rains in.", "Olena", utc_now())
    service.forget_patron(session, member)
    [remark] = service.list_comments(session, topic)

    assert (topic.suggested_by_id, remark.signed_as, supporters(session, topic)) == (None, "", 0)
    assert session.scalar(select(TopicComment.patron_id)) is None


def test_two_accounts_of_one_person_count_once(session, member):
    staying, topic, other = make_member(session), suggest(session, member), make_topic(session)
    service.support(session, topic, staying)
    service.support(session, other, member)
    service.comment(session, topic, member, "It rains in.", "", utc_now())
    service.hand_over_patron(session, member, staying)

    assert (supporters(session, topic), supporters(session, other)) == (1, 1)
    assert service.standing_of(session, other, staying).supports
    assert service.list_own(session, staying) == [topic]


def test_the_checks_find_a_life_that_cannot_be_and_a_report_without_an_article(session):
    ended = make_topic(session, state=TopicState.PUBLISHED)
    jumped = make_topic(session, state=TopicState.CHOSEN)
    for state in (TopicState.SHORTLISTED, TopicState.CHOSEN):
        session.add(TopicStep(topic_id=jumped.id, at=utc_now(), actor=ACTOR, state=state, reason=""))
    session.flush()

    assert findings(session) == [f"topic {jumped.slug}", f"topic {ended.slug}"]
