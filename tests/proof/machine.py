"""The state machine that makes up histories: Hypothesis chooses the steps."""

from collections import Counter
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as some
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from membership.sandbox.faults import Fault
from tests.proof.billing import Order
from tests.proof.furnishing import PEOPLE, PRICES
from tests.proof.history import History
from tests.proof.newsroom import Newsroom
from tests.proof.oracle import Payment

Step = tuple[str, dict[str, Any]]
people, numbers = some.integers(0, PEOPLE - 1), some.integers(0, 5)
FAULTS = [Fault.REFUSE, Fault.ERROR, Fault.ERROR_AFTER, Fault.DROP_AFTER, Fault.RATE_LIMIT, Fault.LOCK_TIMEOUT]
cards = some.sampled_from(["good", "later", "account", "empty_account", "asks", "always_asks", "none", "declined"])
accounts = some.sampled_from(["good", "account", "regretted", "empty_account", "asks"])
answers = some.sampled_from(["yes", "no", "never"])
offers = some.sampled_from(list(PRICES))


def orders(which: Callable[[Order], Any], **more: Any) -> Callable[[Any], Any]:
    """Make a rule for whoever has such a standing order."""

    def make(act: Any) -> Any:
        def chosen(self, number, **told):
            found = self.those(which)
            act(self, found[number % len(found)], **told)

        chosen.__name__ = act.__name__
        return precondition(lambda self: self.those(which))(rule(number=numbers, **more)(chosen))

    return make


def payments(which: Callable[[Payment], Any], **more: Any) -> Callable[[Any], Any]:
    """Make a rule for a payment like that."""

    def find(self: "Machine") -> list[int]:
        now = self.history.model.now
        return [number for number, one in enumerate(self.history.ids.values()) if one.at <= now and which(one)]

    def make(act: Any) -> Any:
        def chosen(self, number, **told):
            found = find(self)
            act(self, found[number % len(found)], **told)

        chosen.__name__ = act.__name__
        return precondition(find)(rule(number=numbers, **more)(chosen))

    return make


class Machine(RuleBasedStateMachine):
    """One history; `room` is where it happens, `steps` counts how often each was taken by all histories."""

    room: Newsroom
    counts: Counter[str]
    last: list[Step]

    def __init__(self) -> None:
        super().__init__()
        self.history = History(self.room)
        self.has_failed = False
        type(self).last = self.taken = []

    def do(self, name: str, **told: Any) -> None:
        self.taken.append((name, told))
        self.has_failed = True
        self.history.step(name, **told)
        self.has_failed = False

    def those(self, which: Callable[[Order], Any]) -> list[int]:
        """Return whose standing order is such a one."""
        return [who for who in range(PEOPLE) if (one := self.history.model.live(who)) and which(one)]

    @initialize(offer=offers, card=some.sampled_from(["good", "later", "account"]))
    def begin(self, offer, card):
        self.do("join", who=0, offer=offer, card=card)

    @rule(who=people, offer=offers, card=cards, returns=some.booleans(), coupon=some.booleans(), answer=answers)
    def join(self, who, offer, card, returns, coupon, answer):
        self.do("join", who=who, offer=offer, card=card, returns=returns, coupon=coupon, answer=answer)

    @rule(
        who=people, amount=some.sampled_from([500, 2000, 7700]), card=accounts, returns=some.booleans(), answer=answers
    )
    def give(self, who, amount, card, returns, answer):
        self.do("give", who=who, amount=amount, card=card, returns=returns, answer=answer)

    @rule(who=people, tier=some.sampled_from(["friend", "patron"]), card=accounts)
    def buy_gift(self, who, tier, card):
        self.do("buy_gift", who=who, tier=tier, card=card)

    @precondition(lambda self: self.history.room.codes)
    @rule(who=people)
    def redeem(self, who):
        self.do("redeem", who=who)

    @precondition(lambda self: self.history.room.codes)
    @rule(number=numbers)
    def return_gift(self, number):
        self.do("return_gift", number=number)

    @rule(who=people, amount=some.sampled_from([400, 1000, 1500]))
    def give_offline(self, who, amount):
        self.do("give_offline", who=who, amount=amount)

    @orders(lambda one: not one.cancel_at)
    def stop(self, who):
        self.do("stop", who=who)

    @orders(lambda one: one.cancel_at)
    def go_on(self, who):
        self.do("go_on", who=who)

    @orders(lambda one: not one.rest_until, months=some.integers(1, 3))
    def pause(self, who, months):
        self.do("pause", who=who, months=months)

    @orders(lambda one: one.rest_until)
    def resume(self, who):
        self.do("resume", who=who)

    @orders(lambda one: one.price.months == 1, tier=some.sampled_from(["patron", "friend"]))
    def change(self, who, tier):
        self.do("change", who=who, tier=tier)

    @orders(lambda one: one.next_price)
    def keep(self, who):
        self.do("keep", who=who)

    @orders(lambda one: True, card=some.sampled_from(["good", "later", "always_asks", "account"]))
    def change_card(self, who, card):
        self.do("change_card", who=who, card=card)

    @payments(lambda one: one.back < one.gross, part=some.sampled_from([None, 100, 300]))
    def refund(self, number, part):
        self.do("refund", number=number, part=part)

    @payments(lambda one: one.back)
    def fail_refund(self, number):
        self.do("fail_refund", number=number)

    @payments(lambda one: one.kind != "offline" and not (one.back or one.dispute or one.warned_at))
    def warn(self, number):
        self.do("warn", number=number)

    @payments(lambda one: one.kind != "offline" and not one.returned_at)
    def send_back(self, number):
        self.do("send_back", number=number)

    @precondition(lambda self: self.history.is_sound and not self.history.rises)
    @rule(tier=some.sampled_from(["friend", "patron"]))
    def raise_price(self, tier):
        self.do("raise_price", tier=tier)

    @precondition(lambda self: self.history.world.store.tables.get("payout"))
    @rule()
    def fail_payout(self):
        self.do("fail_payout")

    @payments(lambda one: not one.dispute and one.kind != "offline")
    def dispute(self, number):
        self.do("dispute", number=number)

    @payments(lambda one: one.dispute == "open", verdict=some.sampled_from(["won", "lost"]))
    def decide(self, number, verdict):
        self.do("decide", number=number, verdict=verdict)

    @rule(days=some.sampled_from([31, 3, 8, 15, 32, 62]), away=some.booleans())
    def wait(self, days, away):
        self.do("wait", days=days, away=away)

    @rule(days=some.sampled_from([30, 31]))
    def wait_about_a_month(self, days):
        self.do("wait", days=days)

    @rule(point=some.integers(1, 12))
    def kill(self, point):
        self.do("kill", point=point)

    @rule(kind=some.sampled_from(FAULTS), times=some.integers(1, 3))
    def fault(self, kind, times):
        self.do("fault", kind=kind.value, times=times)

    @precondition(lambda self: not self.history.is_held)
    @rule()
    def hold(self):
        self.do("hold")

    @precondition(lambda self: self.history.world.webhooks.waiting)
    @rule(order=some.integers(0, 9), drop=some.integers(0, 4), double=some.integers(0, 2))
    def release(self, order, drop, double):
        self.do("release", order=order, drop=drop, double=double)

    @rule(point=some.integers(0, 9))
    def restart_database(self, point):
        self.do("restart_database", point=point)

    @precondition(lambda self: self.history.is_held or not self.history.is_sound)
    @rule()
    def reconcile(self):
        self.do("reconcile")

    @precondition(lambda self: not self.history.is_sound)
    @rule()
    def heal(self):
        self.do("heal")

    def teardown(self) -> None:
        if not self.has_failed:
            self.history.step("end")
            self.counts["histories"] += 1
        for name, _ in self.taken:
            self.counts[f"step {name}"] += 1
        self.counts += self.history.counts
