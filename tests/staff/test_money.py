"""What came in, with the rows behind every sum; the file holds no more than the page."""

import csv
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest

from membership.money import Money
from membership.reports import exports
from membership.staff.views import money
from tests.factories import make_invoice, make_payment, make_price, make_refund, make_subscription, make_tier
from tests.staff.looking import acts

MIDDLE = datetime(2026, 10, 15, 10, tzinfo=UTC)


def text_of(answer):
    assert answer.status_code == 200
    return " ".join(answer.text.split())


@pytest.fixture
def october(session):
    tier = make_tier(session, slug="friend")
    subscription = make_subscription(session, price=make_price(session, tier=tier), paid=False)
    invoice = make_invoice(session, subscription=subscription)
    paid = {"paid_at": MIDDLE, "tier_id": tier.id, "patron_id": subscription.patron_id, "source": "/articles/river"}
    payment = make_payment(session, invoice=invoice, gross=Money(500, "eur"), fee_minor=None, **paid)
    make_refund(session, payment, amount=Money(200, "eur"), created_at=MIDDLE + timedelta(days=1))
    make_payment(session, paid_at=MIDDLE, gross=Money(90_000, "usd"))
    session.commit()
    return payment


def test_a_month_is_told_in_parts(viewer, october):
    text = text_of(viewer.get("/staff/money?month=2026-10"))

    assert "Money in October 2026" in text
    for part in ("Subscriptions", "One-off gifts", "Friend", "/articles/river", "No article known", "-2.00", "900.00"):
        assert part in text
    assert "In EUR there is 1 payment whose fee is not known yet; it is not in these sums." in text
    assert "/staff/money?month=2026-09" in text
    assert "/staff/money?month=2026-11" in text


def test_an_empty_month_is_told_what_will_appear(viewer):
    text = text_of(viewer.get("/staff/money"))

    assert "Nothing was paid or given back in this month." in text
    assert "csv" not in text.lower()


def test_a_month_that_is_none_is_refused(viewer):
    answer = viewer.get("/staff/money?month=soon")

    assert answer.status_code == 400
    assert "Please name a month like 2026-11." in answer.text


@pytest.mark.parametrize(
    ("asked", "count"),
    [("", 3), ("&currency=usd", 1), ("&purpose=subscription", 2), ("&tier=", 1), ("&source=/articles/river", 2)],
)
def test_every_sum_shows_its_rows(viewer, october, asked, count):
    text = text_of(viewer.get(f"/staff/money/rows?month=2026-10{asked}"))

    assert text.count("/staff/money/payments/") == count


def test_amounts_of_a_currency_without_a_fraction_have_none(viewer, session):
    make_payment(session, paid_at=MIDDLE, gross=Money(1500, "jpy"), fee_minor=0)
    session.commit()

    assert ">1,500<" in text_of(viewer.get("/staff/money?month=2026-10"))


def test_rows_that_are_not_there_are_not_hidden(viewer):
    nothing = text_of(viewer.get("/staff/money/rows?source=/never/read"))

    assert "No payment or refund of this month is like this." in nothing


@pytest.mark.parametrize("asked", ["tier=nope", "currency=zzz", "purpose=x'", "source=//evil.test"])
def test_a_filter_that_no_row_can_match_is_refused(viewer, asked):
    answer = viewer.get(f"/staff/money/rows?{asked}")

    assert answer.status_code == 400
    assert "This list cannot be narrowed like this." in answer.text


def test_rows_come_in_pages(viewer, october, monkeypatch):
    monkeypatch.setattr(money, "ROWS", 2)

    first = text_of(viewer.get("/staff/money/rows?month=2026-10"))
    second = text_of(viewer.get("/staff/money/rows?month=2026-10&page=2"))

    assert "/staff/money/rows?month=2026-10&amp;page=2" in first
    assert "Page before" in second
    assert "Next page" not in second


def test_the_rows_are_taken_away_as_csv_and_that_is_noted(finance, session, october):
    answer = finance.get("/staff/money/2026-10.csv")
    head, *lines = csv.reader(StringIO(answer.text.removeprefix(exports.BOM), newline=""))

    assert answer.content_type == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="money-2026-10.csv"'
    assert [line[head.index("gross")] for line in lines] == ["5.00", "900.00", "0.00"]
    assert [line[head.index("refunded")] for line in lines] == ["0.00", "0.00", "-2.00"]
    assert acts(session) == ["money.exported"]


def test_the_file_holds_no_more_than_the_page(finance, session, october):
    shown = text_of(finance.get("/staff/money/rows?month=2026-10"))
    written = finance.get("/staff/money/2026-10.csv").text
    email = october.invoice.subscription.patron.email

    # One column on the page tells kind, purpose and tier, one all that was lost to banks and given up.
    assert len(exports.HEAD) == shown.count('<th scope="col"') + 2 + 3
    assert "@" not in written
    assert email not in shown


def test_a_file_for_a_month_that_is_none_is_refused(finance):
    assert finance.get("/staff/money/soon.csv").status_code == 400


def test_only_finance_is_offered_the_file(viewer, finance, october):
    assert "2026-10.csv" not in viewer.get("/staff/money?month=2026-10").text
    assert "2026-10.csv" in finance.get("/staff/money?month=2026-10").text


def test_a_source_that_is_markup_is_inert(viewer, session):
    make_payment(session, paid_at=MIDDLE, source='/"><script>alert(1)</script>')
    session.commit()

    assert "<script>" not in viewer.get("/staff/money?month=2026-10").text
    assert "<script>" not in viewer.get("/staff/money/rows?month=2026-10").text
