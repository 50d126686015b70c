"""A figure is what we do beside what it is measured against, in the same run."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

Measure = Callable[[], float]
ABOVE = ("", "ours", "beside", "ratio", "wanted", "")
LONGEST_NAME, WIDTHS = 110, (14, 14, 6, 8)


@dataclass(frozen=True)
class Figure:
    """Our number and the one beside it, and the ratio wanted: at least, or `at_most`."""

    name: str
    ours: float
    beside: float
    unit: str
    wanted: float
    ratio: float
    at_most: bool = False

    @property
    def is_met(self) -> bool:
        return self.ratio <= self.wanted if self.at_most else self.ratio >= self.wanted

    def row(self) -> tuple[str, ...]:
        """Return the cells of a printed table."""
        numbers = tuple(f"{number:,.0f} {self.unit}" for number in (self.ours, self.beside))
        wanted = f"{'≤' if self.at_most else '≥'} {self.wanted:g}"
        return self.name, *numbers, f"{self.ratio:.2f}", wanted, "met" if self.is_met else "MISSED"


def compare(name: str, ours: Measure, beside: Measure, *, unit: str, wanted: float, rounds: int) -> Figure:
    """Measure both in turn and take medians; the ratio is the median of the pairs, so that a busy minute hits both."""
    pairs = [(ours(), beside()) for _ in range(rounds)]
    ratio = median(our / other for our, other in pairs)
    mine, others = (median(column) for column in zip(*pairs, strict=True))
    return Figure(name, mine, others, unit, wanted, ratio)


def against_limit(name: str, ours: float, limit: float, unit: str) -> Figure:
    """Put a number beside the most that it may be."""
    return Figure(name, ours, limit, unit, 1, ours / limit, at_most=True)


def as_line(row: tuple[str, ...]) -> str:
    """Write the cells of a figure, or what stands above them, as a line for people."""
    name, *numbers, verdict = row
    aligned = [text.rjust(width) for text, width in zip(numbers, WIDTHS, strict=True)]
    return "  ".join([name.ljust(LONGEST_NAME), *aligned, verdict]).rstrip()


def as_json(figures: Sequence[Figure]) -> str:
    """Write the figures for programs."""
    told = [{**figure.__dict__, "met": figure.is_met} for figure in figures]
    return json.dumps({"figures": told}, indent=2, ensure_ascii=False)
