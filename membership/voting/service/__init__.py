"""What voting can do and answer."""

from membership.voting.service.ballots import Voter, get_voter, lock_round
from membership.voting.service.casting import Opener, cast_ballot, fill_in, find_booth
from membership.voting.service.drafts import delete_round, record_unopened, set_times
from membership.voting.service.guests import Guest, count_guests, invite_guest, list_guests, uninvite_guest
from membership.voting.service.invitations import INVITATION, REMINDER, invite_some, list_due_to_remind
from membership.voting.service.leaving import forget_voter, hand_over_voter
from membership.voting.service.letters import confirm_some, tell_voters
from membership.voting.service.links import find_linked, get_linked, why_over
from membership.voting.service.results import (
    count_again,
    find_ballot,
    get_record,
    list_published,
    repair_result,
    unseal,
)
from membership.voting.service.rolls import list_planned_weights, list_voters, may_join, strike_off
from membership.voting.service.rounds import (
    create_round,
    find_published_round,
    get_announced_round,
    get_round,
    list_announced_rounds,
    list_due_to_close,
    list_due_to_open,
    list_due_to_publish,
    list_open,
    list_rounds,
)
from membership.voting.service.signals import list_signals, remove_voter
from membership.voting.service.standing import list_live, show_standing
from membership.voting.service.topics import list_free_topics, list_outcomes, list_reported, list_taken
from membership.voting.service.turning import (
    close_due_round,
    close_round,
    end_round,
    extend_round,
    open_round,
    publish_round,
)
from membership.voting.service.withdrawing import withdraw_ballot

__all__ = [
    "INVITATION",
    "REMINDER",
    "Guest",
    "Opener",
    "Voter",
    "cast_ballot",
    "close_due_round",
    "close_round",
    "confirm_some",
    "count_again",
    "count_guests",
    "create_round",
    "delete_round",
    "end_round",
    "extend_round",
    "fill_in",
    "find_ballot",
    "find_booth",
    "find_linked",
    "find_published_round",
    "forget_voter",
    "get_announced_round",
    "get_linked",
    "get_record",
    "get_round",
    "get_voter",
    "hand_over_voter",
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
    "list_open",
    "list_outcomes",
    "list_planned_weights",
    "list_published",
    "list_reported",
    "list_rounds",
    "list_signals",
    "list_taken",
    "list_voters",
    "lock_round",
    "may_join",
    "open_round",
    "publish_round",
    "record_unopened",
    "remove_voter",
    "repair_result",
    "set_times",
    "show_standing",
    "strike_off",
    "tell_voters",
    "uninvite_guest",
    "unseal",
    "why_over",
    "withdraw_ballot",
]
