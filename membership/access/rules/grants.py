"""What each cause comes to at a moment, and why, in words."""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from membership.access.rules.causes import Cause, Complimentary, GivenTime, GroupSeat, Level, Source, StandingOrder
from membership.i18n import N_, format_day, format_last_day, gettext
from membership.subscriptions.models import RevokedBy, SubscriptionStatus
from membership.subscriptions.rules import BANK_DEBIT, RENEWAL_SLACK, grace_until

_PAID = N_("%(tier)s: paid through %(day)s.")
_ENDING = N_("%(tier)s: paid through %(day)s, then it ends.")
_AWAITED = N_("%(tier)s: the renewal is on its way and awaited until %(day)s.")
_LATE = N_("%(tier)s: a payment is late; access lasts until %(day)s.")
_PAUSED = N_("%(tier)s: paused.")
_PAUSED_UNTIL = N_("%(tier)s: paused until %(day)s.")
_ENDED = N_("%(tier)s: ended on %(day)s.")
_PAID_BACK = N_("%(tier)s: the payment was given back; access ended on %(day)s.")
_DISPUTED = N_("%(tier)s: the bank disputes the payment; access ended on %(day)s.")
_SENT_BACK = N_("%(tier)s: the bank sent the payment back; access ended on %(day)s.")
_WARNED = N_("%(tier)s: the payment is said to be fraud; access ended on %(day)s.")
_COMPLIMENTARY = N_("%(tier)s: complimentary until %(day)s.")
_GIVEN = N_("%(tier)s: given by somebody else, until %(day)s.")
_OFFLINE = N_("%(tier)s: paid past the payment provider, until %(day)s.")
_DONATED = N_("%(tier)s: for a one-off gift, until %(day)s.")
_SEAT = N_("%(tier)s: a seat in the group “%(group)s”, until %(day)s.")
_SEAT_WITHOUT_END = N_("%(tier)s: a seat in the group “%(group)s”, for as long as it goes on.")
_SEAT_ENDED = N_("%(tier)s: the seat in the group “%(group)s” ended on %(day)s.")
_NEXT_AWAITED = N_("%(tier)s: the next transfer is awaited until %(day)s.")

_ALIVE = frozenset({SubscriptionStatus.ACTIVE, SubscriptionStatus.TRIALING})
_OWING = frozenset({SubscriptionStatus.PAST_DUE, SubscriptionStatus.UNPAID})


class State(StrEnum):
    """How she stands, the best first."""

    ACTIVE = "active"
    GRACE = "grace"
    PAUSED = "paused"
    ENDED = "ended"
    NONE = "none"


_REVOKED = {
    RevokedBy.REFUND: _PAID_BACK,
    RevokedBy.DISPUTE: _DISPUTED,
    RevokedBy.FRAUD_WARNING: _WARNED,
    RevokedBy.RETURN: _SENT_BACK,
}
_GIVEN_WORDS = {Source.GIFT: _GIVEN, Source.OFFLINE: _OFFLINE, Source.DONATION: _DONATED}
# Their time is told in whole days, and midnight is the end of the day before.
_IN_WHOLE_DAYS = frozenset({Source.COMP, Source.GROUP})
# When something ends of which no end is set; a site is told of no end instead.
NO_END = datetime(9000, 1, 1, tzinfo=UTC)
GRANTING = frozenset({State.ACTIVE, State.GRACE})


@dataclass(frozen=True, slots=True)
class Grant:
    """What one cause comes to now; `until` is when this ends, or when it ended; `group` is whose seat it is."""

    state: State
    source: Source
    level: Level
    until: datetime
    words: str
    group: str = ""

    @property
    def gives(self) -> bool:
        return self.state in GRANTING

    @property
    def reason(self) -> str:
        """Say why, to staff."""
        day = format_last_day(self.until) if self.source in _IN_WHOLE_DAYS else format_day(self.until)
        return gettext(self.words, tier=self.level.title, day=day, group=self.group)


def weigh(cause: Cause, now: datetime) -> Grant | None:
    """Return what a cause comes to now; nothing when it gave nothing yet."""
    if isinstance(cause, StandingOrder):
        return _weigh_order(cause, now)
    if isinstance(cause, GroupSeat):
        return _weigh_seat(cause, now)
    return _weigh_given(cause, now) if isinstance(cause, GivenTime) else _weigh_comp(cause, now)


def _weigh_seat(seat: GroupSeat, now: datetime) -> Grant | None:
    if now < seat.starts_at:
        return None
    if seat.ends_at is None:
        return Grant(State.ACTIVE, Source.GROUP, seat.level, NO_END, _SEAT_WITHOUT_END, seat.group)
    state, words = (State.ACTIVE, _SEAT) if now < seat.ends_at else (State.ENDED, _SEAT_ENDED)
    return Grant(state, Source.GROUP, seat.level, seat.ends_at, words, seat.group)


def _weigh_comp(comp: Complimentary, now: datetime) -> Grant | None:
    if now < comp.starts_at:
        return None
    state, words = (State.ACTIVE, _COMPLIMENTARY) if now < comp.ends_at else (State.ENDED, _ENDED)
    return Grant(state, Source.COMP, comp.level, comp.ends_at, words)


def _weigh_given(given: GivenTime, now: datetime) -> Grant | None:
    if now < given.starts_at:
        return None
    if now < given.ends_at:
        return Grant(State.ACTIVE, given.source, given.level, given.ends_at, _GIVEN_WORDS[given.source])
    if now < given.awaited_until:
        return Grant(State.ACTIVE, given.source, given.level, given.awaited_until, _NEXT_AWAITED)
    return Grant(State.ENDED, given.source, given.level, given.awaited_until, _ENDED)


def _weigh_order(order: StandingOrder, now: datetime) -> Grant | None:
    paid = _carried_to(order)
    if order.revoked_at and order.revoked_by and _is_over(order, paid, now):
        return Grant(State.ENDED, Source.SUBSCRIPTION, order.level, order.revoked_at, _REVOKED[order.revoked_by])
    if paid is None:
        return None
    if now < paid:
        words = _ENDING if _ends_with(order, paid) else _PAID
        return Grant(State.ACTIVE, Source.SUBSCRIPTION, order.level, paid, words)
    if order.status is SubscriptionStatus.PAUSED:
        return Grant(State.PAUSED, Source.SUBSCRIPTION, order.level, paid, _PAUSED)
    if order.resumes_at and now < order.resumes_at and not order.status.is_final:
        return Grant(State.PAUSED, Source.SUBSCRIPTION, order.level, order.resumes_at, _PAUSED_UNTIL)
    state, until, words = _patience(order, paid)
    if now < until:
        return Grant(state, Source.SUBSCRIPTION, order.level, until, words)
    return Grant(State.ENDED, Source.SUBSCRIPTION, order.level, max(paid, until), _ENDED)


def _is_over(order: StandingOrder, paid: datetime | None, now: datetime) -> bool:
    # What was paid before, and is still good, counts.
    return paid is None or (now >= paid and _is_revoked_after(order, paid))


def _is_revoked_after(order: StandingOrder, paid: datetime) -> bool:
    # A renewal that the bank sent back and that is asked for again is late, like any other that failed.
    is_late = order.revoked_by is RevokedBy.RETURN and order.failing_since is not None
    return not is_late and (order.revoked_through or paid) > paid


def _carried_to(order: StandingOrder) -> datetime | None:
    # Whoever stops at once stops now, whatever was paid; whoever stops at the period's end is ended then.
    if order.paid_through and order.ended_at and order.status.is_final:
        return min(order.paid_through, order.ended_at)
    return order.paid_through


def _patience(order: StandingOrder, paid: datetime) -> tuple[State, datetime, str]:
    """Return how she stands between the end of what was paid and the end of access."""
    if order.status.is_final:
        return State.ENDED, min(order.ended_at or paid, paid), _ENDED
    if _ends_with(order, paid) or _is_revoked_after(order, paid):
        return State.ENDED, paid, _ENDED
    if order.failing_since or order.status in _OWING:
        return State.GRACE, grace_until(order.failing_since or paid, order.grace_days), _LATE
    awaited = max(paid, order.resumes_at or paid) + RENEWAL_SLACK
    if order.debited_since:
        awaited = max(awaited, order.debited_since + BANK_DEBIT)
    return State.ACTIVE, awaited if order.status in _ALIVE else paid, _AWAITED


def _ends_with(order: StandingOrder, paid: datetime) -> bool:
    return order.status.is_final or (order.cancel_at is not None and order.cancel_at <= paid)
