"""The decision: what one reader may have now, and why. The same answer leaves by every door."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from membership.i18n import N_, format_day, format_last_day, gettext, said
from membership.subscriptions.models import RevokedBy, SubscriptionStatus
from membership.subscriptions.rules import PAUSE_MARGIN, RENEWAL_SLACK, grace_until

FRESH = timedelta(minutes=1)

_PAID = N_("%(tier)s: paid through %(day)s.")
_ENDING = N_("%(tier)s: paid through %(day)s, then it ends.")
_AWAITED = N_("%(tier)s: the renewal is on its way and awaited until %(day)s.")
_LATE = N_("%(tier)s: a payment is late; access lasts until %(day)s.")
_PAUSED = N_("%(tier)s: paused.")
_PAUSED_UNTIL = N_("%(tier)s: paused until %(day)s.")
_ENDED = N_("%(tier)s: ended on %(day)s.")
_PAID_BACK = N_("%(tier)s: the payment was given back; access ended on %(day)s.")
_DISPUTED = N_("%(tier)s: the bank disputes the payment; access ended on %(day)s.")
_WARNED = N_("%(tier)s: the payment is said to be fraud; access ended on %(day)s.")
_COMPLIMENTARY = N_("%(tier)s: complimentary until %(day)s.")
_GIVEN = N_("%(tier)s: given by somebody else, until %(day)s.")
_OFFLINE = N_("%(tier)s: paid past the payment provider, until %(day)s.")
_DONATED = N_("%(tier)s: for a one-off gift, until %(day)s.")
_NEXT_AWAITED = N_("%(tier)s: the next transfer is awaited until %(day)s.")
_NOTHING = N_("No paid subscription and no complimentary access.")

_ALIVE = frozenset({SubscriptionStatus.ACTIVE, SubscriptionStatus.TRIALING})
_OWING = frozenset({SubscriptionStatus.PAST_DUE, SubscriptionStatus.UNPAID})


class State(StrEnum):
    """How she stands, the best first."""

    ACTIVE = "active"
    GRACE = "grace"
    PAUSED = "paused"
    ENDED = "ended"
    NONE = "none"


class Ask(StrEnum):
    """How a site may appeal to this reader."""

    NONE = "none"
    SOFT = "soft"
    FULL = "full"


class Source(StrEnum):
    SUBSCRIPTION = "subscription"
    COMP = "comp"
    GIFT = "gift"
    OFFLINE = "offline"
    DONATION = "donation"


_REVOKED = {RevokedBy.REFUND: _PAID_BACK, RevokedBy.DISPUTE: _DISPUTED, RevokedBy.FRAUD_WARNING: _WARNED}
ORDER = tuple(State)
GRANTING = frozenset({State.ACTIVE, State.GRACE})
_ASKS = {State.ENDED: Ask.SOFT, State.NONE: Ask.FULL}


@dataclass(frozen=True, slots=True)
class Level:
    """What a tier gives: its flags, and its weight in a vote; `name` is for people, per language."""

    slug: str
    flags: frozenset[str]
    weight: int
    name: Mapping[str, str] = field(default_factory=dict, hash=False)

    @property
    def title(self) -> str:
        return str(said(self.name)) if self.name else self.slug


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingOrder:
    """A subscription as a cause of access.

    `paid_through` ends the last period that was paid and not paid back, `revoked_through` the last that was paid back,
    at `revoked_at` and because of `revoked_by`;
    `failing_since` is the first failure to charge for a period after `paid_through`, and the tier bears with it for
    `grace_days`. Nothing is asked before `paused_until`.
    """

    level: Level
    status: SubscriptionStatus
    paid_through: datetime | None = None
    revoked_through: datetime | None = None
    revoked_at: datetime | None = None
    revoked_by: RevokedBy | None = None
    failing_since: datetime | None = None
    paused_until: datetime | None = None
    cancel_at: datetime | None = None
    ended_at: datetime | None = None
    grace_days: int = 14

    @property
    def resumes_at(self) -> datetime | None:
        """When the next payment is asked after a pause."""
        return self.paused_until + PAUSE_MARGIN if self.paused_until else None


@dataclass(frozen=True, slots=True)
class Complimentary:
    """Access that staff granted, as a cause."""

    level: Level
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class GivenTime:
    """Time that no subscription pays for, as a cause; after `ends_at` more of it may come until `awaited_until`."""

    level: Level
    source: Source
    starts_at: datetime
    ends_at: datetime
    awaited_until: datetime


Cause = StandingOrder | Complimentary | GivenTime
_GIVEN_WORDS = {Source.GIFT: _GIVEN, Source.OFFLINE: _OFFLINE, Source.DONATION: _DONATED}


@dataclass(frozen=True, slots=True)
class Grant:
    """What one cause comes to now; `until` is when this ends, or when it ended."""

    state: State
    source: Source
    level: Level
    until: datetime
    words: str

    @property
    def gives(self) -> bool:
        return self.state in GRANTING

    @property
    def reason(self) -> str:
        """Say why, to staff."""
        day = format_last_day(self.until) if self.source is Source.COMP else format_day(self.until)
        return gettext(self.words, tier=self.level.title, day=day)


@dataclass(frozen=True, slots=True)
class Decision:
    """What one reader may have now; a site should ask again at `fresh_until`."""

    state: State
    sources: tuple[Source, ...]
    tier: str | None
    flags: frozenset[str]
    ask: Ask
    valid_until: datetime | None
    fresh_until: datetime
    grants: tuple[Grant, ...]

    @property
    def reason(self) -> str:
        """Say why, to staff, in the language that is being spoken."""
        return " ".join(grant.reason for grant in self.grants) or gettext(_NOTHING)

    def best_with(self, flag: str) -> Grant | None:
        """Return the grant that gives this flag with the most weight."""
        return _best([grant for grant in self.grants if grant.gives and flag in grant.level.flags])


def decide(causes: Iterable[Cause], now: datetime) -> Decision:
    """Decide from everything that can give access: the best state, the union of what the causes give."""
    found = [grant for grant in (_weigh(cause, now) for cause in causes) if grant is not None]
    grants = tuple(sorted(found, key=lambda grant: ORDER.index(grant.state)))
    state = grants[0].state if grants else State.NONE
    giving = [grant for grant in grants if grant.gives]
    best = _best(giving)
    return Decision(
        state=state,
        sources=tuple(sorted({grant.source for grant in giving})),
        tier=best.level.slug if best else None,
        flags=frozenset().union(*(grant.level.flags for grant in giving)),
        ask=_ASKS.get(state, Ask.NONE),
        valid_until=max((grant.until for grant in giving), default=None),
        fresh_until=min([now + FRESH, *(grant.until for grant in giving)]),
        grants=grants,
    )


def _best(grants: Sequence[Grant]) -> Grant | None:
    return max(grants, key=lambda grant: (grant.level.weight, grant.until), default=None)


def _weigh(cause: Cause, now: datetime) -> Grant | None:
    if isinstance(cause, StandingOrder):
        return _weigh_order(cause, now)
    return _weigh_given(cause, now) if isinstance(cause, GivenTime) else _weigh_comp(cause, now)


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
    return paid is None or (now >= paid and (order.revoked_through or paid) > paid)


def _carried_to(order: StandingOrder) -> datetime | None:
    # Whoever stops at once stops now, whatever was paid; whoever stops at the period's end is ended then.
    if order.paid_through and order.ended_at and order.status.is_final:
        return min(order.paid_through, order.ended_at)
    return order.paid_through


def _patience(order: StandingOrder, paid: datetime) -> tuple[State, datetime, str]:
    """Return how she stands between the end of what was paid and the end of access."""
    if order.status.is_final:
        return State.ENDED, min(order.ended_at or paid, paid), _ENDED
    if _ends_with(order, paid) or (order.revoked_through and order.revoked_through > paid):
        return State.ENDED, paid, _ENDED
    if order.failing_since or order.status in _OWING:
        return State.GRACE, grace_until(order.failing_since or paid, order.grace_days), _LATE
    awaited = max(paid, order.resumes_at or paid) + RENEWAL_SLACK
    return State.ACTIVE, awaited if order.status in _ALIVE else paid, _AWAITED


def _ends_with(order: StandingOrder, paid: datetime) -> bool:
    return order.status.is_final or (order.cancel_at is not None and order.cancel_at <= paid)
