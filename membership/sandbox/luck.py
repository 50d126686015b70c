"""Chance that repeats itself: the same seed and the same order of questions give the same answers."""

import random
from dataclasses import dataclass


@dataclass
class Luck:
    """Strikes a `share` of what asks it; `asked` counts the questions."""

    seed: str
    share: float
    asked: int = 0

    def ask(self) -> random.Random | None:
        """Return what decides how to strike, or None where this time is spared."""
        self.asked += 1
        chance = random.Random(f"{self.seed}:{self.asked}")
        return chance if chance.random() < self.share else None
