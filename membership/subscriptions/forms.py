"""What somebody who subscribes, changes, pauses or stops fills in."""

from collections.abc import Mapping
from dataclasses import dataclass

from membership.errors import Invalid
from membership.money import CURRENCIES, Money, parse_amount
from membership.subscriptions.errors import PauseTooLong
from membership.subscriptions.models import StopReason
from membership.tiers.errors import UnknownTier
from membership.tiers.models import Interval, PriceKind
from membership.web import source_path

LONGEST_WORDS = 1000


@dataclass(frozen=True, slots=True)
class Pick:
    """A tier, how often, in which currency; on trust for less, or more than it costs, as typed."""

    tier: str
    interval: Interval
    currency: str
    kind: PriceKind
    more: str

    @classmethod
    def parse(cls, fields: Mapping[str, str], currency: str) -> "Pick":
        """Read the fields; the price comes from our own table, never from what was sent. Raises UnknownTier."""
        if fields.get("interval") not in list(Interval):
            raise UnknownTier
        return cls(
            tier=fields.get("tier", ""),
            interval=Interval(fields["interval"]),
            currency=fields["currency"] if fields.get("currency") in CURRENCIES else currency,
            kind=PriceKind.CONCESSION if fields.get("kind") == PriceKind.CONCESSION else PriceKind.LISTED,
            more=fields.get("more", "").strip(),
        )

    def amount(self) -> Money | None:
        """Return what she would rather give; raises what is wrong with it, at its field."""
        try:
            return parse_amount(self.more, self.currency) if self.more else None
        except Invalid as error:
            error.field = "more"
            raise


@dataclass(frozen=True, slots=True)
class SubscriptionForm:
    """What is picked, for whom, with which code; `source` is the path of the article that she came from."""

    pick: Pick
    email: str
    coupon: str
    source: str

    @classmethod
    def parse(cls, fields: Mapping[str, str], currency: str) -> "SubscriptionForm":
        """Read the form; raises UnknownTier."""
        return cls(
            pick=Pick.parse(fields, currency),
            email=fields.get("email", ""),
            coupon=fields.get("coupon", "").strip()[:40],
            source=source_path(fields.get("source")),
        )


@dataclass(frozen=True, slots=True)
class StopForm:
    """Why somebody stops; nobody has to tell."""

    reason: StopReason | None
    words: str

    @classmethod
    def parse(cls, fields: Mapping[str, str]) -> "StopForm":
        """Read the form; what is not one of our reasons is none."""
        told = fields.get("reason", "")
        reason = StopReason(told) if told in list(StopReason) else None
        return cls(reason, fields.get("words", "").strip()[:LONGEST_WORDS])


def read_months(fields: Mapping[str, str]) -> int:
    """Read for how many months to pause; raises PauseTooLong."""
    if fields.get("months") not in {"1", "2", "3"}:
        raise PauseTooLong
    return int(fields["months"])
