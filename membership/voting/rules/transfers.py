"""Ranked ballots: instant run-off for one seat, the single transferable vote for several, by one rule.

It is the rule of Scottish council elections: The Scottish Local Government Elections Order 2007 (SSI 2007/42),
schedule 1, rules 45 to 51 (weighted inclusive Gregory, values cut to five decimals), with two differences that
docs/voting.md gives reasons for: a topic that nobody ranks takes no part, and lots come from the round's seed.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from membership.voting.rules.lots import lot

# Votes are counted in whole hundred-thousandths.
SCALE = 100_000

Ranking = tuple[str, ...]
# The rest of a ballot's ranking, and how many such ballots there are.
Sheet = tuple[Iterator[str], int]


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the count: what was done, and how everybody stands after it, in hundred-thousandths of a vote.

    `kind` is `first` (first preferences), `surplus` (what `topic` had beyond the quota went on), `exclusion` (the
    votes of `topic` went on) or `rest` (the topics that are left take the seats that are left). `spent` is what
    reached nobody: no further choice, and what the cut decimals lose. `lots` are the topics among which a lot decided.
    """

    kind: str
    topic: str | None
    totals: Mapping[str, int]
    spent: int
    elected: Sequence[str]
    lots: Sequence[str]


@dataclass(frozen=True, slots=True)
class Transfers:
    """A whole count: the quota in hundred-thousandths, the steps, and the topics best first."""

    quota: int
    steps: Sequence[Step]
    order: Sequence[str]

    @property
    def elected(self) -> list[str]:
        return [slug for step in self.steps for slug in step.elected]

    @property
    def last_votes(self) -> dict[str, int]:
        """What each topic had when it was chosen, when it left, or at the end: what decided about it."""
        last: dict[str, int] = {}
        chosen: set[str] = set()
        for step in self.steps:
            last |= {slug: votes for slug, votes in step.totals.items() if slug not in chosen}
            chosen.update(step.elected)
        return last

    @property
    def lots(self) -> list[str]:
        """The topics among which only a lot could decide, whenever it did."""
        return list(dict.fromkeys(slug for step in self.steps for slug in step.lots))


@dataclass(slots=True)
class _Table:
    """The piles of ballots; a pile is made of parcels, each with the value of every vote in it."""

    quota: int
    seats: int
    seed: str
    piles: dict[str, list[tuple[int, list[Sheet]]]]
    totals: dict[str, int]
    running: set[str]
    waiting: list[str] = field(default_factory=list)
    elected: list[str] = field(default_factory=list)
    excluded: list[str] = field(default_factory=list)
    spent: int = 0
    steps: list[Step] = field(default_factory=list)

    @property
    def free(self) -> int:
        return self.seats - len(self.elected)


def transfer(ballots: Iterable[tuple[Ranking, int]], topics: Sequence[str], *, seats: int, seed: str) -> Transfers:
    """Count rankings, each with the number of votes that it stands for; nobody's ranking is empty."""
    table = _lay_out(ballots, topics, seats=seats, seed=seed)
    if table.running:
        _note(table, "first", None, [])
    while table.free and table.running:
        _go_on(table)
    ranked = [*table.elected, *_best_first(table, table.running), *reversed(table.excluded)]
    unranked = sorted(set(topics) - set(ranked), key=lambda slug: lot(seed, slug))
    return Transfers(table.quota, table.steps, [*ranked, *unranked])


def _lay_out(ballots: Iterable[tuple[Ranking, int]], topics: Sequence[str], *, seats: int, seed: str) -> _Table:
    first: dict[str, list[Sheet]] = {slug: [] for slug in topics}
    ranked: set[str] = set()
    for ranking, votes in ballots:
        rest = iter(ranking)
        first[next(rest)].append((rest, votes))
        if len(ranked) < len(topics):
            ranked.update(ranking)
    piles = {slug: [(SCALE, first[slug])] for slug in sorted(ranked)}
    totals = {slug: SCALE * sum(votes for _, votes in first[slug]) for slug in piles}
    quota = (sum(totals.values()) // SCALE // (seats + 1) + 1) * SCALE
    return _Table(quota, seats, seed, piles, totals, ranked)


def _go_on(table: _Table) -> None:
    if len(table.running) <= table.free:
        _note(table, "rest", None, [], elect=table.running)
    elif table.free == 1 and (leader := _leader(table)):
        _note(table, "rest", None, [], elect={leader})
    elif table.waiting:
        _pass_surplus(table)
    else:
        _exclude(table)


def _leader(table: _Table) -> str | None:
    """Whoever has more than all others together, and all surpluses still to come, cannot be overtaken (rule 51)."""
    best = max(table.running, key=table.totals.__getitem__)
    others = sum(table.totals[slug] for slug in table.running) - table.totals[best]
    surpluses = sum(table.totals[slug] - table.quota for slug in table.waiting)
    return best if table.totals[best] > others + surpluses else None


def _pass_surplus(table: _Table) -> None:
    slug = _best_first(table, table.waiting)[0]
    lots = _equals(table, slug, table.waiting)
    table.waiting.remove(slug)
    total, surplus = table.totals[slug], table.totals[slug] - table.quota
    parcels = [(surplus * value // total, sheets) for value, sheets in table.piles.pop(slug)]
    table.totals[slug] = table.quota
    table.spent += surplus - _hand_on(table, parcels)
    _note(table, "surplus", slug, lots)


def _exclude(table: _Table) -> None:
    slug = _best_first(table, table.running)[-1]
    lots = _equals(table, slug, table.running)
    table.running.remove(slug)
    table.excluded.append(slug)
    table.spent += table.totals.pop(slug) - _hand_on(table, table.piles.pop(slug))
    _note(table, "exclusion", slug, lots)


def _hand_on(table: _Table, parcels: Iterable[tuple[int, list[Sheet]]]) -> int:
    """Lay each ballot on the pile of its next running topic, at the value of its parcel; return the votes moved."""
    moved = 0
    for value, sheets in parcels:
        for slug, part in _sort(sheets, table.running).items():
            votes = value * sum(number for _, number in part)
            table.piles[slug].append((value, part))
            table.totals[slug] += votes
            moved += votes
    return moved


def _sort(sheets: Iterable[Sheet], running: set[str]) -> dict[str, list[Sheet]]:
    piles: dict[str, list[Sheet]] = {slug: [] for slug in running}
    for sheet in sheets:
        for slug in sheet[0]:
            if slug in running:
                piles[slug].append(sheet)
                break
    return {slug: part for slug, part in piles.items() if part}


def _note(table: _Table, kind: str, topic: str | None, lots: Sequence[str], *, elect: Iterable[str] = ()) -> None:
    won = _best_first(table, elect or [slug for slug in table.running if table.totals[slug] >= table.quota])
    table.running.difference_update(won)
    table.elected.extend(won)
    table.waiting.extend(slug for slug in won if table.totals[slug] > table.quota)
    totals = dict(sorted(table.totals.items()))
    table.steps.append(Step(kind, topic, totals, table.spent, won, lots))


def _history(table: _Table, slug: str) -> list[int]:
    """How a topic stands, and how it stood at each step before, the latest first (rules 49 and 50)."""
    return [table.totals[slug], *(step.totals[slug] for step in reversed(table.steps))]


def _best_first(table: _Table, slugs: Iterable[str]) -> list[str]:
    drawn = sorted(slugs, key=lambda slug: lot(table.seed, slug))
    return sorted(drawn, key=lambda slug: _history(table, slug), reverse=True)


def _equals(table: _Table, slug: str, among: Iterable[str]) -> list[str]:
    equal = [other for other in sorted(among) if _history(table, other) == _history(table, slug)]
    return equal if len(equal) > 1 else []
