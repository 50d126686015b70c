"""What came in: the right month, the right currency, to the minor unit."""

import random
from datetime import UTC, date, datetime, timedelta

import pytest

from membership.access.models import Comp
from membership.clock import utc_now
from membership.donations.models import DonationStatus
from membership.ledger.models import Account, JournalKind
from membership.ledger.service import balances, book
from membership.money import Money
from membership.reports import invariants, rules, service
from membership.reports.service import Cut
from membership.subscriptions.models import InvoiceStatus, SubscriptionStatus
from tests.factories import (
    make_donation,
    make_invoice,
    make_patron,
    make_payment,
    make_price,
    make_refund,
    make_subscription,
    make_tier,
)

KYIV = "Europe/Kyiv"
NOVEMBER = date(2026, 11, 1)
FIRST = datetime(2026, 10, 31, 22, tzinfo=UTC)
LAST = datetime(2026, 11, 30, 22, tzinfo=UTC)
MIDDLE = datetime(2026, 11, 15, tzinfo=UTC)


def report(session, month=NOVEMBER):
    session.flush()
    return service.month_report(session, month, KYIV)


def rows(session, month=NOVEMBER):
    session.flush()
    return list(service.list_rows(session, rules.window_of(month, KYIV)))


def only(figures):
    (found,) = figures
    return found


def give_month(session, tier=None, **fields):
    subscription = make_subscription(session, price=make_price(session, tier=tier or make_tier(session)), paid=False)
    invoice = make_invoice(session, subscription=subscription)
    return make_payment(session, invoice=invoice, gross=Money(500, "eur"), **fields)


def test_an_empty_month_has_no_figures(session):
    found = report(session)

    assert (found.totals, found.by_purpose, found.by_tier, found.by_source) == ([], [], [], [])
    assert found.as_of.tzinfo is not None


def test_gross_fee_refunds_and_net_are_told(session):
    make_refund(session, make_payment(session, paid_at=MIDDLE), amount=Money(500, "eur"), created_at=MIDDLE)

    total = only(report(session).totals)

    assert (total.gross, total.fee, total.refunded) == (Money(2000, "eur"), Money(60, "eur"), Money(500, "eur"))
    assert total.net == Money(1440, "eur")
    assert (total.payments, total.refunds) == (1, 1)


def test_a_month_begins_and_ends_where_the_publication_is(session):
    for moment in (FIRST - timedelta(microseconds=1), FIRST, LAST - timedelta(microseconds=1), LAST):
        make_payment(session, paid_at=moment)

    assert only(report(session).totals).payments == 2
    assert only(report(session, date(2026, 10, 1)).totals).payments == 1
    assert only(report(session, date(2026, 12, 1)).totals).payments == 1


def test_a_refund_counts_on_its_own_date(session):
    make_refund(session, make_payment(session, paid_at=FIRST - timedelta(days=1)), created_at=MIDDLE)

    assert only(report(session).totals).net == Money(-2000, "eur")
    assert only(report(session, date(2026, 10, 1)).totals).net == Money(1940, "eur")


def test_a_fee_that_is_not_known_yet_is_counted_and_not_guessed(session):
    make_payment(session, paid_at=MIDDLE, fee_minor=None)
    make_payment(session, paid_at=MIDDLE)

    total = only(report(session).totals)

    assert (total.fee, total.unknown_fees) == (Money(60, "eur"), 1)


def test_currencies_are_never_added_up(session):
    make_payment(session, paid_at=MIDDLE, gross=Money(90_000, "uah"))
    make_payment(session, paid_at=MIDDLE, gross=Money(700, "jpy"))

    assert [figures.gross for figures in report(session).totals] == [Money(700, "jpy"), Money(90_000, "uah")]


def test_money_is_told_by_purpose_tier_and_source(session):
    tier = make_tier(session, slug="friend")
    give_month(session, tier, paid_at=MIDDLE, tier_id=tier.id, source="/articles/river")
    make_payment(session, paid_at=MIDDLE)

    found = report(session)

    assert {part.key: part.figures.gross.minor for part in found.by_purpose} == {"donation": 2000, "subscription": 500}
    assert {part.key: part.figures.gross.minor for part in found.by_tier} == {"": 2000, "friend": 500}
    assert {part.key: part.figures.gross.minor for part in found.by_source} == {"": 2000, "/articles/river": 500}


def test_a_refund_takes_from_the_part_that_its_payment_came_from(session):
    payment = make_payment(session, paid_at=FIRST - timedelta(days=1), source="/articles/river")
    make_refund(session, payment, created_at=MIDDLE)

    assert only(report(session).by_source).key == "/articles/river"


def test_what_was_not_paid_is_not_money(session):
    make_donation(session, status=DonationStatus.FAILED)
    make_donation(session, status=DonationStatus.OPEN)
    subscription = make_subscription(session, paid=False)
    make_invoice(session, subscription=subscription, status=InvoiceStatus.OPEN, paid_at=None)
    comp = Comp(patron_id=make_patron(session).id, tier_id=make_tier(session).id, reason="A guest of ours")
    comp.starts_at, comp.ends_at = utc_now(), utc_now() + timedelta(days=3)
    session.add(comp)

    assert report(session, rules.month_of(utc_now(), KYIV)).totals == []


def test_the_rows_of_a_month_sum_to_its_totals(session):
    chance = random.Random(7)
    for _ in range(40):
        gross = Money(chance.randint(100, 9000), chance.choice(["eur", "usd"]))
        when = FIRST + timedelta(hours=chance.randint(-400, 1100))
        payment = make_payment(session, gross=gross, paid_at=when, fee_minor=chance.choice([None, 30]))
        if chance.random() < 0.3:
            make_refund(session, payment, created_at=when + timedelta(days=chance.randint(0, 40)))

    for total in report(session).totals:
        own = [row for row in rows(session) if row.gross.currency == total.currency]

        assert sum(row.gross.minor for row in own) == total.gross.minor
        assert sum(row.refunded.minor for row in own) == total.refunded.minor
        assert sum(row.fee.minor for row in own if row.fee) == total.fee.minor
        assert sum(row.fee is None for row in own) == total.unknown_fees


def test_rows_come_in_order_with_all_that_is_told_of_them(session):
    later = make_payment(session, paid_at=MIDDLE, fee_minor=None, source="/articles/river")
    make_refund(session, later, created_at=MIDDLE + timedelta(hours=1))
    make_payment(session, paid_at=FIRST)

    first, second, third = rows(session)

    assert [row.moment for row in (first, second, third)] == [FIRST, MIDDLE, MIDDLE + timedelta(hours=1)]
    assert (second.receipt_number, second.source, second.fee) == (later.receipt_number, "/articles/river", None)
    assert (third.kind, third.gross, third.refunded) == ("refund", Money(0, "eur"), Money(2000, "eur"))


@pytest.mark.parametrize(
    ("cut", "count"),
    [
        (Cut(), 3),
        (Cut(source=""), 2),
        (Cut(source="/articles/river"), 1),
        (Cut(currency="usd"), 1),
        (Cut(purpose="subscription"), 0),
        (Cut(tier=""), 3),
        (Cut(tier="friend"), 0),
    ],
)
def test_the_rows_behind_a_sum_can_be_asked_for(session, cut, count):
    make_payment(session, paid_at=MIDDLE, source="/articles/river")
    make_payment(session, paid_at=MIDDLE)
    make_payment(session, paid_at=MIDDLE, gross=Money(900, "usd"))
    session.flush()

    assert len(list(service.list_rows(session, rules.window_of(NOVEMBER, KYIV), cut))) == count


def test_rows_come_in_pages(session):
    payments = [make_payment(session, paid_at=MIDDLE + timedelta(hours=hour)) for hour in range(3)]
    session.flush()

    page = service.list_rows(session, rules.window_of(NOVEMBER, KYIV), offset=1, most=1)

    assert [row.receipt_number for row in page] == [payments[1].receipt_number]


def test_a_refund_that_came_back_is_taken_out_again(session):
    refund = make_refund(session, make_payment(session, paid_at=FIRST - timedelta(days=2)), created_at=MIDDLE)
    legs = [(Account.REFUNDS, -refund.amount), (Account.CLEARING, refund.amount)]
    book(session, f"refund_failed:{refund.stripe_refund_id}", JournalKind.REFUND, LAST, legs)

    assert only(report(session).totals).refunded == Money(2000, "eur")
    assert only(report(session, date(2026, 12, 1)).totals).refunded == Money(-2000, "eur")


def test_a_year_is_a_list_of_months(session):
    make_payment(session, paid_at=MIDDLE)
    session.flush()

    months = service.list_months(session, NOVEMBER, KYIV)

    assert [month for month, _ in months] == [rules.step(NOVEMBER, -back) for back in range(11, -1, -1)]
    assert only(months[-1][1]).gross == Money(2000, "eur")
    assert all(figures == [] for _, figures in months[:-1])


def test_a_month_so_far_is_compared_with_the_same_stretch_of_the_last(session):
    for moment in (datetime(2026, 10, 5, tzinfo=UTC), datetime(2026, 10, 25, tzinfo=UTC), MIDDLE - timedelta(days=5)):
        make_payment(session, paid_at=moment)
    make_payment(session, paid_at=MIDDLE - timedelta(days=1), gross=Money(100, "usd"))
    session.flush()

    euro, dollar = service.compare(session, NOVEMBER, KYIV, MIDDLE)

    assert (euro.present.gross, euro.past.gross) == (Money(2000, "eur"), Money(2000, "eur"))
    assert (dollar.present.gross, dollar.past.gross) == (Money(100, "usd"), Money(0, "usd"))
    assert dollar.difference == Money(100, "usd")


def test_members_are_counted_by_the_tier_that_lets_them_in(session):
    tier = make_tier(session, slug="friend")
    price = make_price(session, tier=tier)
    make_subscription(session, price=price)
    make_subscription(session, price=price)
    make_subscription(session, paid=False)
    make_subscription(session, price=make_price(session, tier=make_tier(session, slug="thanks", flags=[])))
    session.flush()

    assert service.count_members(session, utc_now()) == {"friend": 2}


def test_begun_and_ended_subscriptions_are_counted_in_their_month(session):
    ended = {"status": SubscriptionStatus.ENDED, "ended_at": MIDDLE}
    make_subscription(session, started_at=MIDDLE)
    make_subscription(session, started_at=FIRST - timedelta(days=90), **ended)
    make_subscription(session, started_at=MIDDLE, status=SubscriptionStatus.INCOMPLETE, paid=False)

    found = report(session)

    assert (found.begun, found.ended) == (1, 1)


def test_reports_equal_the_journal(session):
    make_refund(session, make_payment(session))
    give_month(session)
    session.flush()

    assert invariants.reports_equal_the_journal(session) == []
    assert balances(session)[Account.REFUNDS, "eur"] == 2000


@pytest.mark.parametrize(
    ("account", "offence"), [(Account.DONATION_INCOME, "gross in eur"), (Account.REFUNDS, "refunded in eur")]
)
def test_what_reports_and_journal_tell_differently_is_found(session, account, offence):
    legs = [(Account.CLEARING, Money(700, "eur")), (account, Money(-700, "eur"))]
    book(session, "payment:pi_unknown", JournalKind.PAYMENT, MIDDLE, legs)

    assert invariants.reports_equal_the_journal(session) == [offence]


def test_what_covers_fees_is_counted_apart_and_a_gift_for_somebody_else_has_its_own_line(session):
    covered = make_donation(session, amount=Money(2056, "eur"), cover_minor=56)
    bought = make_donation(session, amount=Money(6000, "eur"), purpose="membership")
    make_payment(session, donation=covered, gross=covered.amount, paid_at=MIDDLE)
    make_payment(session, donation=bought, gross=bought.amount, paid_at=MIDDLE)
    total = only(report(session).totals)

    assert (total.gross.minor, total.covered.minor, total.net.minor) == (8000, 56, 8056 - 120)
    assert {part.key: part.figures.gross.minor for part in report(session).by_purpose} == {
        "gift": 6000,
        "donation": 2000,
    }
    assert invariants.reports_equal_the_journal(session) == []
