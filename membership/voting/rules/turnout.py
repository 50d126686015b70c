"""Who came to vote, by tier; a cell so small that it would tell of single persons is put together with others."""

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


def count_turnout(tiers: Mapping[str, tuple[int, int]]) -> list[Turnout]:
    """Return the turnout by tier, of (members, voted), the largest first; no cell has fewer than twenty members.

    What is hidden could be had from the sum, and so the next smallest goes with it until there are enough.
    """
    cells = sorted((Turnout(tier, *numbers) for tier, numbers in tiers.items()), key=lambda cell: -cell.members)
    hidden: list[Turnout] = []
    while cells and (cells[-1].members < SMALLEST_CELL or 0 < _members(hidden) < SMALLEST_CELL):
        hidden.append(cells.pop())
    if _members(hidden) >= SMALLEST_CELL:
        cells.append(Turnout(OTHERS, _members(hidden), sum(cell.voted for cell in hidden)))
    return cells


def _members(cells: Iterable[Turnout]) -> int:
    return sum(cell.members for cell in cells)
