"""All orders of the events of a long life end in the same state, and the books balance at every moment."""

import random

from hypothesis import HealthCheck, given, settings, strategies

from membership.db import session as reading
from membership.ledger.invariants import INVARIANTS as LEDGER
from membership.payments.invariants import INVARIANTS as PAYMENTS
from tests.orders.long_lives import InOrder, live


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=strategies.integers(0, 2**32), lost=strategies.sampled_from([0.0, 0.1, 0.5]))
def test_every_order_ends_in_the_same_state_though_some_are_lost(story, seed, lost):
    expected = live(story, InOrder())
    found = live(story, random.Random(seed), lost=lost)

    assert found == expected
    assert not any(find(reading()) for find in (LEDGER | PAYMENTS).values())
