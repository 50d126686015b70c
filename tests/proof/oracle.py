"""A model of money and access that shares no code with the service or the sandbox.

It is told what readers, banks and staff did, and what Stripe was asked to do to a standing order; the clock does the
rest. It says what everybody paid, what she holds, and what the books must come to. Moments are seconds, amounts cents.
"""

from collections import Counter

from tests.proof.standing import (
    ANSWERED_WITHIN,
    AWAITED,
    DISPUTE_FEE,
    GRACE,
    HOUR,
    LEAST,
    MONTH_OF_TIME,
    MOST_MONTHS,
    PATIENCE,
    TRIES,
    Debt,
    Order,
    Payment,
    Price,
    Span,
    Term,
    later,
    share,
)


class Model:
    def __init__(self, now: int, flags: dict[str, list[str]]) -> None:
        self.now, self.flags = now, flags
        self.orders: list[Order] = []
        self.payments: list[Payment] = []
        self.terms: list[Term] = []
        self.owed: Counter[int] = Counter()
        self.disputes = 0

    # What the clock does.

    def advance(self, to: int) -> None:
        while due := min((one for one in map(self._due, self.orders) if one and one[0] <= to), default=None):
            self.now = max(self.now, due[0])
            self._fall_due(self.orders[due[1]])
        self.now = max(self.now, to)
        for one in self.payments:
            if one.dispute == "open" and one.dispute_at + ANSWERED_WITHIN <= to:
                one.dispute = "lost"

    def _due(self, order: Order) -> tuple[int, int] | None:
        moment = order.next_at()
        return None if moment is None else (moment, next(n for n, one in enumerate(self.orders) if one is order))

    def _fall_due(self, order: Order) -> None:
        now = self.now
        if order.cancel_at is not None and order.cancel_at <= now:
            self.end(order)
        elif order.span[1] <= now:
            self._renew(order)
        elif order.draft_at is not None and order.draft_at <= now:
            order.draft_at = None
            if not order.rest_until or order.rest_until <= now:
                self._charge(order, order.price[2], order.span)
        elif order.debt and order.debt.next_at is not None and order.debt.next_at <= now:
            self._try_again(order, order.debt)

    def _renew(self, order: Order) -> None:
        start = order.span[1]
        if order.next_price:
            order.anchor = start if order.next_price[1] != order.price[1] else order.anchor
            order.price, order.next_price = order.next_price, None
        order.status = "active" if order.status == "trial" else order.status
        number = 1
        while later(order.anchor, number * order.price[1]) <= start:
            number += 1
        order.span, order.draft_at = (start, later(order.anchor, number * order.price[1])), start + HOUR

    def _charge(self, order: Order, amount: int, span: Span) -> None:
        amount, carried = amount + self.owed[order.who], self.owed[order.who]
        self.owed[order.who] = amount if amount < LEAST else 0
        if amount < LEAST:
            order.free.append(span)
        elif order.pays:
            self._take(order, amount, span)
        else:
            order.status, order.debt = "late", Debt(amount, span, carried, next_at=self.now + TRIES[0])

    def _take(self, order: Order, amount: int, span: Span) -> None:
        order.payments.append(self.pay(order.who, "subscription", amount, span))
        order.status, order.debt = "active", None

    def _try_again(self, order: Order, debt: Debt) -> None:
        if order.pays:
            self._take(order, debt.amount, debt.span)
            return
        debt.tries += 1
        debt.next_at = self.now + TRIES[debt.tries - 1] if debt.tries <= len(TRIES) else None
        if debt.next_at is None:
            self.end(order)

    # What people do, and what Stripe is asked for.

    def pay(self, who: int | None, kind: str, gross: int, span: Span | None = None) -> Payment:
        self.payments.append(Payment(who, kind, gross, self.now, span))
        return self.payments[-1]

    def join(self, who: int, price: Price, pays_later: bool, trial_end: int | None = None) -> Order:
        end = trial_end or later(self.now, price[1])
        order = Order(who, price, trial_end or self.now, (self.now, end), pays_later)
        if trial_end:
            order.status, order.free = "trial", [order.span]
        else:
            self._take(order, price[2], order.span)
        self.orders.append(order)
        return order

    def end(self, order: Order) -> None:
        order.status, order.ended_at, order.draft_at = "ended", self.now, None

    def change(self, order: Order, price: Price, at: int) -> None:
        start, end = order.span
        if order.status != "trial":
            whole, part = end - start, end - at
            self._charge(order, share(price[2], part, whole) - share(order.price[2], part, whole), (at, end))
        order.price = price

    def start_anew(self, order: Order) -> None:
        order.anchor, order.span = self.now, (self.now, later(self.now, order.price[1]))
        order.rest_until, order.draft_at = None, None
        self._charge(order, order.price[2], order.span)

    def forgive(self, order: Order) -> None:
        if order.debt:
            self.owed[order.who] += order.debt.carried
            order.debt = None

    def settle_debt(self, order: Order) -> None:
        assert order.debt
        self._take(order, order.debt.amount, order.debt.span)

    def give(self, who: int, kind: str, tier: str, months: int, payment: Payment) -> None:
        mine = [one for one in self.terms if one.who == who and one.is_good]
        start, last = self.now, max((one for one in mine if one.kind != "gift"), key=lambda one: one.end, default=None)
        own = self.live(who)
        if kind == "gift":
            start = max([start, *(one.end for one in mine), own.asked_until() if own else 0])
        elif last:
            start = last.end if start <= last.awaited else start
        end = later(start, months)
        if kind == "gift" and own and not own.cancel_at and own.price[1] == 1:
            end = own.renewal_from(end)
        self.terms.append(Term(who, kind, tier, start, end, end if kind == "gift" else end + PATIENCE, payment))

    def give_offline(self, who: int, gross: int) -> None:
        payment = self.pay(who, "offline", gross)
        if months := min(gross // MONTH_OF_TIME, MOST_MONTHS):
            self.give(who, "offline", "friend", months, payment)

    # What must be found.

    def live(self, who: int) -> Order | None:
        return next((one for one in self.orders if one.who == who and not one.ended_at), None)

    def holds(self, who: int) -> tuple[str, frozenset[str]]:
        """Return how she stands, and the flags that she has now."""
        found = [self._stands(one) for one in self.orders if one.who == who]
        found += [self._gives(one) for one in self.terms if one.who == who and one.is_good and one.start <= self.now]
        states = [state for state, _ in found]
        best = next((one for one in ("active", "paused", "ended") if one in states), "none")
        flags = {flag for state, tier in found if state == "active" for flag in self.flags[tier]}
        return best, frozenset(flags)

    def _gives(self, term: Term) -> tuple[str, str]:
        return ("active" if self.now < term.awaited else "ended"), term.tier

    def _stands(self, order: Order) -> tuple[str, str]:
        now, tier, paid = self.now, order.price[0], order.paid_until()
        revoked = max((one.span[1] for one in order.payments if one.span and one.revoked_at is not None), default=0)
        if paid is None:
            return ("ended" if revoked else "none"), tier
        if now < paid:
            return "active", tier
        goes_on_at = order.rest_until + HOUR if order.rest_until else paid
        if revoked > paid:
            return "ended", tier
        if not order.ended_at and now < goes_on_at:
            return "paused", tier
        if order.ended_at or (order.cancel_at and order.cancel_at <= paid):
            return "ended", tier
        if order.status == "late" and order.debt:
            return ("active" if now < order.debt.span[0] + GRACE else "ended"), tier
        return ("active" if now < max(paid, goes_on_at) + AWAITED else "ended"), tier

    def books(self) -> Counter[str]:
        """Return what each account must hold when all is settled; what Stripe and the banks hold is one sum."""
        books: Counter[str] = Counter()
        for one in self.payments:
            fee = 0 if one.kind == "offline" else share(one.gross, 15, 1000) + 25
            taken = one.gross if one.dispute in {"open", "lost"} else 0
            books["held"] += one.gross - fee - one.back - taken
            books[{"offline": "donation"}.get(one.kind, one.kind) + "_income"] -= one.gross
            books["fees"] += fee
            books["refunds"] += one.back
            books["disputes"] += taken
        books["held"] -= DISPUTE_FEE * self.disputes
        books["dispute_fees"] += DISPUTE_FEE * self.disputes
        return books
