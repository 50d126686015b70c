"""Who came to vote, by tier; a cell so small that it would tell of single persons is put together with others."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

SMALLEST_CELL = 20
OTHERS = "others"


@dataclass(frozen=True, slots=True)
class Turnout:
    """How many of a tier were on the roll, and how many of them voted."""

    tier: str
    members: int
    voted: int


def count_turnout(tiers: Mapping[str, tuple[int, int]], weights: Mapping[str, int]) -> list[Turnout]:
    """Return the turnout by tier, of (members, voted), the largest first; no cell has fewer than twenty members.

    What is hidden could be had from the sum, and so the next smallest goes with it until there are enough. How many
    ballots have each weight is told by the list of ballots, or by their sum: what is hidden of the tiers of one weight
    is not small either, unless nothing of that weight is shown.
    """
    shown = sorted((Turnout(tier, *numbers) for tier, numbers in tiers.items()), key=lambda cell: -cell.members)
    hidden: list[Turnout] = []
    while cell := _find_telling(shown, hidden, weights):
        shown.remove(cell)
        hidden.append(cell)
    if _members(hidden) >= SMALLEST_CELL:
        shown.append(Turnout(OTHERS, _members(hidden), sum(cell.voted for cell in hidden)))
    return shown


def _find_telling(shown: list[Turnout], hidden: list[Turnout], weights: Mapping[str, int]) -> Turnout | None:
    small = [cell for cell in shown if cell.members < SMALLEST_CELL]
    of_weight = Counter[int]()
    for cell in hidden:
        of_weight[weights[cell.tier]] += cell.members
    beside = [cell for cell in shown if 0 < of_weight[weights[cell.tier]] < SMALLEST_CELL]
    rest = shown if 0 < _members(hidden) < SMALLEST_CELL else []
    return next((cells[-1] for cells in (small, beside, rest) if cells), None)


def _members(cells: Iterable[Turnout]) -> int:
    return sum(cell.members for cell in cells)
