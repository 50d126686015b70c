"""Two years of a membership and of gifts, told in any order, some messages twice, and some perhaps never."""

import random

from membership.db import session as reading
from membership.reconcile import walk
from membership.webhooks.service import explain
from tests.orders.lives import deliver
from tests.payments.state import state_of
from tests.payments.story import Story


def live(story: Story, chance: random.Random, *, lost: float = 0.0) -> dict[str, object]:
    """Let a life happen while messages come late, twice, in any order, and a share of them never; return its end."""
    patron, waiting = story.patron(), []
    for _ in story.life(patron):
        waiting += story.gateway.events
        story.gateway.events.clear()
        chance.shuffle(waiting)
        for _ in range(chance.randint(0, len(waiting))):
            _hear(waiting[-1] if chance.random() < 0.2 else waiting.pop(), chance, lost)
    waiting += story.gateway.events
    story.gateway.events.clear()
    chance.shuffle(waiting)
    for event in waiting:
        _hear(event, chance, lost)
    if lost:
        walk.reconcile(explain)
    return state_of(reading(), story.gateway, patron.id)


def _hear(event, chance, lost):
    if chance.random() >= lost:
        deliver(event)


class InOrder(random.Random):
    """Chance that changes nothing: all is delivered at once and in order."""

    def shuffle(self, x):
        x.reverse()

    def randint(self, a, b):
        return b

    def random(self):
        return 1.0
