from datetime import timedelta

import pytest

from membership.access import service
from membership.access.errors import CompUnreadable, UnknownComp
from membership.clock import utc_now
from membership.tiers.errors import UnknownTier
from tests.factories import make_comp, make_patron, make_tier

DAY = timedelta(days=1)


def grant(session, patron, tier="friend", ends=DAY, reason="She helped us to move"):
    now = utc_now()
    return service.grant_comp(session, patron.id, tier, ends_at=now + ends, reason=reason, now=now)


@pytest.fixture
def patron(session):
    make_tier(session, slug="friend", flags=["vote"])
    return make_patron(session)


def test_granted_access_lasts_until_its_end(session, patron):
    comp = grant(session, patron)

    assert service.flags_of(session, patron.id, comp.ends_at - timedelta(seconds=1)) == {"vote"}
    assert service.flags_of(session, patron.id, comp.ends_at) == set()


@pytest.mark.parametrize(("fields", "field"), [({"ends": 0 * DAY}, "ends_at"), ({"reason": " "}, "reason")])
def test_access_needs_an_end_ahead_and_a_reason(session, patron, fields, field):
    with pytest.raises(CompUnreadable) as refusal:
        grant(session, patron, **fields)

    assert refusal.value.field == field


def test_access_is_granted_to_a_tier_that_there_is(session, patron):
    with pytest.raises(UnknownTier):
        grant(session, patron, tier="nothing")


def test_revoking_twice_keeps_the_first_moment(session, patron):
    comp = grant(session, patron)
    first = service.revoke_comp(session, patron.id, comp.id, utc_now()).revoked_at

    assert service.revoke_comp(session, patron.id, comp.id, utc_now() + DAY).revoked_at == first


def test_nobody_elses_access_is_revoked(session, patron):
    with pytest.raises(UnknownComp):
        service.revoke_comp(session, patron.id, make_comp(session).id, utc_now())


def test_what_was_granted_is_listed_newest_first(session, patron):
    comps = [grant(session, patron), grant(session, patron)]

    assert service.list_comps_of(session, patron.id) == comps[::-1]
