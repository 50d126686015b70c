"""What somebody who subscribes fills in."""

from collections.abc import Mapping
from dataclasses import dataclass

from membership.tiers.errors import UnknownTier
from membership.tiers.models import Interval
from membership.web import source_path


@dataclass(frozen=True, slots=True)
class SubscriptionForm:
    """A tier and how often; `source` is the path of the article that she came from."""

    tier: str
    interval: Interval
    email: str
    source: str

    @classmethod
    def parse(cls, fields: Mapping[str, str]) -> "SubscriptionForm":
        """Read the form; its price comes from our own table, never from what was sent. Raises UnknownTier."""
        if fields.get("interval") not in list(Interval):
            raise UnknownTier
        return cls(
            tier=fields.get("tier", ""),
            interval=Interval(fields["interval"]),
            email=fields.get("email", ""),
            source=source_path(fields.get("source")),
        )
