"""Whatever readers, banks, crashes and lost messages do: invariants hold, money and access are the model's."""

import pytest

from tests.proof.machine import search

# On a busy machine; by itself it takes seconds.
pytestmark = pytest.mark.timeout(900)


@pytest.mark.parametrize("seed", range(1, 3))
def test_every_history_ends_as_the_model_says(on_sqlite, seed):
    assert search(on_sqlite, histories=10, seed=seed)["histories"] >= 10


def test_every_history_on_a_server_ends_as_the_model_says(on_postgres):
    assert search(on_postgres, histories=5, seed=100)["histories"] >= 5
