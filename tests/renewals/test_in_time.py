"""Pauses that end and prices that rise: each is told in time, then done."""

from datetime import timedelta

import pytest
import time_machine

from membership.clock import utc_now
from membership.db import session as reading
from membership.db import transaction
from membership.money import Money
from membership.renewals import handlers
from membership.renewals.service import list_moves
from membership.subscriptions import handlers as subscriptions
from membership.subscriptions import rules
from membership.subscriptions.models import RiseNotice
from membership.tiers.models import Interval, Price, PriceKind
from membership.tiers.rules import LEAST_NOTICE
from membership.tiers.service import announce_rise, call_off_rise
from tests.subscriptions.making import letters, rows

DAY = timedelta(days=1)


def test_a_pause_that_ends_is_told_a_week_before_and_once(order, olena, row, session):
    subscriptions.pause(olena.id, 1)
    until = row(order).paused_until
    handlers.write({})
    early = letters(session)
    with time_machine.travel(until - 6 * DAY, tick=False):
        handlers.write({})
        handlers.write({})

    assert "pause_ending" not in early
    assert letters(session).count("pause_ending") == 1


@pytest.fixture
def raised(order, row, gateway):
    """Let Olena's tier rise to seven euros from the day after the least notice."""

    def rise(days=31):
        price = row(order).price
        with transaction() as session:
            at = utc_now() + days * DAY
            found = announce_rise(session, price.tier.slug, (Interval.MONTH, Money(700, "eur")), at, utc_now())
            found.price.stripe_price_id = "price_7"
            found_id = found.id
        gateway.add_price("price_7", Money(700, "eur"))
        return found_id

    return rise


def test_a_rise_is_told_thirty_days_before_and_asked_from_the_next_renewal(order, row, raised, session, gateway):
    raised()
    handlers.write({})
    handlers.act({})
    too_early = row(order).price.amount
    with time_machine.travel(row(order).period_ends_at - DAY, tick=False):
        handlers.write({})
    (notice,) = rows(session, RiseNotice)
    gateway.renew(order)
    subscriptions.mirror(gateway.get_subscription(order))
    handlers.act({})
    handlers.act({})

    assert too_early == Money(500, "eur")
    assert letters(session).count("price_rise") == 1
    assert notice.due_at - notice.told_at >= LEAST_NOTICE
    assert row(order).price.amount == Money(700, "eur")
    assert [key for name, key in gateway.calls if name == "move_price"] == [f"rise:{notice.id}"]
    assert rows(session, RiseNotice)[0].moved_at is not None


def test_who_is_told_late_is_asked_the_old_price_once_more(order, row, raised, session):
    raised()
    with time_machine.travel(utc_now() + 50 * DAY, tick=False):
        handlers.write({})
        (notice,) = rows(session, RiseNotice)

        assert notice.due_at - utc_now() >= LEAST_NOTICE


@pytest.mark.parametrize("who", ["on trust", "stopping", "pays as much", "called off", "changes herself"])
def test_some_are_left_in_peace(order, olena, row, raised, session, gateway, who):
    rise_id = raised()
    with time_machine.travel(row(order).period_ends_at - DAY, tick=False):
        handlers.write({})
    gateway.renew(order)
    with transaction() as current:
        price = current.get(Price, row(order).price_id)
        if who == "on trust":
            price.kind = PriceKind.CONCESSION
        elif who == "pays as much":
            price.amount = Money(700, "eur")
        elif who == "called off":
            call_off_rise(current, rise_id, utc_now())
    subscriptions.mirror(gateway.get_subscription(order))
    if who == "stopping":
        subscriptions.stop(olena.id)
    if who == "changes herself":
        gateway.add_price("price_3", Money(300, "eur"))
        with transaction() as current:
            less = Price(tier_id=price.tier_id, interval="month", amount=Money(300, "eur"), lookup_key="k3")
            less.kind, less.stripe_price_id = PriceKind.CHOSEN, "price_3"
            current.add(less)
        subscriptions.mirror(gateway.schedule_price(order, "price_3", key="hers"))

    assert list_moves(reading()) == []


def test_a_rise_asks_only_those_who_pay_less(order, row, raised, session):
    raised()
    with transaction() as current:
        current.get(Price, row(order).price_id).kind = PriceKind.CONCESSION
    with time_machine.travel(row(order).period_ends_at - DAY, tick=False):
        handlers.write({})

    assert rows(session, RiseNotice) == []


def test_the_first_renewal_from_a_day_keeps_the_31st():
    from_january = rules.months_after(utc_now().replace(month=1, day=31), 1, 31)

    assert rules.months_after(from_january, 1, 31).day == 31
    assert rules.months_after(from_january, 1, from_january.day).day == from_january.day
