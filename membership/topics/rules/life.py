"""A topic's life: which state may follow which, what owes a reason, who may see it."""

from collections.abc import Mapping

from membership.topics.models import TopicState

S = TopicState
# A topic that was chosen may be reported or dropped without ever having been assigned here, and one that was not
# chosen may stand again; everything else is one way.
NEXT: Mapping[TopicState, frozenset[TopicState]] = {
    S.SUGGESTED: frozenset({S.MERGED, S.DECLINED, S.SHORTLISTED}),
    S.SHORTLISTED: frozenset({S.MERGED, S.DECLINED, S.ON_BALLOT}),
    S.ON_BALLOT: frozenset({S.CHOSEN, S.NOT_CHOSEN}),
    S.NOT_CHOSEN: frozenset({S.MERGED, S.ON_BALLOT}),
    S.CHOSEN: frozenset({S.ASSIGNED, S.PUBLISHED, S.DROPPED}),
    S.ASSIGNED: frozenset({S.PUBLISHED, S.DROPPED}),
    S.MERGED: frozenset(),
    S.DECLINED: frozenset(),
    S.PUBLISHED: frozenset(),
    S.DROPPED: frozenset(),
}
LAST = frozenset(state for state, following in NEXT.items() if not following)
NEEDS_REASON = frozenset({S.DECLINED, S.DROPPED})


def admits(state: TopicState, following: TopicState) -> bool:
    """Whether a topic in one state may go into another."""
    return following in NEXT[state]


def is_public(state: TopicState, *, is_listed: bool) -> bool:
    """Whether everybody may see a topic; a suggestion only once staff have listed it, a declined one no more."""
    return is_listed if state is S.SUGGESTED else state not in {S.DECLINED, S.MERGED}


def is_worded_freely(state: TopicState) -> bool:
    """Whether a topic's words may be edited: never while members vote on them."""
    return state is not S.ON_BALLOT
