"""Plays histories: those that are kept, and those that Hypothesis makes up; shortens what went wrong."""

from collections import Counter
from collections.abc import Iterable

from hypothesis import HealthCheck, Phase, Verbosity, settings
from hypothesis import seed as seeded
from hypothesis.stateful import run_state_machine_as_test

from tests.proof.history import History
from tests.proof.machine import Machine, Step
from tests.proof.newsroom import Newsroom


def play(room: Newsroom, steps: Iterable[Step]) -> History:
    """Do these steps, look after each, heal, and look again."""
    history = History(room)
    for name, told in steps:
        history.step(name, **told)
    history.step("end")
    return history


def search(room: Newsroom, *, histories: int, seed: int, longest: int = 16) -> Counter[str]:
    """Make up histories from a seed; raises what the first wrong one raised, with its steps, as few as will do."""
    counts: Counter[str] = Counter()
    made = type("Made", (Machine,), {"room": room, "counts": counts, "last": []})
    chosen = settings(
        max_examples=histories,
        stateful_step_count=longest,
        deadline=None,
        database=None,
        # Leaving out steps is enough to shorten what can be done at any time, and takes seconds instead of minutes.
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
        print_blob=False,
        verbosity=Verbosity.quiet,
        report_multiple_bugs=False,
    )
    try:
        seeded(seed)(made)
        run_state_machine_as_test(made, settings=chosen)
    except Exception as error:
        steps = shorten(room, made.last)
        told = "\n".join(f"    {step!r}," for step in steps)
        raise AssertionError(f"{error}\n\nAs a test of tests/proof/test_kept.py:\n\nHISTORY = (\n{told}\n)") from error
    return counts


def shorten(room: Newsroom, steps: list[Step]) -> list[Step]:
    """Leave out whatever step is not needed for the history to go wrong, the last ones first."""
    left = list(steps)
    for number in reversed(range(len(steps))):
        fewer = left[:number] + left[number + 1 :]
        try:
            play(room, fewer)
        except Exception:
            left = fewer
    return left
