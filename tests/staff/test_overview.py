"""The first page: what came in, who is here, what waits."""

from datetime import timedelta

from membership.clock import utc_now
from membership.jobs.models import Job
from membership.money import Money
from membership.reports import rules
from membership.subscriptions.models import SubscriptionStatus
from membership.voting.models import RoundState
from tests.factories import make_payment, make_round, make_subscription

KYIV = "Europe/Kyiv"


def page(client):
    answer = client.get("/staff")
    assert answer.status_code == 200
    return " ".join(answer.text.split())


def last_month(hours=1):
    month = rules.step(rules.month_of(utc_now(), KYIV), -1)
    return rules.window_of(month, KYIV).since + timedelta(hours=hours)


def test_an_empty_newsroom_is_told_what_will_appear(viewer):
    text = page(viewer)

    assert "The first payment will be here as soon as somebody gives on the support page." in text
    assert "No vote is open." in text
    assert "No work is stuck." in text
    assert "No payment is late." in text


def test_what_came_in_is_told_per_currency_with_its_change(viewer, session):
    make_payment(session)
    make_payment(session, gross=Money(900, "gbp"), paid_at=last_month())
    make_payment(session, gross=Money(500, "usd"))
    make_payment(session, gross=Money(500, "usd"), paid_at=last_month())
    session.commit()

    text = page(viewer)

    assert "+€20: more than by this time of the month before." in text
    assert "−£9: less than by this time of the month before." in text
    assert "As much as by this time of the month before." in text
    assert text.count("<svg") == 3


def test_members_are_counted_now(viewer, session):
    make_subscription(session)
    session.commit()

    text = page(viewer)

    assert '<p class="figure">1</p>' in text
    assert "<dt>Friend</dt><dd>1</dd>" in text


def test_open_votes_late_payments_and_stuck_work_are_named(viewer, session):
    round = make_round(session, state=RoundState.OPEN)
    late = make_subscription(session, status=SubscriptionStatus.PAST_DUE)
    session.add(Job(key="k", kind="mail.send", payload={}, run_at=utc_now(), attempts=12, parked_at=utc_now()))
    session.commit()

    text = page(viewer)

    assert f"/staff/votes/rounds/{round.slug}" in text
    assert f"/staff/patrons/{late.patron.public_id}" in text
    assert late.patron.email not in text
    assert "1 piece of work keeps failing." in text
    assert "1 waits" in text
