"""The decision: what one reader may have now, and why. The same answer leaves by every door."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from membership.access.rules.causes import UNKNOWN, Cause, Reader, Source
from membership.access.rules.grants import NO_END, Grant, State, weigh
from membership.i18n import N_, format_day, gettext

FRESH = timedelta(minutes=1)
# Whoever gave once is left in peace for a while, and thanked rather than pressed for a year.
PEACE_AFTER_GIFT = timedelta(days=30)
KNOWN_FOR_GIFT = timedelta(days=365)

_NOTHING = N_("No paid subscription and no complimentary access.")
_BARRED = N_("Shut out by the newsroom on %(day)s; nothing else counts.")
_ERASED = N_("Erased, or about to be: nothing counts any more.")

ORDER = tuple(State)


class Ask(StrEnum):
    """How a site may appeal to this reader."""

    NONE = "none"
    SOFT = "soft"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class Decision:
    """What one reader may have now; a site should ask again at `fresh_until`.

    `valid_until` is None when she has nothing, and when no end is set of what she has.
    """

    state: State
    sources: tuple[Source, ...]
    tier: str | None
    flags: frozenset[str]
    ask: Ask
    valid_until: datetime | None
    fresh_until: datetime
    grants: tuple[Grant, ...] = ()
    reader: Reader = UNKNOWN

    @property
    def reason(self) -> str:
        """Say why, to staff, in the language that is being spoken."""
        if self.reader.is_erased:
            return gettext(_ERASED)
        if self.reader.barred_at is not None:
            return gettext(_BARRED, day=format_day(self.reader.barred_at))
        return " ".join(grant.reason for grant in self.grants) or gettext(_NOTHING)

    def best_with(self, flag: str) -> Grant | None:
        """Return the grant that gives this flag with the most weight."""
        return _best([grant for grant in self.grants if grant.gives and flag in grant.level.flags])

    def outline(self) -> "Decision":
        """Return what a site is told of it, without the reasons: small enough to keep many."""
        return replace(self, grants=(), reader=UNKNOWN)

    def quiet(self) -> "Decision":
        """Return the same without any appeal: she asked to be reminded later."""
        return replace(self, ask=Ask.NONE)


def decide(causes: Iterable[Cause], now: datetime, reader: Reader = UNKNOWN) -> Decision:
    """Decide from everything that can give access: the best state, the union of what the causes give.

    Whoever is shut out or erased has nothing, whatever she paid.
    """
    if reader.is_erased or reader.barred_at is not None:
        return _nothing(reader, now)
    found = [grant for grant in (weigh(cause, now) for cause in causes) if grant is not None]
    grants = tuple(sorted(found, key=lambda grant: ORDER.index(grant.state)))
    state = grants[0].state if grants else State.NONE
    giving = [grant for grant in grants if grant.gives]
    best = _best(giving)
    return Decision(
        state=state,
        sources=tuple(sorted({grant.source for grant in giving})),
        tier=best.level.slug if best else None,
        flags=_union([grant.level.flags for grant in giving]),
        ask=_ask(state, reader, now),
        valid_until=_last_end(giving),
        fresh_until=min([now + FRESH, *(grant.until for grant in giving)]),
        grants=grants,
        reader=reader,
    )


def _union(sets: Sequence[frozenset[str]]) -> frozenset[str]:
    return sets[0] if len(sets) == 1 else frozenset().union(*sets)


def _last_end(giving: Sequence[Grant]) -> datetime | None:
    latest = max((grant.until for grant in giving), default=NO_END)
    return None if latest == NO_END else latest


def _nothing(reader: Reader, now: datetime) -> Decision:
    state, ask = (State.NONE, Ask.FULL) if reader.is_erased else (State.ENDED, Ask.NONE)
    return Decision(state, (), None, frozenset(), ask, None, now + FRESH, reader=reader)


def _ask(state: State, reader: Reader, now: datetime) -> Ask:
    is_resting = reader.quiet_until is not None and now < reader.quiet_until
    if state not in {State.ENDED, State.NONE} or is_resting or _gave(reader, now, PEACE_AFTER_GIFT):
        return Ask.NONE
    return Ask.SOFT if state is State.ENDED or _gave(reader, now, KNOWN_FOR_GIFT) else Ask.FULL


def _gave(reader: Reader, now: datetime, within: timedelta) -> bool:
    return reader.gave_at is not None and now < reader.gave_at + within


def _best(grants: Sequence[Grant]) -> Grant | None:
    return max(grants, key=lambda grant: (grant.level.weight, grant.until), default=None)
