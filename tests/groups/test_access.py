"""A seat is a cause of access like others: the API tells it at once, it votes by its tier, and staff see why."""

from datetime import timedelta

import pytest

from membership.access import service as access
from membership.clock import utc_now
from membership.db import transaction
from membership.groups import service
from membership.notifications.service.telling import _begins_at
from membership.patrons.models import Role
from membership.voting.models import RollEntry, RoundState
from membership.voting.rules.signals import Member, find_clusters
from membership.voting.service import list_signals
from membership.voting.service.turning import open_round
from tests.access.asking import bearer, register
from tests.factories import (
    make_group,
    make_patron,
    make_roll_entry,
    make_round,
    make_seat,
    make_subscription,
    make_tier,
)
from tests.staff.signing_in import staff_client
from tests.subscriptions.making import rows

DAY = timedelta(days=1)


@pytest.fixture
def told(context, client, session, reader):
    """Ask as the site does that knows the reader."""
    site, key = register(session)
    with transaction() as current:
        subject = access.subject_of(current, site.id, reader.id)
    return lambda: client.get(f"/api/v1/access/{subject}", headers=bearer(key)).json


def test_the_api_answers_at_once_after_a_seat_was_gained_and_lost(told, session, group, reader):
    before = told()
    seat = make_seat(session, group=group, patron=reader)
    session.commit()
    seated = told()
    service.remove(session, group.id, seat.public_id, utc_now())
    session.commit()

    assert (before["state"], seated["state"], told()["state"]) == ("none", "active", "ended")
    assert (seated["sources"], seated["tier"]) == (["group"], group.tier.slug)
    assert seated["valid_until"] == group.ends_at.isoformat()


def test_of_a_group_without_an_end_the_api_tells_no_day(told, session, reader):
    make_seat(session, group=make_group(session, ends_at=None), patron=reader)
    session.commit()

    assert (told()["state"], told()["valid_until"]) == ("active", None)


def test_a_lost_seat_leaves_what_she_pays_for(session, group, reader):
    own = make_subscription(session, patron=reader)
    seat = make_seat(session, group=group, patron=reader)
    both = access.decide_for(session, reader.id, utc_now())
    service.leave(session, reader.id, seat.public_id, utc_now())
    alone = access.decide_for(session, reader.id, utc_now())

    assert (both.sources, alone.sources) == (("group", "subscription"), ("subscription",))
    assert (alone.tier, alone.valid_until) == (own.price.tier.slug, own.period_ends_at)


def test_a_site_is_told_when_a_group_begins(session, reader):
    starts_at = utc_now() + DAY
    make_seat(session, group=make_group(session, starts_at=starts_at), patron=reader)

    assert access.decide_for(session, reader.id, utc_now()).sources == ()
    assert _begins_at(session, reader.id, utc_now()) == starts_at


def test_a_seat_votes_with_the_weight_of_its_tier_and_the_roll_says_why(session, reader):
    heavy = make_tier(session, flags=["vote"], vote_weight=3, slug="heavy")
    make_seat(session, group=make_group(session, name="City Library", tier=heavy), patron=reader)
    silent = make_group(session, tier=make_tier(session, flags=["no_ads"]))
    make_seat(session, group=silent, patron=make_patron(session))
    make_seat(session)
    open_round(session, make_round(session), utc_now(), "test")
    session.commit()

    (entry,) = rows(session, RollEntry)
    assert (entry.patron_id, entry.weight, entry.tier) == (reader.id, 3, "heavy")
    assert entry.reason.startswith("Friend: a seat in the group “City Library”, until")


def test_five_seats_of_one_group_are_told_as_its_seats_and_not_as_accounts_made_in_one_go():
    def one(n, group):
        return Member(f"p{n}", f"p{n}@example.org", utc_now() + n * timedelta(seconds=1), group=group)

    school = [one(n, "School") for n in range(5)]

    assert [cluster.kind for cluster in find_clusters(school)] == ["group"]
    assert find_clusters(school[:4]) == []
    assert [cluster.kind for cluster in find_clusters([*school, one(9, "")])] == ["burst", "group"]


def test_the_seats_of_a_group_are_shown_on_the_roll_without_suspicion(app, session):
    round, group = make_round(session, state=RoundState.OPEN), make_group(session, name="School", seats=9)
    for _ in range(5):
        patron = make_patron(session)
        make_seat(session, group=group, patron=patron)
        make_roll_entry(session, round, patron_id=patron.id)
    shown = staff_client(app, session, Role.EDITOR).get(f"/staff/votes/rounds/{round.slug}/signals").text

    assert [cluster.kind for cluster in list_signals(session, round)] == ["group"]
    assert ("Seats of one group: School" in shown, "No sign by itself" in shown) == (True, True)


def test_staff_see_on_her_page_that_she_took_a_seat_and_that_it_ended(app, session, group, reader):
    seat = make_seat(session, group=group, patron=reader)
    make_seat(session, group=make_group(session, name="School"), patron=reader)
    service.leave(session, reader.id, seat.public_id, utc_now())
    shown = staff_client(app, session, Role.VIEWER).get(f"/staff/patrons/{reader.public_id}").text

    assert "Took a seat in the group City Library." in shown
    assert "The seat in the group City Library ended." in shown
    assert "The seat in the group School ended." not in shown
