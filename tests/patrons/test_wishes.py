"""Letters are stopped from a link in each of them, without signing in."""

import pytest

from membership.patrons.errors import WishUnknown
from membership.patrons.models import Letters, LetterWish
from membership.patrons.service import get_wish, stop_letters, stop_path, wishes_of
from tests.browsing import post
from tests.factories import make_patron


@pytest.fixture
def wish(session):
    patron = make_patron(session, email="olena@example.org")
    found = wishes_of(session, [patron])[patron.id]
    session.commit()
    return found


def stopped(session, wish):
    session.expire_all()
    found = session.get_one(LetterWish, wish.patron_id).stopped
    session.commit()
    return found


def test_wishes_are_made_once(session, wish):
    assert wishes_of(session, [wish.patron])[wish.patron_id].token == wish.token
    assert get_wish(session, wish.token) is wish
    with pytest.raises(WishUnknown):
        get_wish(session, "nothing")


def test_only_what_can_be_stopped_is_stopped(session, wish):
    assert stop_letters(session, wish.token, ["stories", "receipts"]).stopped == [Letters.STORIES]


def test_a_page_shows_the_letters_and_changes_nothing_by_itself(client, session, wish):
    text = client.get(stop_path(wish)).text

    assert text.count("checked") == 2
    assert "o…@example.org" in text
    assert "olena" not in text
    assert stopped(session, wish) == []


def test_letters_are_stopped_and_begun_again(client, session, wish):
    assert post(client, stop_path(wish), {"wanted": "votes"}).status_code == 303
    assert stopped(session, wish) == ["stories"]
    client.post(stop_path(wish), data={"wanted": ["votes", "stories"]})

    assert stopped(session, wish) == []


def test_a_mail_program_stops_them_all_with_one_press(client, session, wish):
    answer = client.post(stop_path(wish), data={"List-Unsubscribe": "One-Click"})

    assert answer.status_code == 204
    assert stopped(session, wish) == ["stories", "votes"]


def test_an_unknown_token_is_told_apart_from_nothing(client, session, wish):
    wish.patron.email = None
    session.commit()

    assert client.get("/letters/stop/nothing").status_code == 404
    assert client.post("/letters/stop/nothing").status_code == 404
    assert "Letters to" not in client.get(stop_path(wish)).text
