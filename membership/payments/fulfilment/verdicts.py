"""What becomes of the facts that are recorded."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from membership.payments.fulfilment.facts import Facts, Named


class Verdict(StrEnum):
    """What became of one snapshot.

    RECORDED: ours, and our rows say the same. PENDING: ours, but no money has come. AWAITED: it names a wish that we
    do not know yet, or whose checkout we do not know yet. IGNORED: not ours.
    """

    RECORDED = "recorded"
    PENDING = "pending"
    AWAITED = "awaited"
    IGNORED = "ignored"


# A snapshot, and what became of it.
Judged = tuple[Any, Verdict]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many snapshots met which end."""

    recorded: int = 0
    pending: int = 0
    awaited: int = 0
    ignored: int = 0

    @classmethod
    def of(cls, facts: Facts, verdicts: Mapping[Named, Verdict]) -> "Outcome":
        """Count what became of these."""
        met = Counter(verdicts[named] for named in facts.named() if named in verdicts)
        return cls(**{verdict.value: met[verdict] for verdict in Verdict})
