"""Support, follow and merge at once, in threads of their own: nobody lost, nobody counted twice, nothing stuck."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from membership.db import transaction
from membership.errors import Conflict
from membership.patrons.models import Patron
from membership.topics import service
from membership.topics.invariants import INVARIANTS
from tests.factories import make_member, make_topic

pytestmark = pytest.mark.processes


def test_nobody_is_lost_while_topics_are_merged(app, session):
    chain = [make_topic(session).slug for _ in range(3)]
    members = [make_member(session).id for _ in range(24)]
    session.commit()

    def act(number):
        try:
            with app.app_context(), transaction() as current:
                if number in (8, 16):
                    duplicate = service.get_topic(current, chain[number // 8 - 1])
                    return service.merge(current, duplicate, chain[2], "x") and None
                patron = current.get_one(Patron, members[number % 24])
                topic = service.get_topic(current, chain[number % 3])
                change = service.support if number % 2 else service.follow
                return change(current, topic, patron) and None
        except Conflict:
            return number

    with ThreadPoolExecutor(8) as pool:
        refused = [number for number in pool.map(act, range(72)) if number is not None]
    last = service.get_topic(session, chain[2])
    everybody = service.list_followers(session, last, 0, 99)

    assert refused == []
    assert len(everybody) == 24
    assert service.count_supporters(session, [last])[last.id] <= 24
    assert [row for find in INVARIANTS.values() for row in find(session)] == []
