"""What voting can do and answer."""

from membership.voting.service.ballots import (
    Voter,
    cast_ballot,
    count_again,
    export_result,
    find_ballot,
    get_voter,
    list_published,
)
from membership.voting.service.letters import tell_voters
from membership.voting.service.rounds import (
    close_round,
    create_round,
    get_announced_round,
    get_round,
    list_announced_rounds,
    list_due_to_close,
    list_due_to_open,
    list_rounds,
    open_round,
)
from membership.voting.service.topics import (
    create_topic,
    get_topic,
    list_reported,
    list_topics,
    set_outcome,
)

__all__ = [
    "Voter",
    "cast_ballot",
    "close_round",
    "count_again",
    "create_round",
    "create_topic",
    "export_result",
    "find_ballot",
    "get_announced_round",
    "get_round",
    "get_topic",
    "get_voter",
    "list_announced_rounds",
    "list_due_to_close",
    "list_due_to_open",
    "list_published",
    "list_reported",
    "list_rounds",
    "list_topics",
    "open_round",
    "set_outcome",
    "tell_voters",
]
