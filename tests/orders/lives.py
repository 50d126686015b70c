"""Lives of memberships in six messages, delivered in any order, some doubled, some never."""

import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import chain, combinations

from sqlalchemy import select

from membership.clock import utc_now
from membership.db import session as reading
from membership.db import transaction
from membership.gateway.values import GatewayEvent
from membership.mail.models import Letter
from membership.patrons.models import Patron
from membership.webhooks import handlers, service
from tests.payments.state import state_of
from tests.payments.story import Story

MESSAGES = (
    "checkout.session.completed",
    "charge.updated",
    "invoice.payment_failed",
    "invoice.paid",
    "charge.refunded",
    "customer.subscription.deleted",
)
Heard = frozenset[int]
Way = tuple[int, list[int]]
ALL: Heard = frozenset(range(len(MESSAGES)))
# Whether it still had to be said that money is late depends on when we heard of it.
TIMELY = frozenset({"payment_late"})


def deliver(event: GatewayEvent) -> None:
    """Deliver an event under a new id, so that each time it is worked on anew."""
    again = replace(event, id=f"evt_{secrets.token_hex(8)}")
    with transaction() as session:
        service.keep(session, again, utc_now())
    handlers.process({"event_id": again.id})


@dataclass(frozen=True)
class State:
    """What our rows say of one patron; `letters` are the kinds that every order must have written."""

    money: dict[str, object]
    letters: list[str]


class Life:
    """A membership that is joined, settled, late, paid, refunded and ended; the world goes as far as messages ask."""

    def __init__(self, story: Story, *, is_over: bool = False) -> None:
        self.story = story
        self.patron = story.patron()
        self.told: list[GatewayEvent] = []
        self.delivered: list[int] = []
        self._steps = self._live(self.patron)
        if is_over:
            self.live_until(len(MESSAGES) - 1)

    def hear(self, number: int) -> None:
        """Deliver one of the six messages; the world has then come so far that it could be sent."""
        self.live_until(number)
        deliver(self.told[number])
        self.delivered.append(number)

    def live_until(self, number: int) -> None:
        """Let the world go on, its messages written but not delivered."""
        while len(self.told) <= number:
            next(self._steps)
            events, wanted = self.story.gateway.events, MESSAGES[len(self.told)]
            # The provider settles for others, too; what is ours is the newest.
            self.told.append(next(event for event in reversed(events) if event.type == wanted))
            events.clear()

    def state(self) -> State:
        """Return what our rows say now."""
        money = state_of(reading(), self.story.gateway, self.patron.id)
        return State(money, sorted(kind for kind in self.letters() if kind not in TIMELY))

    def letters(self) -> list[str]:
        """List the kinds of all letters to the patron."""
        return list(reading().scalars(select(Letter.kind).filter_by(recipient=self.patron.email)))

    def _live(self, patron: Patron) -> Iterator[None]:
        gateway = self.story.gateway
        checkout = self.story.open_subscription(patron)
        gateway.pay_checkout(checkout.id)
        subscription_id = gateway.get_checkout(checkout.id).subscription_id
        yield
        gateway.settle()
        yield
        gateway.fail_renewal(subscription_id)
        yield
        gateway.renew(subscription_id)
        yield
        latest = next(gateway.list_invoices_of(subscription_id))
        gateway.refund(latest.payment_intent_ids[0], latest.total, reference="", key=f"all:{checkout.id}")
        yield
        gateway.end(subscription_id, "cancellation_requested")
        yield


def covering_orders() -> list[list[int]]:
    """Return orders that together take every step from a set of messages to the next larger one, in few lives."""
    orders, unseen = [], {(frozenset(some), one) for some in subsets() for one in ALL - frozenset(some)}
    while unseen:
        orders.append(_richest(frozenset(), unseen, {})[1])
        unseen -= {(frozenset(orders[-1][:place]), one) for place, one in enumerate(orders[-1])}
    return orders


def subsets() -> Iterator[tuple[int, ...]]:
    """Return every choice of the six messages, smaller ones first."""
    return chain.from_iterable(combinations(sorted(ALL), size) for size in range(len(ALL) + 1))


def _richest(heard: Heard, unseen: set[tuple[Heard, int]], known: dict[Heard, Way]) -> Way:
    # The number of new steps on the best way from here, and that way.
    if heard not in known:
        ways = [(_richest(heard | {one}, unseen, known), one) for one in sorted(ALL - heard)]
        worth = [(new + ((heard, one) in unseen), [one, *rest]) for (new, rest), one in ways]
        known[heard] = max(worth, default=(0, []))
    return known[heard]


def lived(story: Story, order: Iterable[int]) -> Life:
    """Live one life, its messages delivered in this order."""
    life = Life(story)
    for number in order:
        life.hear(number)
    life.live_until(len(MESSAGES) - 1)
    return life
