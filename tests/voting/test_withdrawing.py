"""Ballots taken back while a round is open: nothing of them stays, and the voter may vote again."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from membership.clock import utc_now
from membership.jobs.models import Job
from membership.mail import handlers as mail_handlers
from membership.mail import service as mail
from membership.mail.models import Letter
from membership.mail.rendering import Words
from membership.voting import handlers, service
from membership.voting.errors import MayNotVote, NothingCast, RoundClosed
from membership.voting.invariants import INVARIANTS
from membership.voting.models import Ballot, RollEntry, RoundState
from membership.voting.service.links import new_link
from tests.browsing import post
from tests.factories import make_patron, make_roll_entry, make_round, make_subscription
from tests.staff.looking import look
from tests.voting.test_views import sign_in

PAGE = "/vote/november/withdraw"


@pytest.fixture
def round(session):
    return make_round(session, state=RoundState.OPEN, slug="november")


@pytest.fixture
def voter(session, round):
    patron = make_patron(session)
    make_roll_entry(session, round, patron_id=patron.id)
    service.cast_ballot(session, round, patron, round.slugs[:1], utc_now())
    session.commit()
    return patron


def letters(session):
    return look(session, select(Letter.kind).order_by(Letter.id))


@pytest.mark.usefixtures("context")
def test_nothing_of_a_ballot_that_was_taken_back_stays_and_she_votes_again(session, round, voter):
    [first] = look(session, select(Ballot.receipt))
    handlers.confirm({})
    service.withdraw_ballot(session, round, voter, utc_now())
    session.commit()
    [entry] = look(session, select(RollEntry))

    assert (entry.voted_at, entry.confirmed_at, look(session, select(Ballot))) == (None, None, [])
    assert letters(session) == ["vote_withdrawn"]
    assert "rounds.scrub" in look(session, select(Job.kind))
    assert not [found for find in INVARIANTS.values() for found in find(session)]

    service.cast_ballot(session, round, voter, round.slugs[1:], utc_now())
    session.commit()
    handlers.confirm({})
    [again] = look(session, select(Ballot.receipt))
    assert again != first
    assert letters(session) == ["vote_withdrawn", "vote_receipt"]
    service.withdraw_ballot(session, round, voter, utc_now())
    session.commit()
    assert letters(session) == ["vote_withdrawn", "vote_withdrawn"]
    service.close_round(session, round, round.closes_at, "clock")
    assert round.chosen == []


def test_only_her_own_ballot_can_be_taken_back_and_only_while_the_round_is_open(session, round, voter):
    on_roll, stranger = make_patron(session), make_subscription(session).patron
    make_roll_entry(session, round, patron_id=on_roll.id)
    round.is_open_roll = True
    for patron, refusal in ((on_roll, NothingCast), (stranger, MayNotVote)):
        with pytest.raises(refusal):
            service.withdraw_ballot(session, round, patron, utc_now())
    with pytest.raises(RoundClosed):
        service.withdraw_ballot(session, round, voter, round.closes_at)

    assert len(look(session, select(Ballot))) == 1
    assert len(look(session, select(RollEntry))) == 2


def test_she_takes_it_back_on_a_page_that_says_what_happens(client, session, voter):
    sign_in(session, client, voter)
    ballot, receipt = client.get("/vote/november").text, client.get("/vote/november/receipt").text
    page = client.get(PAGE).text
    done = post(client, PAGE, page=PAGE)
    after = client.get(done.location).text

    assert f'href="{PAGE}"' in ballot
    assert f'href="{PAGE}"' in receipt
    assert "It is counted nowhere." in page
    assert (done.status_code, done.location) == (303, "/vote/november")
    assert "Your ballot is taken back" in after
    assert "Cast my ballot" in after
    assert client.get(PAGE).location == "/vote/november"
    assert look(session, select(Ballot)) == []


def test_she_takes_it_back_from_her_link_too_and_nobody_else_does(client, session, round, voter):
    entry = session.scalars(select(RollEntry)).one()
    token = new_link(session, entry, service.INVITATION, utc_now())
    session.commit()
    nobody = post(client, PAGE, page="/vote")
    post(client, f"/vote/november/open/{token}")
    done = post(client, PAGE, page=PAGE)

    assert "/sign-in" in nobody.location
    assert (done.status_code, look(session, select(Ballot))) == (303, [])


def test_after_the_close_a_ballot_stands(client, session, round, voter):
    sign_in(session, client, voter)
    round.opens_at, round.closes_at = utc_now() - timedelta(hours=2), utc_now()
    session.commit()
    late = post(client, PAGE, page="/vote")

    assert (late.status_code, "A ballot that was cast stands." in late.text) == (409, True)
    assert client.get(PAGE).location == "/vote/november"
    assert len(look(session, select(Ballot))) == 1


@pytest.mark.usefixtures("context")
def test_a_letter_that_is_forgotten_on_its_way_is_no_fault(session):
    mail.write(session, "already_member", to="a@example.org", locale="en", about="x")
    [letter] = session.scalars(select(Letter))
    mail.forget(session, "already_member", to="a@example.org", about="x")
    session.commit()
    mail_handlers.send_letter({"letter_id": letter.id})
    mail.record_sent(session, letter.id, Words("", "", ""))
    mail.record_refused(session, letter.id)

    assert look(session, select(Letter)) == []


@pytest.mark.usefixtures("context")
def test_a_round_waits_for_the_receipt_of_a_ballot_cast_in_its_last_moment(session, round, voter, monkeypatch):
    round.opens_at, round.closes_at = utc_now() - timedelta(hours=2), utc_now()
    session.commit()
    # As if the letters had been written the moment before her ballot came.
    monkeypatch.setattr(handlers, "_confirm_all", lambda slug: 0)
    handlers.turn({})

    assert look(session, select(RollEntry.confirmed_at)) == [None]
    session.refresh(round)
    assert round.state is RoundState.OPEN
