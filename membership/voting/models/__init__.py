"""Rounds, the roll of who may vote, and the ballots."""

from membership.voting.models.ballots import Ballot, BallotLink, RollEntry
from membership.voting.models.rounds import OVER, Round, RoundGuest, RoundRecord, RoundState, RoundTopic, admit
from membership.voting.rules import Method

__all__ = [
    "OVER",
    "Ballot",
    "BallotLink",
    "Method",
    "RollEntry",
    "Round",
    "RoundGuest",
    "RoundRecord",
    "RoundState",
    "RoundTopic",
    "admit",
]
