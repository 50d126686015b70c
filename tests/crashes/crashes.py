"""The crashes of one act: the undisturbed end, and whether the end after a crash is any other."""

import random
from collections.abc import Iterator
from typing import Any

from tests.crashes.acts import begin, go_on
from tests.crashes.places import Place
from tests.crashes.points import LETTER, Points
from tests.crashes.processes import Broken, ended, fork, found_by
from tests.crashes.state import state_of


class Crashes:
    """All the crashes of one act in one place; `points` are where it can be killed."""

    def __init__(self, place: Place, act: str) -> None:
        self.place, self.act = place, act
        with place.warming():
            begin(place.desk(), act)
            self._end()
        with place.as_before():
            self.points: list[tuple[str, int]] = found_by(lambda: self._begin(None), place.folder / "points.json")
            self.expected = found_by(self._end, place.folder / "end.json")

    def chosen(self, chance: random.Random, share: float) -> Iterator[int]:
        """Yield every point, or of a share of the moments that leave different things behind one point each."""
        if share >= 1:
            yield from range(len(self.points))
            return
        moments: dict[int, list[int]] = {}
        for number, (_, lasting) in enumerate(self.points):
            moments.setdefault(lasting, []).append(number)
        for lasting in sorted(chance.sample(sorted(moments), max(1, round(share * len(moments))))):
            yield chance.choice(moments[lasting])

    def differences(self, deadly: int) -> list[str]:
        """Kill the act at a point and go on; return what is otherwise in the end."""
        with self.place.as_before():
            if not ended(fork(lambda: self._begin(deadly))):
                raise Broken(f"{self.act} never came to point {deadly}")
            found = found_by(self._end, self.place.folder / "end.json")
        if self._is_handed_over(deadly):
            # It was handed over, and that could not be written down: nobody can know.
            found["sent twice"] = 0
        expected = self.expected
        return [f"{name}: {found[name]}, not {expected[name]}" for name in found if found[name] != expected[name]]

    def _is_handed_over(self, deadly: int) -> bool:
        handed_over = {lasting for words, lasting in self.points if words == f"after {LETTER}"}
        return self.points[deadly][1] in handed_over

    def _begin(self, deadly: int | None) -> list[tuple[str, int]]:
        desk = self.place.desk()
        points = Points(desk.app, desk.sandbox, deadly)
        begin(desk, self.act)
        return points.passed

    def _end(self) -> dict[str, Any]:
        desk = self.place.desk()
        left = go_on(desk, self.act)
        return {"left by reconcile": left, **state_of(desk, self.place.mail)}
