"""All orders of the events of a life end in the same state, and the books balance at every moment."""

import random
import secrets
from dataclasses import replace

from hypothesis import HealthCheck, given, settings, strategies

from membership.clock import utc_now
from membership.db import session as reading
from membership.db import transaction
from membership.ledger.invariants import INVARIANTS as LEDGER
from membership.payments.invariants import INVARIANTS as PAYMENTS
from membership.webhooks import handlers, service
from tests.payments.state import state_of


def deliver(event):
    """Deliver an event under a new id, so that each time it is worked on anew."""
    again = replace(event, id=f"evt_{secrets.token_hex(8)}")
    with transaction() as session:
        service.keep(session, again, utc_now())
    handlers.process({"event_id": again.id})


def live(story, chance):
    """Let a life happen while its messages come late, twice and in any order; return the state at its end."""
    patron, waiting = story.patron(), []
    for _ in story.life(patron):
        waiting += story.gateway.events
        story.gateway.events.clear()
        chance.shuffle(waiting)
        for _ in range(chance.randint(0, len(waiting))):
            deliver(waiting[-1] if chance.random() < 0.2 else waiting.pop())
    waiting += story.gateway.events
    story.gateway.events.clear()
    chance.shuffle(waiting)
    for event in waiting:
        deliver(event)
    return state_of(reading(), story.gateway, patron.id)


class InOrder(random.Random):
    """Chance that changes nothing: all is delivered at once and in order."""

    def shuffle(self, x):
        x.reverse()

    def randint(self, a, b):
        return b

    def random(self):
        return 1.0


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=strategies.integers(0, 2**32))
def test_every_order_ends_in_the_same_state(story, seed):
    expected = live(story, InOrder())
    found = live(story, random.Random(seed))

    assert found == expected
    assert not any(find(reading()) for find in (LEDGER | PAYMENTS).values())
