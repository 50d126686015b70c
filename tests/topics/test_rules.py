"""How topics live, are worded and told apart: values only."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from membership.errors import Invalid
from membership.topics import rules
from membership.topics.errors import (
    ArticleElsewhere,
    ArticleUnreadable,
    CommentHasLink,
    CommentMissing,
    CommentTooLong,
    LinkUnreadable,
    NotTheHouse,
    SlugReserved,
    TitleHasLink,
    TitleMissing,
    TitleTooLong,
    TitleTooShort,
    TooManyLinks,
    WhyMissing,
    WhyTooLong,
)
from membership.topics.forms import read_suggestion
from membership.topics.models import TopicState as S
from membership.words import clean_reason

ALLOWED = {
    (S.SUGGESTED, S.MERGED),
    (S.SUGGESTED, S.DECLINED),
    (S.SUGGESTED, S.SHORTLISTED),
    (S.SHORTLISTED, S.MERGED),
    (S.SHORTLISTED, S.DECLINED),
    (S.SHORTLISTED, S.ON_BALLOT),
    (S.ON_BALLOT, S.CHOSEN),
    (S.ON_BALLOT, S.NOT_CHOSEN),
    (S.NOT_CHOSEN, S.MERGED),
    (S.NOT_CHOSEN, S.ON_BALLOT),
    (S.CHOSEN, S.ASSIGNED),
    (S.CHOSEN, S.PUBLISHED),
    (S.CHOSEN, S.DROPPED),
    (S.ASSIGNED, S.PUBLISHED),
    (S.ASSIGNED, S.DROPPED),
}
ROOFS, WATER, MARKET = "Where did the money for school roofs go?", "Що у воді з нашого крана?", "Who gets the market?"
KNOWN = [rules.Known("roofs", [ROOFS, "Куди поділися гроші на дахи шкіл?"]), rules.Known("water", [WATER])]
HOME = "https://www.daily.example"


@pytest.mark.parametrize(("state", "following"), list(product(S, S)))
def test_every_step_is_either_allowed_or_refused(state, following):
    assert rules.admits(state, following) is ((state, following) in ALLOWED)


@given(st.lists(st.sampled_from(S), max_size=30))
def test_whatever_is_tried_a_life_ends_and_passes_the_ballot_before_it_is_chosen(tried):
    lived = [S.SUGGESTED]
    for state in tried:
        if rules.admits(lived[-1], state):
            lived.append(state)

    assert not (set(lived[:-1]) & rules.LAST)
    if S.CHOSEN in lived:
        assert lived[lived.index(S.CHOSEN) - 1] is S.ON_BALLOT
        assert S.SHORTLISTED in lived
    if lived[-1] in {S.PUBLISHED, S.DROPPED}:
        assert S.CHOSEN in lived


def test_every_life_can_end():
    reached = set(rules.LAST)
    while grown := {state for state in S if state not in reached and rules.NEXT[state] & reached}:
        reached |= grown

    assert reached == set(S)


@pytest.mark.parametrize("state", S)
def test_only_what_was_judged_or_listed_is_public(state):
    assert rules.is_public(state, is_listed=True) is (state not in {S.DECLINED, S.MERGED})
    assert rules.is_public(S.SUGGESTED, is_listed=False) is False


@pytest.mark.parametrize(
    ("title", "keys"),
    [
        ("Money for the roofs of schools", ["roofs"]),
        ("Де гроші на шкільні дахи?", ["roofs"]),
        ("Вода з крана пахне хлором", ["water"]),
        ("school rofs mony", ["roofs"]),
        ("Who owns the river", []),
        ("Нічний автобус", []),
        ("the", []),
        ("", []),
    ],
)
def test_topics_that_say_nearly_the_same_are_found(title, keys):
    assert [one.key for one in rules.alike(title, KNOWN)] == keys


def test_the_most_alike_comes_first_and_not_all_are_shown():
    many = [rules.Known(f"roofs-{n}", [f"{ROOFS} {n}"]) for n in range(9)] + [rules.Known("same", [ROOFS])]
    found = rules.alike(ROOFS, many)

    assert (found[0].key, len(found)) == ("roofs-0", 5) or found[0].score == 100


@given(st.text(max_size=200))
def test_any_title_has_a_short_name_that_fits_an_address(title):
    assert rules.is_slug(rules.new_slug(title))


def test_a_short_name_reads_like_its_title():
    assert rules.new_slug("Куди поділися гроші — щастя, їжа?").startswith("kudy-podilysia-hroshi-shchastia-izha-")
    assert rules.new_slug("Élite schools & money!").startswith("elite-schools-money-")
    assert rules.new_slug("水").startswith("topic-")


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"title": "Roofs"}, TitleTooShort),
        ({"title": "R" * 121}, TitleTooLong),
        ({"title": "Win money at casino.com"}, TitleHasLink),
        ({"title": "See HTTPS://spam"}, TitleHasLink),
        ({"why": "Because"}, WhyMissing),
        ({"why": "so " * 334}, WhyTooLong),
        ({"links": ["https://a.example"] * 4}, TooManyLinks),
    ],
)
def test_a_suggestion_is_refused_for_what_is_wrong_with_it(change, refusal):
    suggestion = {"title": ROOFS, "why": "It rains in.", "links": [], "locale": "en"} | change
    with pytest.raises(refusal):
        rules.Suggestion(**suggestion).check()


def test_links_are_read_one_a_line():
    assert rules.read_links(" https://a.example/x \n\nhttp://b.example\n") == [
        "https://a.example/x",
        "http://b.example",
    ]
    for text in ("javascript:alert(1)", "data:text/html,x", "a.example", 'https://a.example/"onclick=', "https://a:b/"):
        with pytest.raises(LinkUnreadable):
            rules.read_links(text)


@pytest.mark.parametrize("url", ["https://daily.example/water", "https://www.daily.example/вода?x=1"])
def test_an_article_is_at_home(url):
    assert rules.check_article(url, HOME) == url


@pytest.mark.parametrize("url", ["https://daily.example.evil.example/", "https://notdaily.example/"])
def test_an_article_elsewhere_is_taken_only_knowingly(url):
    with pytest.raises(ArticleElsewhere):
        rules.check_article(url, HOME)
    assert rules.check_article(url, HOME, elsewhere=True) == url


@pytest.mark.parametrize(
    "url",
    [
        *("", "water", "javascript:alert(1)", "https://", "https://a b.example", "https://[", "//daily.example"),
        *("https://me:secret@daily.example/", f"https://daily.example/{'a' * 2000}", "https://daily.example/\n"),
        *("http://daily.example/water", "ftp://daily.example/", "https://daily.example/<b>"),
    ],
)
def test_what_is_no_address_is_refused(url):
    with pytest.raises(ArticleUnreadable):
        rules.check_article(url, HOME, elsewhere=True)


@pytest.mark.parametrize(
    ("text", "refusal"),
    [(" \u200b ", CommentMissing), ("a" * 501, CommentTooLong), ("go to spam.com now", CommentHasLink)],
)
def test_a_comment_is_short_and_carries_no_address(text, refusal):
    with pytest.raises(refusal):
        rules.check_comment(text)


def test_a_comment_keeps_its_lines_and_loses_what_cannot_be_seen():
    assert rules.check_comment(" It\u00a0rains\r\nin.\x07 \u202e ") == "It rains\nin."


UNSEEN = "\u202e\u2066\u200b\u200f\u00ad\ufeff"


def test_titles_and_reasons_lose_what_turns_or_hides_their_words():
    fields = {"title": f"Who {UNSEEN}owns\tthe\u00a0river?", "why": f"It{UNSEEN} matters.\r\nA lot.{UNSEEN}"}
    suggestion = read_suggestion(fields, "en")

    assert (suggestion.title, suggestion.why) == ("Who owns the river?", "It matters.\nA lot.")
    assert rules.word_title({"en": fields["title"], "uk": "\u202eРічка"}) == {
        "en": "Who owns the river?",
        "uk": "Річка",
    }
    assert rules.word_why({"en": fields["why"]}) == {"en": "It matters.\nA lot."}
    with pytest.raises(LinkUnreadable):
        rules.read_links("https://daily.example/\u202egpj")
    with pytest.raises(TitleMissing):
        rules.word_title({"en": UNSEEN})
    with pytest.raises(TitleTooShort):
        read_suggestion(fields | {"title": f"Roof{UNSEEN}"}, "en").check()


@pytest.mark.parametrize("locale", ["en", "uk"])
def test_staff_cannot_write_a_title_or_a_reason_without_end_either(locale):
    fields = "_uk" if locale == "uk" else ""
    with pytest.raises(TitleTooLong) as title:
        rules.word_title({"en": "River", locale: "R" * 5000})
    with pytest.raises(WhyTooLong) as why:
        rules.word_why({"en": "", locale: "R" * 1001})

    assert (title.value.field, why.value.field) == (f"title{fields}", f"why{fields}")


@given(st.text(max_size=600))
def test_a_comment_is_kept_or_refused_and_never_breaks(text):
    try:
        kept = rules.check_comment(text)
    except Invalid:
        return
    assert all(sign.isprintable() or sign == "\n" for sign in kept)


@pytest.mark.parametrize(
    ("text", "kept"),
    [(" As it is. \u200b", "As it is."), ("\u200b", ""), ("\u2060 \ufeff", ""), ("\u3164", ""), ("\u2800\u0301", "")],
)
def test_a_reason_is_what_can_be_seen_of_it(text, kept):
    assert clean_reason(text) == kept


@pytest.mark.parametrize("name", ["The Open Daily", "the  OPEN-daily editors", "Тhe team of The\u00a0Open Daily"])
def test_nobody_signs_as_the_house(name):
    with pytest.raises(NotTheHouse):
        rules.check_signature(name, "The Open Daily")


def test_other_names_are_free_and_a_house_without_a_name_claims_none():
    rules.check_signature("Olena of the open sea, daily", "The Open Daily")
    rules.check_signature("The Open Daily", "")


def test_the_names_of_pages_are_no_names_of_topics(app):
    beside = {
        rest
        for rule in app.url_map.iter_rules()
        for stem in ("/topics/", "/staff/topics/", "/vote/", "/staff/votes/rounds/")
        if rule.rule.startswith(stem) and rules.is_slug(rest := rule.rule.removeprefix(stem).partition("/")[0])
    }

    assert beside == rules.RESERVED
    with pytest.raises(SlugReserved):
        rules.check_slug("new")
