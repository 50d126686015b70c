"""Commands for rounds, their rolls and their results."""

from membership.voting.cli import results, rolls
from membership.voting.cli.rounds import rounds

__all__ = ["results", "rolls", "rounds"]
