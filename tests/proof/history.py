"""One history: what readers, banks, staff and the clock do to a newsroom, told to the model as well, and compared."""

import random
from collections import Counter, defaultdict
from collections.abc import Callable
from typing import Any

from sqlalchemy.exc import OperationalError

from membership.sandbox.billing import engine
from membership.sandbox.faults import Fault
from tests.proof import comparing
from tests.proof.banks import Banks
from tests.proof.billing import Billing, Price
from tests.proof.furnishing import FLAGS, NOTICE
from tests.proof.newsroom import BEGINS, Newsroom
from tests.proof.oracle import Model, Payment
from tests.proof.provider import Killed
from tests.proof.readers import Readers
from tests.proof.wire import Wire

# What must be done within a day or so cannot be done by a service that hears of nothing.
IN_TIME = frozenset(
    {
        "I2 the books equal Stripe's own account",
        "I15 no forgotten donation checkout",
        "I15 no forgotten subscription checkout",
        "I18 no stuck donation",
        "I18 no stuck gift pause",
        "I18 no stuck subscription intent",
        "I18 refunds answered",
    }
)
DAY = 24 * 3600


class History:
    """Every act can be done at any time: what makes no sense then, or is refused, changes nothing."""

    def __init__(self, room: Newsroom) -> None:
        room.begin()
        self.room, self.model = room, Model(BEGINS, FLAGS)
        self.billing = Billing(self.model)
        self.is_sound, self._looked_at = True, room.written
        self.is_held = self.is_over = False
        self.ids: dict[str, Payment] = {}
        # What came back and was tried again goes on under the same id.
        self.tried_before: defaultdict[str, list[Payment]] = defaultdict(list)
        self.rises: dict[Price, int] = {}
        self.told: list[str] = []
        self.counts: Counter[str] = Counter()
        self.wire = Wire(self)
        self.readers, self.banks = Readers(self), Banks(self)

    @property
    def world(self):
        return self.room.provider.world

    def step(self, name: str, **told: Any) -> None:
        """Do an act, let what follows from it happen, and look."""
        acts = next(one for one in (self, self.readers, self.banks) if hasattr(one, name))
        getattr(acts, name)(**told)
        if not self.is_held:
            self.settle()
        self._pass(10)
        self._look_after_gifts()
        # What nobody has written to cannot have been offended.
        if self.room.written != self._looked_at or self.is_over:
            self._looked_at = self.room.written
            self.check()

    # The clock, and what goes wrong.

    def wait(self, days: int = 0, seconds: int = 0, *, away: bool = False) -> None:
        """Let time pass; what happens meanwhile is heard of at once, or only afterwards if the service is away."""
        self._pass(days * DAY + seconds, away=away)
        if not away:
            self.guard(self.room.round)

    def _pass(self, seconds: int, *, away: bool = False) -> None:
        until = self.world.clock.now() + seconds
        while engine.step(self.world, until):
            self._follow()
            if not away and not self.is_held and self.world.webhooks.waiting:
                self.settle()
        self.world.clock.move_to(until)
        self._follow()

    def kill(self, point: int) -> None:
        """Let this process end at its so-manieth request or commit from now."""
        self.is_sound = False
        self.room.provider.peril.arm(point)

    def fault(self, kind: str, times: int = 1) -> None:
        """Let the next requests to the provider go wrong."""
        self.is_sound = False
        self.world.faults.set([Fault(kind)], "/v1/", times)

    def hold(self) -> None:
        """Let events wait from now on."""
        self.is_held = True

    def release(self, order: int = 0, drop: int = 0, double: int = 0) -> None:
        """Deliver what waited in an order by this seed, without some, some twice."""
        waiting, chance = self.world.webhooks.waiting, random.Random(order)
        chance.shuffle(waiting)
        for _ in range(min(drop, len(waiting))):
            self.is_sound = False
            waiting.pop()
        for one in list(waiting)[:double]:
            waiting.append(one)
        self.is_held = False

    def restart_database(self, point: int = 0) -> None:
        """Start the database anew, now or at the so-manieth request or commit from now."""
        if point and self.room.engine.dialect.name != "sqlite":
            self.is_sound = False
            self.room.provider.peril.arm(point, self.room.restart_database)
        else:
            self.room.restart_database()

    def raise_price(self, tier: str = "friend") -> None:
        """Announce, while all is quiet, that a tier costs more from a month on."""
        if not self.is_quiet():
            return
        self.room.raise_price(tier)
        self.rises[Price(tier, 1, self.room.prices[tier, "month", "eur"], "eur")] = self.model.now + NOTICE * DAY

    def reconcile(self) -> None:
        self.guard(self.room.reconcile)

    def heal(self) -> None:
        """Let nothing go wrong any more, deliver and do all there is, and look whether all is as it should be."""
        self.room.provider.peril.arm(0)
        self.world.faults.set([Fault.NONE], "/v1/", None)
        self.is_held = False
        for seconds in (200, 4000):
            self.wait(seconds=seconds)
            self.settle()
        report = self.room.reconcile()
        assert report is not None
        assert report.left == 0, report.findings
        self.settle()
        self.is_sound = True

    def end(self) -> None:
        """Heal, and find nothing more to mend."""
        self.heal()
        self.is_over = True
        report = self.room.reconcile()
        assert report is not None
        assert report.found == 0, report.findings

    # What is behind every act.

    def settle(self) -> None:
        """Deliver what may be delivered, and do the work."""
        waiting = self.world.webhooks.waiting
        while not self.is_held and waiting:
            if not self.guard(lambda: self.room.deliver(waiting[0].body)):
                break
            waiting.popleft()
        self.guard(self.room.work)

    def _look_after_gifts(self) -> None:
        if any(one.kind == "gift" for one in self.model.payments):
            self.guard(lambda: self.room.round("gifts.turn"))

    def check(self) -> None:
        """Raise AssertionError when an invariant does not hold, or what is known differs from the model."""
        is_sound = self.is_sound and not self.is_held
        offended = self.room.offended(self.is_over)
        offended = {name: rows for name, rows in offended.items() if is_sound or name not in IN_TIME}
        assert not offended, offended
        if self.is_quiet():
            comparing.compare(self)

    def is_quiet(self) -> bool:
        """Whether nothing went wrong, and nothing waits: then all is as the model says."""
        return self.is_sound and not self.is_held and not self.world.webhooks.waiting and self.room.is_quiet()

    def _follow(self) -> None:
        self.billing.advance(self.world.clock.now())
        self.wire.name_payments()

    def guard(self, act: Callable[[], Any]) -> Any:
        try:
            return act()
        except Killed as killed:
            self.counts[f"killed {killed}"] += 1
        except OperationalError:
            assert not self.is_sound, "the database went away by itself"
            self.counts["killed by the database"] += 1
        return None
