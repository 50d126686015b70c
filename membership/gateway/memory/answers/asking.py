"""How the provider in memory answers: to every call on record, once for a key, or not at all."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar

from membership.clock import utc_now
from membership.gateway.errors import GatewayRefused, GatewayUnreachable
from membership.gateway.memory.world import Dated, Named, World, find, second
from membership.gateway.values import SubscriptionSnapshot

T = TypeVar("T")
D = TypeVar("D", bound=Dated)
N = TypeVar("N", bound=Named)


class Asking:
    """The books that everything is read from, and the levers that cut the line."""

    def __init__(self, webhook_secrets: list[str]) -> None:
        self.webhook_secrets = webhook_secrets
        self.unreachable = False
        self.answers_lost = False
        self.silent_about: set[str] = set()
        self.refuses: set[str] = set()
        self.calls: list[tuple[str, str]] = []
        self.world = World()
        self._answers: dict[str, tuple[Hashable, Any]] = {}

    def called(self, name: str, subject: str) -> None:
        """Write a call down; it may get no answer, or a refusal."""
        self.calls.append((name, subject))
        if self.unreachable or subject in self.silent_about:
            raise GatewayUnreachable
        if name in self.refuses:
            raise GatewayRefused

    def ask(self, name: str, object_id: str, objects: dict[str, T]) -> T:
        """Return an object, or raise GatewayMissing."""
        self.called(name, object_id)
        return find(objects, object_id)

    def listed(self, name: str, objects: Iterable[D], since: datetime, after: str | None) -> Iterator[D]:
        """Yield the objects made since a moment, newest first; those that come after one of them only."""
        self.called(name, since.isoformat())
        return rest_of([one for one in objects if one.created_at >= second(since)], after)

    def once(self, name: str, key: str, request: Hashable, act: Callable[[], T]) -> T:
        """Do what a key asks for once; afterwards give the same answer, and refuse another request under it."""
        self.called(name, key)
        if key not in self._answers:
            self._answers[key] = ((name, request), act())
        asked, answer = self._answers[key]
        if asked != (name, request):
            raise GatewayRefused
        if self.answers_lost:
            raise GatewayUnreachable
        found: T = answer
        return found


def rest_of(objects: Sequence[N], after: str | None) -> Iterator[N]:
    """Yield the newest first; what comes after one of them only, if it is named."""
    newest = list(reversed(objects))
    place = [one.id for one in newest].index(after) + 1 if after else 0
    return iter(newest[place:])


def as_of_now(subscription: SubscriptionSnapshot) -> SubscriptionSnapshot:
    """Return what was read, dated by the moment of reading."""
    return replace(subscription, as_of=utc_now())
