from datetime import timedelta

import pytest

from membership.access import service
from membership.access.errors import AlreadyBanned, NotBanned
from membership.access.rules import Ask, State
from membership.clock import utc_now
from tests.access.asking import bearer, register
from tests.factories import make_subscription


@pytest.fixture
def patron(session):
    return make_subscription(session).patron


def ban(session, patron, reason="Threatened a reporter"):
    return service.ban_patron(session, patron.id, reason=reason, now=utc_now())


def test_who_is_shut_out_has_nothing_and_is_on_no_roll(session, patron):
    ban(session, patron)
    decision = service.decide_for(session, patron.id, utc_now())

    assert (decision.state, decision.flags, decision.ask) == (State.ENDED, set(), Ask.NONE)
    assert decision.reason.startswith("Shut out by the newsroom on ")
    assert service.list_members(session, "vote", utc_now()) == []


def test_who_is_let_in_again_has_what_she_pays_for(session, patron):
    ban(session, patron)
    lifted = service.lift_ban(session, patron.id, utc_now() + timedelta(seconds=1))
    session.flush()

    assert "vote" in service.flags_of(session, patron.id, utc_now())
    assert [member.patron_id for member in service.list_members(session, "vote", utc_now())] == [patron.id]
    assert service.list_bans_of(session, patron.id) == [lifted]


def test_nobody_is_shut_out_twice_or_let_in_who_is_in(session, patron):
    with pytest.raises(NotBanned):
        service.lift_ban(session, patron.id, utc_now())
    ban(session, patron)
    with pytest.raises(AlreadyBanned):
        ban(session, patron)


def test_who_is_erased_has_nothing(session, patron):
    patron.email = None
    session.flush()

    assert service.decide_for(session, patron.id, utc_now()).state is State.NONE
    assert service.list_members(session, "vote", utc_now()) == []


def test_the_api_says_no_at_once(client, session, patron):
    site, key = register(session)
    subject = service.subject_of(session, site.id, patron.id)
    session.commit()
    before = client.get(f"/api/v1/access/{subject}", headers=bearer(key)).json
    ban(session, patron)
    session.commit()
    after = client.get(f"/api/v1/access/{subject}", headers=bearer(key)).json

    assert (before["state"], after["state"], after["flags"]) == ("active", "ended", [])
