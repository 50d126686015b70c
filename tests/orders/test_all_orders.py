"""The messages of a life in all their orders, some doubled, some lost: the same mirror, books, access and letters.

When all has happened, what our rows say after some of the messages depends on which they were and not on their order.
Every order is a chain of such sets of messages, so all 720 are proven by the 60 lives that take each step once; and any
doubling, since no set changes when one of its messages comes again. `python -m tests.orders` lives them one by one.
"""

import random

import pytest

from membership.reconcile import walk
from membership.webhooks.service import explain
from tests.orders.lives import ALL, Life, covering_orders, lived, subsets

pytestmark = pytest.mark.usefixtures("sound_books")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_any_order_and_any_doubling_ends_in_the_same_state(story):
    states = {}
    for order in covering_orders():
        life = Life(story, is_over=True)
        for place, number in enumerate(order, 1):
            heard = frozenset(order[:place])
            life.hear(number)
            if heard not in states:
                states[heard] = life.state()
                life.hear(random.Random(place).choice(order[:place]))
            assert life.state() == states[heard], life.delivered

    assert len(states) == 2 ** len(ALL) - 1


def test_messages_that_keep_up_with_the_world_end_in_the_same_state(story):
    chance, expected = random.Random(720), lived(story, sorted(ALL)).state()
    for _ in range(12):
        order = chance.sample(sorted(ALL), len(ALL))
        order.insert(chance.randrange(7), chance.choice(order))

        assert lived(story, order).state() == expected, order


def test_whatever_is_lost_is_found_again_and_writes_no_letter_of_its_own(story):
    chance, whole = random.Random(720), lived(story, sorted(ALL))
    lives = [lived(story, chance.sample(some, len(some))) for some in subsets()]
    written = [life.letters() for life in lives]
    story.gateway.settle()

    assert walk.reconcile(explain).left == 0
    for life in lives:
        assert life.state().money == whole.state().money, life.delivered
    assert [life.letters() for life in lives] == written
    assert all(set(some) <= {*whole.letters()} and len(set(some)) == len(some) for some in written)
