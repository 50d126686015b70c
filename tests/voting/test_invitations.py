"""Letters to the roll, and the link in them that opens one ballot and nothing else."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from membership.access import service as access
from membership.clock import utc_now
from membership.mail.models import Letter
from membership.patrons.models import Patron
from membership.patrons.service import stop_letters, wishes_of
from membership.privacy.service import ask_erasure
from membership.voting import service
from membership.voting.models import Ballot, BallotLink, RoundState
from membership.voting.service import invitations
from tests.browsing import post
from tests.factories import make_member, make_patron, make_roll_entry, make_round

HOUR = timedelta(hours=1)


@pytest.fixture
def round(session):
    return make_round(session, state=RoundState.OPEN, slug="november")


def put_on_roll(session, round, name):
    patron = make_patron(session, email=f"{name}@example.org")
    return patron, make_roll_entry(session, round, patron_id=patron.id)


def invite(session, round, kind=service.INVITATION):
    last = service.invite_some(session, round, kind, 0, utc_now())
    while last:
        last = service.invite_some(session, round, kind, last, utc_now())
    letters = session.scalars(select(Letter).filter_by(kind=kind).order_by(Letter.id)).all()
    return {letter.recipient.partition("@")[0]: letter for letter in letters}


def link_for(session, round, name="olena"):
    put_on_roll(session, round, name)
    url = invite(session, round)[name].values["url"]
    session.commit()
    return url


def test_everyone_on_the_roll_is_invited_once_when_a_round_opens(app, session, drain):
    members = [make_member(session) for _ in range(3)]
    round = make_round(session)
    service.open_round(session, round, utc_now(), "clock")
    session.commit()
    drain()
    links = session.scalars(select(BallotLink.token_hash)).all()

    assert len(links) == len(invite(session, round)) == len(members)
    assert session.scalar(select(func.count()).select_from(BallotLink)) == 3


def test_letters_are_written_some_at_a_time_and_their_secret_is_a_hash_here(session, round, monkeypatch):
    monkeypatch.setattr(invitations, "BATCH", 2)
    for name in ("a", "b", "c"):
        put_on_roll(session, round, name)
    letters = invite(session, round)
    kept = session.scalars(select(BallotLink.token_hash)).all()

    assert set(letters) == {"a", "b", "c"}
    assert all(letter.is_secret for letter in letters.values())
    assert not {letter.values["url"].rpartition("/")[2] for letter in letters.values()} & set(kept)


def test_who_wants_no_invitation_or_was_struck_off_gets_none(session, round):
    quiet, _ = put_on_roll(session, round, "quiet")
    stop_letters(session, wishes_of(session, [quiet])[quiet.id].token, ["votes"])
    _, struck = put_on_roll(session, round, "struck")
    service.strike_off(session, round, struck, utc_now(), reason="A test", actor="x")

    assert invite(session, round) == {}


def test_only_who_has_not_voted_is_reminded(session, round):
    voter, _ = put_on_roll(session, round, "voter")
    put_on_roll(session, round, "absent")
    service.cast_ballot(session, round, voter, round.slugs[:1], utc_now())

    assert set(invite(session, round, service.REMINDER)) == {"absent"}
    assert set(invite(session, round)) == {"voter", "absent"}


def test_a_reminder_is_due_before_the_close_and_not_right_after_the_opening(session):
    now = utc_now()
    for slug, opened, closes in (("soon", 25, 47), ("later", 25, 49), ("short", 23, 10), ("over", 99, 0)):
        make_round(session, slug=slug, state=RoundState.OPEN, opens_at=now - 100 * HOUR, closes_at=now + closes * HOUR)
        service.get_round(session, slug).opened_at = now - opened * HOUR
    session.flush()

    assert service.list_due_to_remind(session, now) == ["soon"]


def test_the_worker_reminds(app, session):
    now = utc_now()
    round = make_round(session, state=RoundState.OPEN, opens_at=now - 99 * HOUR, closes_at=now + HOUR)
    round.opened_at = now - 99 * HOUR
    put_on_roll(session, round, "absent")
    session.commit()
    for _ in range(2):
        with app.app_context():
            app.extensions["worker"].handlers["rounds.remind"]({})

    assert session.scalars(select(Letter.kind)).all() == ["round_reminder"]


def test_nobody_is_invited_to_a_vote_that_is_over(session, round):
    put_on_roll(session, round, "late")
    assert service.invite_some(session, round, service.INVITATION, 0, round.closes_at) == 0


def test_a_link_is_inert_until_it_is_pressed_and_then_opens_her_ballot(client, session, round):
    url = link_for(session, round)
    for _ in range(3):
        page = client.get(url).text
    assert "o…@example.org" in page
    assert "checkbox" not in client.get("/vote/november").text
    assert post(client, url).location == "/vote/november"
    ballot = client.get("/vote/november").text
    cast = post(client, "/vote/november", {"marks": round.slugs[0]})
    receipt = client.get(cast.location).text

    assert "This is the ballot of o…@example.org" in ballot
    assert session.scalars(select(Ballot)).one().receipt in receipt


def test_a_link_opens_no_account_and_no_other_vote(client, session, round):
    other = make_round(session, state=RoundState.OPEN, slug="december")
    post(client, link_for(session, round))
    token = client.get("/vote/november").text

    assert client.get("/account").location.startswith("/sign-in")
    assert client.get("/topics/suggest").location.startswith("/sign-in")
    assert "checkbox" not in client.get(f"/vote/{other.slug}").text
    assert "checkbox" in token


def test_whoever_asked_to_be_forgotten_votes_by_no_link(client, session, round):
    url = link_for(session, round)
    post(client, url)
    ask_erasure(session, session.scalars(select(Patron)).one(), actor="test", reason="she asked")
    session.commit()
    post(client, "/vote/november", {"marks": round.slugs[0]}, page="/vote")

    assert client.get(url).status_code == 410
    assert "checkbox" not in client.get("/vote/november").text
    assert session.scalars(select(Ballot)).all() == []


def test_a_link_of_one_round_opens_no_other_and_no_sign_in(client, session, round):
    make_round(session, state=RoundState.OPEN, slug="december")
    token = link_for(session, round).rpartition("/")[2]

    assert client.get(f"/vote/december/open/{token}").status_code == 410
    assert client.get(f"/sign-in/{token}").status_code == 410
    assert client.get(f"/letters/stop/{token}").status_code == 404


def test_a_link_dies_when_its_round_closes(client, session, round):
    url = link_for(session, round)
    post(client, url)
    service.close_round(session, round, utc_now(), "clock", reason="a test")
    session.commit()

    assert client.get(url).status_code == 410
    assert "See all votes" in client.get(url).text
    assert session.scalar(select(func.count()).select_from(BallotLink)) == 0


def test_a_line_that_was_struck_off_has_no_link(client, session, round):
    _, entry = put_on_roll(session, round, "olena")
    url = invite(session, round)["olena"].values["url"]
    service.strike_off(session, round, entry, utc_now(), reason="A test", actor="x")
    session.commit()

    told = client.get(url)
    assert told.status_code == 410
    assert "took your vote in this round away" in told.text
    assert "A ballot that was cast stands" not in told.text


def test_who_submits_by_a_link_after_the_close_is_told_that_it_was_not_taken(client, session, round):
    post(client, link_for(session, round))
    page = client.get("/vote/november").text
    service.close_round(session, round, utc_now(), "clock", reason="a test")
    session.commit()
    secret = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]
    late = client.post("/vote/november", data={"marks": round.slugs[0], "csrf_token": secret})

    assert late.status_code == 409
    assert "Your choice was not taken" in late.text
    assert "/vote/november/results" in late.text


def test_who_is_shut_out_casts_nothing_by_her_link_and_her_earlier_ballot_stays(client, session, round):
    url = link_for(session, round)
    post(client, url)
    post(client, "/vote/november", {"marks": round.slugs[0]})
    patron = session.scalars(select(Patron).filter_by(email="olena@example.org")).one()
    access.ban_patron(session, patron.id, reason="A test", now=utc_now())
    session.commit()

    assert "has shut this account out" in client.get("/vote/november").text
    refused = post(client, "/vote/november", {"marks": round.slugs[1]})
    assert refused.status_code == 403
    assert "has shut this account out" in refused.text
    assert post(client, "/vote/november/withdraw").status_code == 403
    assert session.scalars(select(Ballot.marks)).one() == [round.slugs[0]]
    access.lift_ban(session, patron.id, utc_now())
    session.commit()
    assert post(client, "/vote/november", {"marks": round.slugs[1]}).status_code == 303


def test_who_was_struck_off_is_told_that_her_link_does_not_hold(client, session, round):
    _, entry = put_on_roll(session, round, "olena")
    url = invite(session, round)["olena"].values["url"]
    session.commit()
    post(client, url)
    service.strike_off(session, round, entry, utc_now(), reason="A test", actor="x")
    session.commit()

    assert "took your vote in this round away" in client.get("/vote/november").text
    assert post(client, "/vote/november", {"marks": round.slugs[0]}).location == "/vote/november"


def test_letter_and_ballot_tell_the_truth_about_who_votes_and_what_is_seen(app, client, session, round):
    round.is_live, round.is_anonymous, round.hold_hours = True, False, 5
    round.tiers, round.weights = ["patron"], {"patron": 3}
    url = link_for(session, round)
    values = session.scalars(select(Letter)).one().values
    post(client, url)
    page = client.get("/vote/november").text

    assert (values["is_live"], values["is_signed"], values["hold_hours"]) == (True, True, 5)
    assert "member by one of these tiers" in page
    assert "patron: 3." in page
    assert "Everybody sees how it stands while it is open" in page
    assert "5 hours after the close" in page
    assert "published with their names" in page
    assert "Nobody sees" not in page
    round.tiers, round.flags = [], ["crossword"]
    session.commit()
    assert "crossword" in client.get("/vote/november").text


def test_a_browser_closes_a_ballot_and_keeps_only_the_latest(client, session, round):
    url = link_for(session, round)
    post(client, url)
    post(client, "/vote/november/leave", page="/vote/november")

    assert not re.search("checkbox", client.get("/vote/november").text)


def test_without_a_page_s_token_a_link_opens_nothing(client, session, round):
    assert client.post(link_for(session, round)).status_code == 400
