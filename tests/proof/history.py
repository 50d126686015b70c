"""One history: what readers, banks, staff and the clock do to a newsroom, told to the model as well, and compared."""

import random
from collections import Counter
from collections.abc import Callable
from typing import Any

from membership.sandbox import checkout
from membership.sandbox.billing import disputing, engine
from membership.sandbox.cards import CARDS
from membership.sandbox.errors import ApiError
from membership.sandbox.faults import Fault
from tests.proof import comparing, wire
from tests.proof.newsroom import BEGINS, FLAGS, PRICES, Newsroom
from tests.proof.oracle import Model, Payment
from tests.proof.provider import Killed

MONTHS = {"month": 1, "year": 12}
NUMBERS = {"good": "4242424242424242", "later": "4000000000000341", "declined": "4000000000000002"}
# What must be done within a day or so cannot be done by a service that hears of nothing.
IN_TIME = frozenset(
    {
        "I2 the books equal Stripe's own account",
        "I15 no forgotten donation checkout",
        "I15 no forgotten subscription checkout",
        "I18 no stuck donation",
        "I18 no stuck subscription intent",
    }
)
DAY = 24 * 3600


class History:
    """Every act can be done at any time: what makes no sense then, or is refused, changes nothing."""

    def __init__(self, room: Newsroom) -> None:
        room.begin()
        self.room, self.model = room, Model(BEGINS, FLAGS)
        self.is_sound = True
        self.is_held = False
        self.ids: dict[str, Payment] = {}
        self.told: list[str] = []
        self.counts: Counter[str] = Counter()
        self.wire = wire.Wire(self)

    @property
    def world(self):
        return self.room.provider.world

    def step(self, name: str, **told: Any) -> None:
        """Do an act, let what follows from it happen, and look."""
        getattr(self, name)(**told)
        if not self.is_held:
            self.settle()
        self._pass(10)
        self.check()

    # Readers.

    def join(self, who: int, tier: str = "friend", interval: str = "month", card: str = "good") -> None:
        """Subscribe, and pay at the provider's page."""
        if (where := self._ask(who, "/subscribe", tier=tier, interval=interval)) is None:
            return
        session = self._pay(where, card)
        if session and session["status"] == "complete":
            price = (tier, MONTHS[interval], PRICES[tier, interval])
            subscription = self.world.store.get("subscription", session["subscription"])
            order = self.model.join(who, price, card == "good", subscription["trial_end"])
            self.wire.orders[subscription["id"]] = order
            self._name_payments()

    def give(self, who: int, amount: int = 2000, card: str = "good") -> None:
        """Give once."""
        if (where := self._ask(who, "/donate", amount=str(amount // 100))) is None:
            return
        session = self._pay(where, card)
        if session and session["status"] == "complete":
            self.ids[session["payment_intent"]] = self.model.pay(who, "donation", amount)

    def stop(self, who: int) -> None:
        self._ask(who, "/account/subscription/stop")

    def go_on(self, who: int) -> None:
        self._ask(who, "/account/subscription/continue")

    def pause(self, who: int, months: int = 1) -> None:
        self._ask(who, "/account/subscription/pause", months=str(months))

    def resume(self, who: int) -> None:
        self._ask(who, "/account/subscription/resume")

    def change(self, who: int, tier: str = "patron") -> None:
        at = str(self.world.clock.now())
        self._ask(who, "/account/subscription/change/confirm", tier=tier, interval="month", at=at)

    def keep(self, who: int) -> None:
        self._ask(who, "/account/subscription/keep")

    def change_card(self, who: int, card: str = "good") -> None:
        """Give another card in the provider's portal."""
        order = self.model.live(who)
        if order is not None:
            subscription = next(id for id, one in self.wire.orders.items() if one is order)
            customer = self.world.store.get("subscription", subscription)["customer"]
            checkout.change_card(self.world, self.world.store.get("customer", customer), CARDS[NUMBERS[card]])
            order.pays = card == "good"

    # Banks.

    def refund(self, number: int, part: int | None = None) -> None:
        """Give back a payment, or a part of it, as staff do."""
        payment = self._payment(number)
        if payment is not None:
            self._guard(lambda: self.room.refund(payment, part))

    def dispute(self, number: int) -> None:
        payment = self._payment(number)
        charge = self._charge(payment)
        if charge and not charge["disputed"]:
            held = disputing.held_of(self.world, charge)
            disputing.start(self.world, charge, amount=charge["amount"] - held, reason="fraudulent")
            payment = self.ids[payment]
            payment.dispute, payment.dispute_at = "open", self.model.now
            self.model.disputes += 1

    def decide(self, number: int, verdict: str = "won") -> None:
        payment = self._payment(number)
        charge = self._charge(payment)
        dispute = disputing.open_of(self.world, charge) if charge else None
        if dispute:
            disputing.close(self.world, dispute, verdict)
            self.ids[payment].dispute = verdict

    # The clock, and what goes wrong.

    def wait(self, days: int = 0, seconds: int = 0, *, away: bool = False) -> None:
        """Let time pass; what happens meanwhile is heard of at once, or only afterwards if the service is away."""
        self._pass(days * DAY + seconds, away=away)
        if not away:
            self._guard(self.room.round)

    def _pass(self, seconds: int, *, away: bool = False) -> None:
        until = self.world.clock.now() + seconds
        while engine.step(self.world, until):
            self._follow()
            if not away:
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

    def restart_database(self) -> None:
        self.room.reopen_database()

    def reconcile(self) -> None:
        self._guard(self.room.reconcile)

    def heal(self) -> None:
        """Let nothing go wrong any more, deliver and do all there is, and look whether all is as it should be."""
        self.room.provider.peril.arm(0)
        self.world.faults.set([Fault.NONE], "/v1/", None)
        self.is_held = False
        for seconds in (10, 180, 3600, 3600):
            self.wait(seconds=seconds)
            self.settle()
        self.room.reconcile()
        report = self.room.reconcile()
        assert report is not None
        assert report.found == 0, report.findings
        self.settle()
        self.is_sound = True

    # What is behind every act.

    def settle(self) -> None:
        """Deliver what may be delivered, and do the work."""
        waiting = self.world.webhooks.waiting
        while not self.is_held and waiting:
            if not self._guard(lambda: self.room.deliver(waiting[0].body)):
                break
            waiting.popleft()
        self._guard(self.room.work)

    def check(self) -> None:
        """Raise AssertionError when an invariant does not hold, or what is known differs from the model."""
        is_sound = self.is_sound and not self.is_held
        offended = {name: rows for name, rows in self.room.offended().items() if is_sound or name not in IN_TIME}
        assert not offended, offended
        if is_sound and self.room.is_quiet() and not self.world.webhooks.waiting:
            comparing.compare(self)

    def _follow(self) -> None:
        self.model.advance(self.world.clock.now())
        self._name_payments()

    def _name_payments(self) -> None:
        self.wire.name_payments()

    def _guard(self, act: Callable[[], Any]) -> Any:
        try:
            return act()
        except Killed as killed:
            self.counts[f"killed {killed}"] += 1
            return None

    def _ask(self, who: int, path: str, **fields: Any) -> str | None:
        """Send a form; return where it leads, None when it was refused or the process ended."""
        answer = self._guard(lambda: self.room.post(who, path, **fields))
        return answer.location if answer is not None and answer.status_code == 303 else None

    def _pay(self, where: str, card: str) -> Any:
        id = where.rsplit("/", 1)[-1].split("#")[0]
        session = self.world.store.find("checkout.session", id)
        if session is None or session["status"] != "open":
            return None
        try:
            checkout.pay(self.world, session, CARDS[NUMBERS[card]], email="reader@example.org", name=None)
        except ApiError:
            return None
        return session

    def _payment(self, number: int) -> str | None:
        known = list(self.ids)
        return known[number % len(known)] if known else None

    def _charge(self, payment: str | None) -> Any:
        intent = self.world.store.find("payment_intent", payment or "")
        return self.world.store.get("charge", intent["latest_charge"]) if intent else None
