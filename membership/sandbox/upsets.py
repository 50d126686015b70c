"""What goes wrong with events on their way, by switch or by seed."""

from dataclasses import dataclass
from enum import StrEnum

from membership.sandbox.luck import Luck
from membership.sandbox.store import Object

OLD_VERSION = "2020-08-27"
NOVELTY = {"sandbox_novelty": {"since": "a version to come", "values": [1, None, "two"]}}


class Upset(StrEnum):
    """`twin` tells one change by two events with ids of their own; `duplicate` sends one event twice."""

    DUPLICATE = "duplicate"
    TWIN = "twin"
    SHUFFLE = "shuffle"
    DELAY = "delay"
    FOREIGN_VERSION = "foreign_version"
    UNKNOWN_FIELDS = "unknown_fields"


@dataclass(frozen=True)
class Way:
    """How one event goes: `wait` in real seconds; `place` among the events of one turn, from their end."""

    kinds: frozenset[Upset] = frozenset()
    wait: float = 0.0
    place: float | None = None
    turn: int = 0

    @property
    def times(self) -> int:
        """Return how often the event is sent."""
        return 2 if Upset.DUPLICATE in self.kinds else 1


@dataclass
class Upsets:
    """What is in force, for every event or as luck has it; `delay` in real seconds."""

    kinds: frozenset[Upset] = frozenset()
    delay: float = 0.5
    luck: Luck | None = None

    def next(self, told: int, turn: int) -> Way:
        """Return how the event at hand goes; `told` counts those before it, `turn` tells which were made together."""
        if not self.kinds:
            return Way()
        luck = self.luck or Luck("always", 2.0, told)
        kinds = frozenset(kind for kind in sorted(self.kinds) if luck.ask())
        chance = Luck(luck.seed, 2.0, luck.asked).ask()
        place = chance.random() if chance and Upset.SHUFFLE in kinds else None
        return Way(kinds, self.delay if Upset.DELAY in kinds else 0.0, place, turn)


def with_novelties(thing: Object) -> Object:
    """Return an object with a field that no version of today knows."""
    return thing | NOVELTY
