"""What one reader may have now, and why: causes in, a decision out; no session, no clock."""

from membership.access.rules.causes import (
    UNKNOWN,
    Cause,
    Complimentary,
    GivenTime,
    GroupSeat,
    Level,
    Reader,
    Source,
    StandingOrder,
)
from membership.access.rules.decision import Ask, Decision, decide
from membership.access.rules.grants import Grant, State

__all__ = [
    "UNKNOWN",
    "Ask",
    "Cause",
    "Complimentary",
    "Decision",
    "GivenTime",
    "Grant",
    "GroupSeat",
    "Level",
    "Reader",
    "Source",
    "StandingOrder",
    "State",
    "decide",
]
