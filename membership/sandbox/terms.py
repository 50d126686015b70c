"""What the account agreed on with Stripe and its bank, and what awaits refunds and payouts."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Payouts(StrEnum):
    """Pay out what is available every day, or only when asked."""

    DAILY = "daily"
    MANUAL = "manual"


class Outcome(StrEnum):
    """How refunds end that their card does not decide."""

    SUCCEED = "succeed"
    PEND = "pend"
    FAIL = "fail"
    REQUIRE_ACTION = "require_action"


class Unpaid(StrEnum):
    """What becomes of a subscription whose renewal nobody paid after the last try."""

    CANCELED = "canceled"
    UNPAID = "unpaid"
    PAST_DUE = "past_due"


@dataclass
class Terms:
    """How the account is set up; fees in minor units.

    `settles_in` is None where each currency is held for itself; `rates` say how many euros a unit of a currency is.
    """

    settles_in: str | None = None
    rates: dict[str, float] = field(default_factory=dict)
    dispute_fee: int = 2000
    returns_dispute_fee: bool = False
    payouts: Payouts = Payouts.DAILY
    payouts_fail: bool = False
    refunds: Outcome = Outcome.SUCCEED
    unpaid_become: Unpaid = Unpaid.CANCELED

    @classmethod
    def from_kept(cls, kept: dict[str, Any]) -> "Terms":
        """Read what was written down."""
        terms = cls(**kept)
        terms.payouts, terms.refunds = Payouts(terms.payouts), Outcome(terms.refunds)
        terms.unpaid_become = Unpaid(terms.unpaid_become)
        return terms
