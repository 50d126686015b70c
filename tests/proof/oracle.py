"""A model of money and access that shares no code with the service or the sandbox.

It is told what readers, banks and staff did, and what was paid (`tests.proof.billing` says when standing orders are
asked for money). It says what each has paid, what she holds and until when, and what the books must come to. Moments
are seconds, amounts minor units.
"""

from collections import Counter
from dataclasses import dataclass

from tests.proof.billing import DAY, HOUR, Order, Span, later, share

# How long access goes on when a renewal has failed, when one is awaited or debited, and when a transfer is.
GRACE, AWAITED, DEBITED, PATIENCE = 14 * DAY, 3 * DAY, 14 * DAY, 5 * DAY
MONTH_OF_TIME, MOST_MONTHS, DISPUTE_FEE = 500, 12, 2000
BEST_FIRST = ("active", "grace", "paused", "ended", "none")


@dataclass
class Payment:
    """What somebody paid; a bank debit counts from the moment when her bank will have paid it, `at`, if ever."""

    who: int | None
    kind: str
    gross: int
    currency: str
    at: int
    span: Span | None = None
    back: int = 0
    back_at: int = 0
    dispute: str = ""
    dispute_at: int = 0
    warned_at: int = 0
    returned_at: int | None = None
    tries: int = 0
    # Whether nobody ever heard of it before it came back: it moved in the account at Stripe, and was no payment.
    is_in_vain: bool = False
    was_heard: bool = False

    def is_returned(self, now: int) -> bool:
        return self.returned_at is not None and self.returned_at <= now

    def revoked_at(self, now: int) -> int | None:
        """Return since when it gives nothing any more."""
        causes = [self.back_at] if self.back == self.gross else []
        causes += [self.dispute_at] if self.dispute in {"open", "lost"} else []
        causes += [self.warned_at] if self.warned_at else []
        causes += [self.returned_at or 0] if self.is_returned(now) else []
        return min(causes, default=None)


@dataclass
class Term:
    """Time that somebody was given, or that she paid for past the provider; more of it is awaited for a while."""

    who: int
    kind: str
    tier: str
    start: int
    end: int
    awaited: int
    payment: Payment


class Model:
    def __init__(self, now: int, flags: dict[str, list[str]]) -> None:
        self.now, self.flags = now, flags
        self.orders: list[Order] = []
        self.payments: list[Payment] = []
        self.terms: list[Term] = []
        self.disputes: Counter[str] = Counter()

    def pay(self, who: int | None, kind: str, gross: int, currency: str = "eur", span: Span | None = None) -> Payment:
        self.payments.append(Payment(who, kind, gross, currency, self.now, span))
        return self.payments[-1]

    def paid(self) -> list[Payment]:
        return [one for one in self.payments if one.at <= self.now and not one.is_in_vain]

    def live(self, who: int) -> Order | None:
        return next((one for one in self.orders if one.who == who and not one.ended_at), None)

    # Time that no standing order pays for.

    def give(self, who: int, kind: str, tier: str, months: int, payment: Payment) -> None:
        """Give months: a gift begins after all else that she has, a transfer goes on from the last if it is in time."""
        mine, start, own = self.good_terms(who), self.now, self.live(who)
        last = max((one for one in mine if one.kind != "gift"), key=lambda one: one.end, default=None)
        if kind == "gift":
            start = max([start, *(one.end for one in mine), self._asked_until(own) if own else 0])
        elif last and start <= last.awaited:
            start = last.end
        end = later(start, months)
        if kind == "gift" and own and not own.cancel_at and own.price.months == 1:
            end = self._renewal_from(own, end)
        self.terms.append(Term(who, kind, tier, start, end, end if kind == "gift" else end + PATIENCE, payment))

    def give_offline(self, who: int, gross: int) -> None:
        payment = self.pay(who, "offline", gross)
        if months := min(gross // MONTH_OF_TIME, MOST_MONTHS):
            self.give(who, "offline", "friend", months, payment)

    def good_terms(self, who: int) -> list[Term]:
        return [one for one in self.terms if one.who == who and one.payment.revoked_at(self.now) is None]

    def _asked_until(self, order: Order) -> int:
        """Return until when she has paid herself, or is asked to pay just now."""
        until = self._paid_until(order) if order.rest_until else order.span[1]
        return (until or 0) if order.status != "late" else 0

    def _renewal_from(self, order: Order, moment: int) -> int:
        """Return the first renewal then or later, after a pause."""
        earliest, number = max(moment, order.span[1], (order.rest_until or 0) + HOUR), 0
        while later(order.anchor, number) < earliest:
            number += 1
        return later(order.anchor, number)

    # What must be found.

    def holds(self, who: int) -> tuple[str, int | None, frozenset[str]]:
        """Return how she stands, until when, and the flags that she has now."""
        found = [self._stands(one) for one in self.orders if one.who == who]
        found += [self._gives(one) for one in self.good_terms(who) if one.start <= self.now]
        best = min((state for state, _, _ in found), key=BEST_FIRST.index, default="none")
        giving = [one for one in found if one[0] in {"active", "grace"}]
        telling = giving or [one for one in found if one[0] == best == "paused"]
        until = max((until for _, until, _ in telling), default=None)
        return best, until, frozenset(flag for _, _, tier in giving for flag in self.flags[tier])

    def _gives(self, term: Term) -> tuple[str, int, str]:
        state = "active" if self.now < term.awaited else "ended"
        return state, term.end if self.now < term.end else term.awaited, term.tier

    def _stands(self, order: Order) -> tuple[str, int, str]:
        now, tier, paid = self.now, order.price.tier, self._paid_until(order)
        gone = [one for one in order.payments if one.span and one.revoked_at(now)]
        if paid is None or now < paid:
            return ("active" if paid else "ended" if gone else "none"), paid or 0, tier
        # What a bank sent back and is asked for again is late, as what was never paid.
        asked_again = order.debt.span if order.debt else None
        lost = max((one.span[1] for one in gone if not (one.is_returned(now) and one.span == asked_again)), default=0)
        goes_on_at = order.rest_until + HOUR if order.rest_until else paid
        if lost > paid:
            return "ended", paid, tier
        if not order.ended_at and now < goes_on_at:
            return "paused", goes_on_at, tier
        if order.ended_at or (order.cancel_at and order.cancel_at <= paid):
            return "ended", paid, tier
        until, debt = max(paid, goes_on_at) + AWAITED, order.debt
        is_late = debt is not None and debt.since is not None
        if debt is not None:
            until = debt.since + GRACE if debt.since is not None else max(until, debt.span[0] + DEBITED)
        return ("ended" if until <= now else "grace" if is_late else "active"), until, tier

    def _paid_until(self, order: Order) -> int | None:
        good = [one.span[1] for one in order.payments if one.span and one.revoked_at(self.now) is None]
        until = max(good + [end for _, end in order.free if order.status != "trial"], default=None)
        has_stopped = order.ended_at and not order.is_cut_off
        return min(until, order.ended_at) if until and order.ended_at and has_stopped else until

    def books(self) -> Counter[tuple[str, str]]:
        """Return what each account must hold when all is settled; what Stripe and the banks hold is one sum."""
        books: Counter[tuple[str, str]] = Counter()
        for one in [one for one in self.payments if one.at <= self.now]:
            fee = 0 if one.kind == "offline" else share(one.gross, 15, 1000) + 25
            taken = one.gross if one.dispute in {"open", "lost"} else 0
            returned = one.gross if one.is_returned(self.now) else 0
            income = {"offline": "donation"}.get(one.kind, one.kind) + "_income"
            moved = {
                income: -one.gross,
                "fees": fee,
                "refunds": one.back,
                "disputes": taken,
                "returned_debits": returned,
            }
            moved = {"fees": fee} if one.is_in_vain else moved
            for account, amount in (moved | {"held": -sum(moved.values())}).items():
                books[account, one.currency] += amount
        for currency, number in self.disputes.items():
            books["held", currency] -= DISPUTE_FEE * number
            books["dispute_fees", currency] += DISPUTE_FEE * number
        return books
