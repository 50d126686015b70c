"""The count of ranked ballots as a picture: a column for each step, a band for each topic, and what went where."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from membership.i18n import format_decimal
from membership.voting.rules import SCALE, Step, Transfers

WIDTH = 1000
HEIGHT = 360
BAR = 26
GAP = 4
LETTER = 9
SHORTEST = 6
READABLE = 13
# Votes without a further choice, below the topics.
SPENT = ""


@dataclass(frozen=True, slots=True)
class Block:
    """How a topic stands after a step, or what has no further choice; named once, where it is first high enough."""

    slug: str
    x: int
    y: int
    height: int
    is_elected: bool
    is_named: bool


@dataclass(frozen=True, slots=True)
class Flow:
    """Votes on their way from one step to the next; `is_passed_on` if they change the topic."""

    points: str
    is_passed_on: bool


@dataclass(frozen=True, slots=True)
class Drawing:
    """What to draw, in the units of a box of this width and height; `letters` fit between two columns."""

    width: int
    height: int
    blocks: list[Block]
    flows: list[Flow]
    letters: int


def draw_steps(counted: Transfers) -> Drawing:
    """Lay the steps of a count side by side, the topics best first from the top."""
    order = [slug for slug in counted.order if counted.steps and slug in counted.steps[0].totals]
    apart = (WIDTH - BAR) // max(len(counted.steps) - 1, 1)
    whole = sum(counted.steps[0].totals.values()) if counted.steps else 1
    columns, elected, named = [], set[str](), set[str]()
    for number, step in enumerate(counted.steps):
        elected.update(step.elected)
        columns.append(_column(step, order, number * apart, whole, elected, named))
    pairs = zip(columns, columns[1:], counted.steps[1:], strict=False)
    flows = [flow for before, after, step in pairs for flow in _flows(before, after, step)]
    height = HEIGHT + GAP * (len(order) + 1)
    blocks = [block for column in columns for block in column.values()]
    return Drawing(WIDTH, height, blocks, flows, max((apart - BAR - GAP) // LETTER, SHORTEST))


def _column(
    step: Step, order: Iterable[str], x: int, whole: int, elected: set[str], named: set[str]
) -> dict[str, Block]:
    blocks, y = {}, 0
    totals = {slug: step.totals[slug] for slug in order if slug in step.totals} | {SPENT: step.spent}
    for slug, votes in totals.items():
        height = votes * HEIGHT // max(whole, 1)
        is_named = height > READABLE and slug not in named
        blocks[slug] = Block(slug, x, y, height, slug in elected, is_named)
        named.update([slug] if is_named else [])
        y += height + GAP
    return blocks


def _flows(before: Mapping[str, Block], after: Mapping[str, Block], step: Step) -> Iterable[Flow]:
    source = before.get(step.topic or "")
    # What a topic passes on leaves it below what it keeps.
    left = source.y + (after[source.slug].height if source.slug in after else 0) if source else 0
    for slug, block in after.items():
        kept = min(before[slug].height, block.height)
        yield _band(before[slug].x, before[slug].y, block.x, block.y, kept, is_passed_on=False)
        gained = block.height - kept
        if source and gained > 0:
            yield _band(source.x, left, block.x, block.y + kept, gained, is_passed_on=True)
            left += gained


def _band(x: int, y: int, to_x: int, to_y: int, height: int, *, is_passed_on: bool) -> Flow:
    corners = ((x + BAR, y), (to_x, to_y), (to_x, to_y + height), (x + BAR, y + height))
    return Flow(" ".join(f"{across},{down}" for across, down in corners), is_passed_on)


def say_votes(units: int) -> str:
    """Write a number of votes, counted in hundred-thousandths, in the reader's language."""
    return format_decimal(units, SCALE)
