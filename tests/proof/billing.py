"""What Stripe does to standing orders as time passes: periods, drafts, charges, tries; the model is told what was paid.

https://docs.stripe.com/billing/subscriptions/overview; its numbers are those of the sandbox's account.
"""

from calendar import monthrange
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from tests.proof.oracle import Model, Payment

HOUR, DAY = 3600, 24 * 3600
Span = tuple[int, int]
LEAST, TRIES, ANSWERED_WITHIN, DECIDED = 50, (3 * DAY, 5 * DAY, 7 * DAY), 9 * DAY, 5 * DAY


class Price(NamedTuple):
    tier: str
    months: int
    amount: int
    currency: str


def later(moment: int, months: int) -> int:
    """Return the same day some months later, or the last of a shorter month."""
    day = datetime.fromtimestamp(moment, UTC)
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = monthrange(year, month + 1)[1]
    return int(day.replace(year=year, month=month + 1, day=min(day.day, last)).timestamp())


def share(amount: int, part: int, whole: int) -> int:
    return (2 * amount * part + whole) // (2 * whole)


@dataclass
class Debt:
    """What was asked for a span and is not paid: late since a refusal, unless a bank debit is `on_its_way`."""

    amount: int
    span: Span
    carried: int
    tries: int = 0
    next_at: int | None = None
    since: int | None = None
    on_its_way: bool = False
    will_be_paid: bool = False


@dataclass
class Order:
    who: int
    price: Price
    anchor: int
    span: Span
    pays: bool
    by_debit: bool = False
    cheaper_until: int = 0
    status: str = "active"
    payments: list["Payment"] = field(default_factory=list)
    free: list[Span] = field(default_factory=list)
    cancel_at: int | None = None
    rest_until: int | None = None
    next_price: Price | None = None
    debt: Debt | None = None
    ended_at: int | None = None
    is_cut_off: bool = False
    draft_at: int | None = None
    drafted: int = 0


class Billing:
    """Moves the model's clock, and does what falls due."""

    def __init__(self, model: "Model") -> None:
        self.model = model
        self.owed: Counter[int] = Counter()

    @property
    def now(self) -> int:
        return self.model.now

    def advance(self, to: int) -> None:
        while due := min(((at, number) for number, at in self._dues() if at <= to), default=None):
            self.model.now = max(self.now, due[0])
            self._fall_due(self.model.orders[due[1]])
        self.model.now = max(self.now, to)
        for one in self.model.payments:
            if one.dispute == "open" and one.dispute_at + ANSWERED_WITHIN <= to:
                one.dispute = "lost"

    def _dues(self) -> list[tuple[int, int]]:
        """Return when something falls due by itself, by the number of the order."""
        return [
            (number, min(at for at in moments if at is not None))
            for number, one in enumerate(self.model.orders)
            if not one.ended_at
            for moments in [(one.span[1], one.draft_at, one.cancel_at, one.debt and one.debt.next_at)]
        ] + [
            (number, one.debt.next_at)
            for number, one in enumerate(self.model.orders)
            if one.ended_at and one.debt and one.debt.on_its_way and one.debt.next_at
        ]

    def _fall_due(self, order: Order) -> None:
        now = self.now
        if order.ended_at and order.debt:
            # What was debited before the end is decided by the bank all the same.
            self._decide(order, order.debt, order.debt.will_be_paid)
        elif order.cancel_at is not None and order.cancel_at <= now:
            self.end(order)
        elif order.span[1] <= now:
            self._renew(order)
        elif order.draft_at is not None and order.draft_at <= now:
            order.draft_at = None
            if not order.rest_until or order.rest_until <= now:
                self._charge(order, order.drafted, order.span)
        elif order.debt and order.debt.next_at is not None and order.debt.next_at <= now:
            if order.debt.on_its_way:
                self._decide(order, order.debt, order.debt.will_be_paid)
            else:
                self._try(order, order.debt)

    def _renew(self, order: Order) -> None:
        start = order.span[1]
        if order.next_price:
            order.anchor = start if order.next_price.months != order.price.months else order.anchor
            order.price, order.next_price = order.next_price, None
        order.status = "active" if order.status == "trial" else order.status
        number = 1
        while later(order.anchor, number * order.price.months) <= start:
            number += 1
        order.span, order.draft_at = (start, later(order.anchor, number * order.price.months)), start + HOUR
        order.drafted = _asked(order, order.price, start)

    def _charge(self, order: Order, amount: int, span: Span) -> None:
        amount, carried = amount + self.owed[order.who], self.owed[order.who]
        self.owed[order.who] = amount if amount < LEAST else 0
        if amount < LEAST:
            order.free.append(span)
        else:
            self._try(order, Debt(amount, span, carried))

    def _try(self, order: Order, debt: Debt) -> None:
        debt.tries += 1
        if order.by_debit:
            order.status, order.debt = "active", debt
            debt.on_its_way, debt.next_at, debt.will_be_paid = True, self.now + DECIDED, order.pays
        else:
            self._decide(order, debt, order.pays)

    def _decide(self, order: Order, debt: Debt, is_paid: bool) -> None:
        debt.on_its_way = False
        if is_paid:
            self._take(order, debt)
            return
        self._be_late(order, debt, debt.span[0])

    def _be_late(self, order: Order, debt: Debt, since: int) -> None:
        if order.ended_at:
            order.debt = None
            return
        order.status, order.debt, debt.since = "late", debt, debt.since or since
        debt.next_at = self.now + TRIES[debt.tries - 1] if debt.tries <= len(TRIES) else None
        if debt.next_at is None:
            self.end(order)

    def _take(self, order: Order, debt: Debt) -> None:
        payment = self.model.pay(order.who, "subscription", debt.amount, order.price.currency, debt.span)
        payment.tries = debt.tries
        order.payments.append(payment)
        order.status, order.debt = "ended" if order.ended_at else "active", None

    # What Stripe is asked for.

    def join(self, order: Order, is_trial: bool) -> None:
        """Begin with a first payment; what a card refuses only later is paid now."""
        self.model.orders.append(order)
        first = Debt(_asked(order, order.price, self.now), order.span, 0)
        if is_trial:
            order.status, order.free = "trial", [order.span]
        elif order.by_debit:
            self._try(order, first)
        else:
            first.tries = 1
            self._take(order, first)

    def end(self, order: Order) -> None:
        order.status, order.ended_at, order.draft_at = "ended", self.now, None

    def change(self, order: Order, price: Price, at: int) -> None:
        start, end = order.span
        if order.status != "trial":
            new, old = (share(_asked(order, one, at), end - at, end - start) for one in (price, order.price))
            self._charge(order, new - old, (at, end))
        order.price = price

    def start_anew(self, order: Order) -> None:
        order.anchor, order.span = self.now, (self.now, later(self.now, order.price.months))
        order.rest_until, order.draft_at = None, None
        self._charge(order, _asked(order, order.price, self.now), order.span)

    def forgive(self, order: Order) -> None:
        if order.debt:
            self.owed[order.who] += order.debt.carried
            order.debt = None

    def send_back(self, order: Order, payment: "Payment") -> None:
        """A bank sends back what it paid for the present period: it is asked for again, and late meanwhile."""
        payment.returned_at = self.now
        if payment.span and not order.ended_at:
            self._be_late(order, Debt(payment.gross, payment.span, 0, payment.tries), self.now)

    def settle_debt(self, order: Order) -> None:
        assert order.debt
        self._take(order, order.debt)


def _asked(order: Order, price: Price, at: int) -> int:
    """Return what a price comes to: half, for as long as a coupon counts."""
    return price.amount - share(price.amount, 1, 2) if at < order.cheaper_until else price.amount
