from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from membership.access.rules import (
    Ask,
    Complimentary,
    GivenTime,
    GroupSeat,
    Level,
    Reader,
    Source,
    StandingOrder,
    State,
    decide,
)
from membership.subscriptions.models import RevokedBy, SubscriptionStatus
from membership.subscriptions.rules import BANK_DEBIT, RENEWAL_SLACK

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
GRACE = 14 * DAY
FRIEND = Level("friend", frozenset({"paywall_free", "vote"}), 1)
CIRCLE = Level("circle", frozenset({"paywall_free", "no_ads", "vote"}), 3)
S = SubscriptionStatus


def order(status=S.ACTIVE, paid=10 * DAY, level=FRIEND, **fields):
    """An order whose paid time ends this long after NOW."""
    return StandingOrder(level=level, status=status, paid_through=None if paid is None else NOW + paid, **fields)


def comp(starts=-DAY, ends=DAY, level=FRIEND):
    return Complimentary(level, NOW + starts, NOW + ends)


def given_time(starts=-DAY, ends=DAY, awaited=0 * DAY, level=FRIEND, source=Source.OFFLINE):
    return GivenTime(level, source, NOW + starts, NOW + ends, NOW + ends + awaited)


def seat(starts=-DAY, ends=DAY, level=FRIEND):
    return GroupSeat(level, "The Library", NOW + starts, None if ends is None else NOW + ends)


def revoked(why):
    """An order whose only period was paid and taken back."""
    return order(paid=None, revoked_through=NOW + DAY, revoked_at=NOW - DAY, revoked_by=why)


CASES = {
    "nothing at all": ([], State.NONE, Ask.FULL),
    "paid": ([order()], State.ACTIVE, Ask.NONE),
    "never paid": ([order(S.INCOMPLETE, None)], State.NONE, Ask.FULL),
    "a second before the end": ([order(paid=SECOND)], State.ACTIVE, Ask.NONE),
    "at the end, the renewal's webhook late": ([order(paid=0 * DAY)], State.ACTIVE, Ask.NONE),
    "the webhook an hour late": ([order(paid=-timedelta(hours=1))], State.ACTIVE, Ask.NONE),
    "the webhook almost three days late": ([order(paid=SECOND - RENEWAL_SLACK)], State.ACTIVE, Ask.NONE),
    "the webhook three days late": ([order(paid=-RENEWAL_SLACK)], State.ENDED, Ask.SOFT),
    "a debit on its way": (
        [order(paid=SECOND - BANK_DEBIT, debited_since=NOW + SECOND - BANK_DEBIT)],
        State.ACTIVE,
        Ask.NONE,
    ),
    "a debit of which nobody hears": ([order(paid=-BANK_DEBIT, debited_since=NOW - BANK_DEBIT)], State.ENDED, Ask.SOFT),
    "a debit for a period long paid": (
        [order(paid=-RENEWAL_SLACK, debited_since=NOW - 60 * DAY)],
        State.ENDED,
        Ask.SOFT,
    ),
    "given": ([given_time(source=Source.GIFT)], State.ACTIVE, Ask.NONE),
    "given from tomorrow": ([given_time(DAY, 2 * DAY)], State.NONE, Ask.FULL),
    "given until now": ([given_time(ends=0 * DAY)], State.ENDED, Ask.SOFT),
    "the next transfer awaited": ([given_time(ends=-DAY, awaited=2 * DAY)], State.ACTIVE, Ask.NONE),
    "the next transfer not come": (
        [given_time(starts=-9 * DAY, ends=-2 * DAY, awaited=2 * DAY)],
        State.ENDED,
        Ask.SOFT,
    ),
    "paid until yesterday, given until tomorrow": ([order(S.ENDED, -DAY), given_time()], State.ACTIVE, Ask.NONE),
    "on trial": ([order(S.TRIALING)], State.ACTIVE, Ask.NONE),
    "the first second of grace": (
        [order(S.PAST_DUE, -SECOND, failing_since=NOW)],
        State.GRACE,
        Ask.NONE,
    ),
    "the last second of grace": (
        [order(S.PAST_DUE, -20 * DAY, failing_since=NOW + SECOND - GRACE)],
        State.GRACE,
        Ask.NONE,
    ),
    "grace is over": ([order(S.PAST_DUE, -20 * DAY, failing_since=NOW - GRACE)], State.ENDED, Ask.SOFT),
    "unpaid, grace is over": ([order(S.UNPAID, -20 * DAY, failing_since=NOW - GRACE)], State.ENDED, Ask.SOFT),
    "failed while the status is still active": ([order(paid=-4 * DAY, failing_since=NOW - DAY)], State.GRACE, Ask.NONE),
    "late, and the failure not yet told": ([order(S.PAST_DUE, -5 * DAY)], State.GRACE, Ask.NONE),
    "cancelled, still paid": ([order(cancel_at=NOW + 10 * DAY)], State.ACTIVE, Ask.NONE),
    "cancelled, a second after the end": ([order(paid=-SECOND, cancel_at=NOW - SECOND)], State.ENDED, Ask.SOFT),
    "cancelled for later, the renewal late": ([order(paid=-SECOND, cancel_at=NOW + DAY)], State.ACTIVE, Ask.NONE),
    "ended at once": ([order(S.ENDED, ended_at=NOW)], State.ENDED, Ask.SOFT),
    "ended, nobody told when": ([order(S.ENDED, -DAY)], State.ENDED, Ask.SOFT),
    "ended while it was late": (
        [order(S.ENDED, -8 * DAY, failing_since=NOW - 8 * DAY, ended_at=NOW - DAY)],
        State.ENDED,
        Ask.SOFT,
    ),
    "paid back": ([order(paid=-DAY, revoked_through=NOW + 29 * DAY)], State.ENDED, Ask.SOFT),
    "all of it paid back": (
        [order(paid=None, revoked_through=NOW + DAY, revoked_at=NOW - DAY, revoked_by=RevokedBy.REFUND)],
        State.ENDED,
        Ask.SOFT,
    ),
    "the last month disputed": (
        [order(paid=-DAY, revoked_through=NOW + 29 * DAY, revoked_at=NOW - DAY, revoked_by=RevokedBy.DISPUTE)],
        State.ENDED,
        Ask.SOFT,
    ),
    "an older month disputed, this one late": (
        [
            order(
                S.PAST_DUE,
                -DAY,
                failing_since=NOW - DAY,
                revoked_through=NOW - 20 * DAY,
                revoked_at=NOW - 20 * DAY,
                revoked_by=RevokedBy.DISPUTE,
            )
        ],
        State.GRACE,
        Ask.NONE,
    ),
    "an older month paid back": ([order(revoked_through=NOW - 20 * DAY)], State.ACTIVE, Ask.NONE),
    "incomplete in a later period": ([order(S.INCOMPLETE, -DAY)], State.ENDED, Ask.SOFT),
    "paused": ([order(S.PAUSED, -DAY)], State.PAUSED, Ask.NONE),
    "paused until tomorrow": ([order(paid=-DAY, paused_until=NOW + DAY)], State.PAUSED, Ask.NONE),
    "the pause is over": ([order(paid=-20 * DAY, paused_until=NOW - 15 * DAY)], State.ENDED, Ask.SOFT),
    "ended during a pause": ([order(S.ENDED, -DAY, paused_until=NOW + DAY)], State.ENDED, Ask.SOFT),
    "paused, still paid": ([order(S.PAUSED)], State.ACTIVE, Ask.NONE),
    "complimentary": ([comp()], State.ACTIVE, Ask.NONE),
    "complimentary from tomorrow": ([comp(starts=DAY, ends=2 * DAY)], State.NONE, Ask.FULL),
    "complimentary until now": ([comp(ends=0 * DAY)], State.ENDED, Ask.SOFT),
    "ended, then complimentary": ([order(S.ENDED, ended_at=NOW), comp()], State.ACTIVE, Ask.NONE),
    "a seat in a group": ([seat()], State.ACTIVE, Ask.NONE),
    "a seat without an end": ([seat(ends=None)], State.ACTIVE, Ask.NONE),
    "a seat in a group that begins tomorrow": ([seat(DAY, 2 * DAY)], State.NONE, Ask.FULL),
    "a seat that ended now": ([seat(ends=0 * DAY)], State.ENDED, Ask.SOFT),
    "ended, then a seat": ([order(S.ENDED, ended_at=NOW), seat()], State.ACTIVE, Ask.NONE),
    "a seat lost, still paid": ([order(), seat(ends=-SECOND)], State.ACTIVE, Ask.NONE),
    "late, and complimentary": ([order(S.PAST_DUE, -DAY), comp()], State.ACTIVE, Ask.NONE),
}


@pytest.mark.parametrize(("causes", "state", "ask"), CASES.values(), ids=CASES.keys())
def test_every_cause_comes_to_one_state(causes, state, ask):
    decision = decide(causes, NOW)

    assert (decision.state, decision.ask) == (state, ask)
    assert bool(decision.flags) == (state in {State.ACTIVE, State.GRACE})


def test_flags_are_the_union_and_the_tier_is_the_weightiest():
    decision = decide([order(), comp(level=CIRCLE)], NOW)

    assert decision.flags == FRIEND.flags | CIRCLE.flags
    assert decision.tier == "circle"
    assert decision.sources == (Source.COMP, Source.SUBSCRIPTION)
    assert decision.valid_until == NOW + 10 * DAY


def test_what_has_no_end_is_valid_until_no_day():
    decision = decide([order(level=CIRCLE), seat(ends=None)], NOW)

    assert (decision.valid_until, decision.sources) == (None, (Source.GROUP, Source.SUBSCRIPTION))
    assert (decision.tier, decision.flags) == ("circle", FRIEND.flags | CIRCLE.flags)


def test_a_decision_is_fresh_for_a_minute():
    assert decide([order()], NOW).fresh_until == NOW + timedelta(minutes=1)


def test_a_decision_is_fresh_only_until_its_state_changes():
    assert decide([order(paid=7 * SECOND)], NOW).fresh_until == NOW + 7 * SECOND


def test_whoever_has_ended_holds_no_tier_and_no_date():
    decision = decide([order(S.ENDED, ended_at=NOW - DAY)], NOW)

    assert (decision.tier, decision.valid_until, decision.sources) == (None, None, ())


@pytest.mark.parametrize(
    ("causes", "words"),
    [
        ([], "No paid subscription and no complimentary access."),
        ([order()], "friend: paid through 4 December 2026."),
        ([order(cancel_at=NOW + 10 * DAY)], "friend: paid through 4 December 2026, then it ends."),
        ([order(paid=-DAY)], "friend: the renewal is on its way and awaited until 26 November 2026."),
        ([order(S.PAST_DUE, -DAY)], "friend: a payment is late; access lasts until 7 December 2026."),
        ([order(S.PAUSED, -DAY)], "friend: paused."),
        ([order(S.ENDED, ended_at=NOW - DAY)], "friend: ended on 23 November 2026."),
        ([comp()], "friend: complimentary until 25 November 2026."),
        ([order(paid=-DAY, paused_until=NOW + DAY)], "friend: paused until 25 November 2026."),
        ([revoked(RevokedBy.REFUND)], "friend: the payment was given back; access ended on 23 November 2026."),
        ([revoked(RevokedBy.DISPUTE)], "friend: the bank disputes the payment; access ended on 23 November 2026."),
        (
            [revoked(RevokedBy.FRAUD_WARNING)],
            "friend: the payment is said to be fraud; access ended on 23 November 2026.",
        ),
        ([seat(ends=DAY)], "friend: a seat in the group “The Library”, until 25 November 2026."),
        ([seat(ends=None)], "friend: a seat in the group “The Library”, for as long as it goes on."),
        ([seat(ends=-DAY)], "friend: the seat in the group “The Library” ended on 23 November 2026."),
        ([given_time(ends=-DAY, awaited=2 * DAY)], "friend: the next transfer is awaited until 25 November 2026."),
    ],
)
def test_the_reason_is_said_in_words(causes, words):
    assert decide(causes, NOW).reason == words


def test_the_weight_comes_from_the_grant_that_gives_the_flag():
    silent = Level("supporter", frozenset({"no_ads"}), 3)
    decision = decide([order(), comp(level=silent)], NOW)

    assert decision.best_with("vote").level == FRIEND
    assert decision.best_with("no_such_flag") is None


moments = st.timedeltas(min_value=-60 * DAY, max_value=60 * DAY).map(lambda shift: NOW + shift)
orders = st.builds(
    StandingOrder,
    level=st.sampled_from([FRIEND, CIRCLE]),
    status=st.sampled_from(S),
    paid_through=st.none() | moments,
    revoked_through=st.none() | moments,
    failing_since=st.none() | moments,
    debited_since=st.none() | moments,
    cancel_at=st.none() | moments,
    ended_at=st.none() | moments,
)
comps = st.builds(Complimentary, st.sampled_from([FRIEND, CIRCLE]), moments, moments)
times = st.builds(
    GivenTime,
    st.sampled_from([FRIEND, CIRCLE]),
    st.sampled_from([Source.GIFT, Source.OFFLINE, Source.DONATION]),
    moments,
    moments,
    moments,
)
seats = st.builds(GroupSeat, st.sampled_from([FRIEND, CIRCLE]), st.just("The Library"), moments, st.none() | moments)
everything = st.lists(orders | comps | times | seats, max_size=4)


READERS = {
    "gave a month ago less a second": ([], Reader(gave_at=NOW - 30 * DAY + SECOND), State.NONE, Ask.NONE),
    "gave a month ago": ([], Reader(gave_at=NOW - 30 * DAY), State.NONE, Ask.SOFT),
    "gave a year ago less a second": ([], Reader(gave_at=NOW - 365 * DAY + SECOND), State.NONE, Ask.SOFT),
    "gave a year ago": ([], Reader(gave_at=NOW - 365 * DAY), State.NONE, Ask.FULL),
    "ended, and gave last week": ([order(paid=-9 * DAY)], Reader(gave_at=NOW - 7 * DAY), State.ENDED, Ask.NONE),
    "to be reminded later": ([], Reader(quiet_until=NOW + SECOND), State.NONE, Ask.NONE),
    "to be reminded now": ([], Reader(quiet_until=NOW), State.NONE, Ask.FULL),
    "ended, to be reminded now": ([order(paid=-9 * DAY)], Reader(quiet_until=NOW), State.ENDED, Ask.SOFT),
    "paid, and to be reminded now": ([order()], Reader(quiet_until=NOW), State.ACTIVE, Ask.NONE),
    "paid, and shut out": ([order()], Reader(barred_at=NOW - DAY), State.ENDED, Ask.NONE),
    "paid, and erased": ([order()], Reader(is_erased=True), State.NONE, Ask.FULL),
    "shut out, then erased": ([], Reader(barred_at=NOW - DAY, is_erased=True), State.NONE, Ask.FULL),
}


@pytest.mark.parametrize(("causes", "reader", "state", "ask"), READERS.values(), ids=READERS.keys())
def test_what_else_is_known_of_her_decides_how_she_is_asked(causes, reader, state, ask):
    decision = decide(causes, NOW, reader)

    assert (decision.state, decision.ask) == (state, ask)
    assert bool(decision.flags) == (state is State.ACTIVE)


@pytest.mark.parametrize(
    ("reader", "words"),
    [
        (Reader(barred_at=NOW - DAY), "Shut out by the newsroom on 23 November 2026; nothing else counts."),
        (Reader(is_erased=True), "Erased, or about to be: nothing counts any more."),
    ],
)
def test_why_nothing_counts_is_said_in_words(reader, words):
    assert decide([order(), comp()], NOW, reader).reason == words


readers = st.builds(
    Reader,
    barred_at=st.none() | moments,
    gave_at=st.none() | moments,
    quiet_until=st.none() | moments,
    is_erased=st.booleans(),
)


@given(everything, readers)
def test_nothing_known_of_a_reader_gives_her_anything(causes, reader):
    bare, known = decide(causes, NOW), decide(causes, NOW, reader)

    assert known.flags == (frozenset() if reader.is_erased or reader.barred_at else bare.flags)
    assert list(Ask).index(known.ask) <= list(Ask).index(bare.ask) or reader.is_erased


@given(everything, readers)
def test_nobody_who_gives_is_asked_to_give(causes, reader):
    decision = decide(causes, NOW, reader)

    assert decision.ask is Ask.NONE or decision.state in {State.ENDED, State.NONE}


@given(everything, everything)
def test_another_cause_never_takes_anything_away(some, more):
    alone, both = decide(some, NOW), decide([*some, *more], NOW)

    assert alone.flags <= both.flags
    assert list(State).index(both.state) <= list(State).index(alone.state)


@given(everything)
def test_the_order_of_the_causes_does_not_matter(causes):
    one, other = (decide(given, NOW) for given in (causes, causes[::-1]))

    assert (one.state, one.flags, one.tier, one.valid_until) == (
        other.state,
        other.flags,
        other.tier,
        other.valid_until,
    )


@given(orders)
def test_no_access_outlives_what_was_paid_by_more_than_the_stated_patience(order):
    if decide([order], NOW).flags:
        last_failure = order.failing_since or order.paid_through
        last_debit = order.debited_since or order.paid_through
        patient = [order.paid_through + max(RENEWAL_SLACK, GRACE), last_failure + GRACE, last_debit + BANK_DEBIT]
        assert max(patient) > NOW


@given(orders)
def test_whoever_has_paid_and_not_ended_is_never_refused(order):
    if order.paid_through and order.paid_through > NOW and not order.status.is_final:
        assert decide([order], NOW).state is State.ACTIVE


@given(everything)
def test_a_decision_is_never_fresh_beyond_its_life(causes):
    decision = decide(causes, NOW)

    assert NOW < decision.fresh_until <= NOW + timedelta(minutes=1)
    assert not decision.flags or decision.fresh_until <= (decision.valid_until or decision.fresh_until)


@given(everything, seats)
def test_a_seat_gives_until_its_end_and_never_later(causes, given_seat):
    decision = decide([*causes, given_seat], NOW)
    is_held = given_seat.starts_at <= NOW and (given_seat.ends_at is None or given_seat.ends_at > NOW)

    assert (Source.GROUP in decision.sources) == (is_held or Source.GROUP in decide(causes, NOW).sources)
    assert not is_held or given_seat.level.flags <= decision.flags


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (Source.GIFT, "friend: given by somebody else, until 25 November 2026."),
        (Source.OFFLINE, "friend: paid past the payment provider, until 25 November 2026."),
        (Source.DONATION, "friend: for a one-off gift, until 25 November 2026."),
    ],
)
def test_given_time_says_where_it_comes_from(source, words):
    decision = decide([given_time(source=source), comp(level=CIRCLE)], NOW)

    assert decision.sources == tuple(sorted(["comp", source]))
    assert (decision.tier, decision.flags) == ("circle", FRIEND.flags | CIRCLE.flags)
    assert words in decision.reason
