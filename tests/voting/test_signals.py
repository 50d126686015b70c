"""Signs of stuffing: found, shown, and never acted on by themselves."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from membership.access import service as access
from membership.clock import utc_now
from membership.mail.models import Letter
from membership.voting import service
from membership.voting.errors import NotOnRoll, RoundOver
from membership.voting.models import Ballot, RollEntry, RoundState
from membership.voting.rules.signals import Member, find_clusters, mailbox_of
from tests.browsing import post
from tests.factories import make_patron, make_payment, make_refund, make_roll_entry, make_round
from tests.staff.signing_in import staff_client

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)


def member(name, minutes=0, email="", back=False):
    return Member(name, email or f"{name}@example.org", NOON + timedelta(minutes=minutes), back)


def found(*members):
    return [(cluster.kind, [one.public_id for one in cluster.members]) for cluster in find_clusters(members)]


@pytest.mark.parametrize(
    ("email", "mailbox"),
    [
        ("Olena+News@Example.org", "olena@example.org"),
        ("o.le.na@gmail.com", "olena@gmail.com"),
        ("olena@googlemail.com", "olena@gmail.com"),
        ("o.lena@example.org", "o.lena@example.org"),
    ],
)
def test_an_address_leads_to_its_mailbox(email, mailbox):
    assert mailbox_of(email) == mailbox


def test_one_mailbox_with_several_votes_stands_out():
    a, b = member("a", email="olena@gmail.com"), member("b", 60, email="o.lena+2@googlemail.com")

    assert found(a, b, member("c", 120)) == [("alias", ["a", "b"])]


def test_five_accounts_in_ten_minutes_stand_out_and_four_do_not():
    quick = [member(f"q{n}", n * 2) for n in range(5)]

    assert found(*quick, member("late", 300)) == [("burst", ["q0", "q1", "q2", "q3", "q4"])]
    assert found(*quick[:4]) == []
    assert found(*(member(f"s{n}", n * 6) for n in range(8))) == []


def test_money_taken_back_stands_out():
    assert found(member("a", back=True), member("b", 60)) == [("given_back", ["a"])]


def test_who_is_shut_out_stands_out():
    assert found(Member("a", "a@example.org", NOON, is_shut_out=True), member("b", 60)) == [("shut_out", ["a"])]


@pytest.fixture
def round(session):
    return make_round(session, state=RoundState.OPEN, slug="november")


@pytest.fixture
def pair(session, round):
    patrons = [make_patron(session, email=f"olena{tag}@example.org") for tag in ("", "+2")]
    for patron in patrons:
        make_roll_entry(session, round, patron_id=patron.id)
    return patrons


def kinds(session, round):
    return [cluster.kind for cluster in service.list_signals(session, round)]


def took_back(session, patron):
    """Pay, vote, refund."""
    return make_refund(session, make_payment(session, patron_id=patron.id))


def test_the_roll_is_looked_through(session, round, pair):
    assert kinds(session, round) == ["alias"]
    refund = took_back(session, pair[0])
    assert kinds(session, round) == ["alias", "given_back"]
    refund.created_at = utc_now() - timedelta(days=40)
    session.flush()

    assert kinds(session, round) == ["alias"]


def test_a_vote_is_taken_away_with_its_ballot_and_only_before_the_close(session, round, pair):
    for patron in pair:
        service.cast_ballot(session, round, patron, round.slugs[:1], utc_now())
    service.remove_voter(session, round, pair[1].public_id, utc_now(), reason="One person", actor="x")

    assert session.scalar(select(func.count()).select_from(Ballot)) == 1
    assert kinds(session, round) == []
    with pytest.raises(NotOnRoll):
        service.remove_voter(session, round, make_patron(session).public_id, utc_now(), reason="x", actor="x")
    with pytest.raises(RoundOver):
        service.remove_voter(session, round, pair[0].public_id, round.closes_at, reason="x", actor="x")


def test_the_command_shows_signs_and_takes_votes_away(app, session, round, pair):
    session.commit()
    invoke = app.test_cli_runner().invoke
    told = json.loads(invoke(args=["rounds", "signals", "november", "--json"]).output)
    assert told["clusters"] == [{"kind": "alias", "patrons": [patron.public_id for patron in pair]}]
    struck = invoke(args=["rounds", "strike", "november", pair[1].public_id, "--reason", "One person"])

    again = invoke(args=["rounds", "strike", "november", pair[1].email, "--reason", "One person"])

    assert "struck off the roll" in struck.output
    assert "was struck off already" in again.output
    assert invoke(args=["rounds", "strike", "november", "no@example.org", "--reason", "x"]).exit_code == 1
    assert invoke(args=["rounds", "signals", "november"]).output == "Nothing stands out.\n"


def test_staff_see_signs_and_take_a_vote_away_with_a_reason(app, session, round, pair):
    client = staff_client(app, session, "admin")
    make_patron(session)
    session.commit()
    page = "/staff/votes/rounds/november/signals"
    strike = f"/staff/votes/rounds/november/voters/{pair[1].public_id}/strike"
    assert page in client.get("/staff/votes/rounds/november").text
    assert "One mailbox" in client.get(page).text
    assert strike in client.get(page).text
    for blank in ("", "\u200b", "\u3164 \u2800"):
        assert post(client, strike, {"reason": blank}).status_code == 400
    assert strike in client.get(f"/staff/patrons/{pair[1].public_id}").text
    assert post(client, strike, {"reason": "One person"}).location == page

    [told] = session.scalars(select(Letter).filter_by(kind="vote_struck"))
    assert told.recipient == pair[1].email
    assert "One person" not in str(told.values)
    assert "Nothing stands out" in client.get(page).text
    assert session.scalar(select(RollEntry.struck_why).where(RollEntry.struck_at.is_not(None))) == "One person"


def test_every_sign_has_its_words(app, session, round):
    client = staff_client(app, session, "editor")
    for _ in range(5):
        patron = make_patron(session)
        make_roll_entry(session, round, patron_id=patron.id)
    took_back(session, patron)
    access.ban_patron(session, patron.id, reason="A test", now=utc_now())
    session.commit()
    text = client.get("/staff/votes/rounds/november/signals").text

    assert "Joined within ten minutes" in text
    assert "Money taken back" in text
    assert "no ballot is taken from them now" in text
    assert "Take the vote away" not in text
