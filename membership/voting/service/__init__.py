"""What voting can do and answer."""

from membership.voting.service.ballots import (
    Voter,
    cast_ballot,
    count_again,
    export_result,
    find_ballot,
    get_voter,
    list_published,
    lock_round,
    unseal,
)
from membership.voting.service.invitations import INVITATION, REMINDER, invite_some, list_due_to_remind
from membership.voting.service.leaving import forget_voter
from membership.voting.service.letters import tell_voters
from membership.voting.service.links import find_linked, get_linked
from membership.voting.service.rolls import invite_guest, list_guests, list_voters, may_join, name_tiers, strike_off
from membership.voting.service.rounds import (
    create_round,
    get_announced_round,
    get_round,
    list_announced_rounds,
    list_due_to_close,
    list_due_to_open,
    list_due_to_publish,
    list_rounds,
)
from membership.voting.service.signals import list_signals, remove_voter
from membership.voting.service.standing import list_live, show_standing
from membership.voting.service.topics import list_free_topics, list_reported, list_taken
from membership.voting.service.turning import close_round, extend_round, open_round, publish_round

__all__ = [
    "INVITATION",
    "REMINDER",
    "Voter",
    "cast_ballot",
    "close_round",
    "count_again",
    "create_round",
    "export_result",
    "extend_round",
    "find_ballot",
    "find_linked",
    "forget_voter",
    "get_announced_round",
    "get_linked",
    "get_round",
    "get_voter",
    "invite_guest",
    "invite_some",
    "list_announced_rounds",
    "list_due_to_close",
    "list_due_to_open",
    "list_due_to_publish",
    "list_due_to_remind",
    "list_free_topics",
    "list_guests",
    "list_live",
    "list_published",
    "list_reported",
    "list_rounds",
    "list_signals",
    "list_taken",
    "list_voters",
    "lock_round",
    "may_join",
    "name_tiers",
    "open_round",
    "publish_round",
    "remove_voter",
    "show_standing",
    "strike_off",
    "tell_voters",
    "unseal",
]
