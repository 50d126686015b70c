"""Regular work over many things: what fails for one of them must not keep the others waiting."""

from collections.abc import Callable, Iterable

from membership.db import release
from membership.errors import MembershipError

# So many in a row of a sweep mean that the provider is away; the next sweep tries again.
MOST_FAILURES = 5


def do_each(acts: Iterable[Callable[[], object]]) -> None:
    """Do everything that can be done; raise the first refusal afterwards, so that the job is tried again."""
    failures: list[MembershipError] = []
    for act in acts:
        try:
            act()
        except MembershipError as failure:
            release()
            failures.append(failure)
        if len(failures) == MOST_FAILURES:
            break
    if failures:
        raise failures[0]
