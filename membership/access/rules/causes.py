"""What can give a reader access, and what else is known of her that a decision turns on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from membership.i18n import said
from membership.subscriptions.models import RevokedBy, SubscriptionStatus
from membership.subscriptions.rules import PAUSE_MARGIN


class Source(StrEnum):
    SUBSCRIPTION = "subscription"
    COMP = "comp"
    GIFT = "gift"
    OFFLINE = "offline"
    DONATION = "donation"
    GROUP = "group"


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
    `grace_days`. `debited_since` begins the last period that was asked for and neither paid nor refused yet: its bank
    debit is on its way. Nothing is asked before `paused_until`. What was paid does not count beyond `ended_at`; without
    one, what is still good of it counts to its end: it was not for her, nor for staff, that the order ended.
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
    debited_since: datetime | None = None
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


@dataclass(frozen=True, slots=True)
class GroupSeat:
    """A seat that a group holds for her, as a cause; without `ends_at` the group goes on until staff end it."""

    level: Level
    group: str
    starts_at: datetime
    ends_at: datetime | None


Cause = StandingOrder | Complimentary | GivenTime | GroupSeat


@dataclass(frozen=True, slots=True)
class Reader:
    """What is known of her besides: shut out since, gave once last at, wants no appeal until, erased or about to be."""

    barred_at: datetime | None = None
    gave_at: datetime | None = None
    quiet_until: datetime | None = None
    is_erased: bool = False


UNKNOWN = Reader()
