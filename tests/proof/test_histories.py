"""Whatever readers, banks, crashes and lost messages do: invariants hold, money and access are the model's."""

import pytest

from tests.proof.searching import search

# `make proof` makes longer ones, and thousands.
LONGEST = 9
# On a busy machine; by itself it takes seconds.
pytestmark = pytest.mark.timeout(900)


@pytest.mark.parametrize("seed", range(10))
def test_every_history_ends_as_the_model_says(on_sqlite, seed):
    assert search(on_sqlite, histories=20, seed=seed, longest=LONGEST)["histories"] >= 20


def test_every_history_on_a_server_ends_as_the_model_says(on_postgres):
    assert search(on_postgres, histories=6, seed=100, longest=LONGEST)["histories"] >= 6
