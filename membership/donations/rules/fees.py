"""What must be added to a gift so that all of it arrives: whole numbers only, and never a minor unit too much."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from membership.money import LARGEST_MINOR, Money, step_of

WHOLE = 10_000


@dataclass(frozen=True, slots=True)
class FeeSchedule:
    """What the provider takes of a payment: hundredths of a percent of it, rounded up, and so much for each.

    `cap_minor` is the most that it takes, None where nothing limits it. `kind` names a class of payment: cards of one
    region, or a method; `name` is how readers know it, per language.
    """

    kind: str
    basis_points: int
    fixed_minor: int
    cap_minor: int | None = None
    name: Mapping[str, str] = field(default_factory=dict, hash=False)

    def fee_on(self, total: Money) -> Money:
        """Return what is taken of a payment."""
        share = -(-total.minor * self.basis_points // WHOLE)
        fee = share + self.fixed_minor
        return Money(fee if self.cap_minor is None else min(fee, self.cap_minor), total.currency)


@dataclass(frozen=True, slots=True)
class Cover:
    """What a donor may add to a gift, and for which class of payment that is enough."""

    kind: str
    name: Mapping[str, str] = field(hash=False)
    amount: Money


def cover_of(gift: Money, schedule: FeeSchedule) -> Money:
    """Return the least that can be added so that the gift arrives whole after the fee on all of it."""
    # The fee is a share of the sum with the fee in it: t - ceil(tp/W) - f >= g if and only if t(W - p) >= (g + f)W.
    total = -(-(gift.minor + schedule.fixed_minor) * WHOLE // (WHOLE - schedule.basis_points))
    if schedule.cap_minor is not None:
        total = min(total, gift.minor + schedule.cap_minor)
    unit = step_of(gift.currency)
    return Money(-(-total // unit) * unit - gift.minor, gift.currency)


def covers_of(gift: Money, schedules: Iterable[FeeSchedule]) -> list[Cover]:
    """Return what can be added to a gift, one for each schedule; nothing that could not be charged."""
    found = [Cover(one.kind, one.name, cover_of(gift, one)) for one in schedules]
    return [cover for cover in found if cover.amount.minor and (gift + cover.amount).minor <= LARGEST_MINOR]
