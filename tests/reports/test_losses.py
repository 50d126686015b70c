"""What was lost is told beside what came in, and reports and books agree whatever happened."""

import hypothesis
import pytest
from hypothesis import strategies as st

from membership.clock import utc_now
from membership.db import session as reading
from membership.db import transaction
from membership.donations.models import Method
from membership.ledger.models import Account
from membership.ledger.service import offline_cause, reverse, write_off
from membership.money import Money
from membership.offline.service import OfflineDraft, enter
from membership.payments import fulfilment
from membership.payments.service import record_return
from membership.reports import rules, service
from tests.payments.story import Story
from tests.reports.test_rules import row

EUR5, EUR20 = Money(500, "eur"), Money(2000, "eur")
SUMS = st.integers(-(10**9), 10**9)


@pytest.fixture
def story(context, gateway):
    return Story(gateway)


@pytest.fixture
def given(context):
    """Return a function that enters a gift past Stripe of 20 euros, of which half a euro was the fee."""

    def give(method):
        with transaction() as session:
            draft = OfflineDraft(amount=EUR20, method=method, received_at=utc_now(), fee=Money(50, "eur"))
            return enter(session, draft)

    return give


def this_month():
    reading().rollback()
    reading().expire_all()
    return service.month_report(reading(), rules.month_of(utc_now(), "UTC"), "UTC")


def told():
    (total,) = this_month().totals
    return {name: getattr(total, name).minor for name in ("gross", "fee", "lost", "net")}


def test_a_dispute_and_its_fee_are_told_with_the_purpose_of_its_payment(story, sound_books):
    checkout = story.gateway.get_checkout(story.give())
    story.gateway.settle()
    story.fulfil(checkout.id)
    story.record(fulfilment.look_up_dispute(story.gateway, story.gateway.dispute(checkout.payment_intent_id)))

    assert told() == {"gross": 2000, "fee": 55, "lost": 4000, "net": 2000 - 55 - 4000}
    (part,) = this_month().by_purpose
    assert (part.key, part.figures.disputed, part.figures.dispute_fees) == ("donation", EUR20, EUR20)


def test_a_debit_that_came_back_is_told_on_its_own(story, sound_books):
    checkout = story.gateway.get_checkout(story.give())
    story.fulfil(checkout.id)
    story.gateway.send_back(checkout.payment_intent_id)
    story.fulfil(checkout.id)

    assert told() == {"gross": 2000, "fee": 55, "lost": 2000, "net": -55}
    (part,) = this_month().by_purpose
    assert (part.key, part.figures.returned) == ("donation", EUR20)
    rows = service.list_rows(reading(), rules.window_of(rules.month_of(utc_now(), "UTC"), "UTC"))
    assert [(one.kind.value, one.receipt_number[:2]) for one in rows] == [("payment", "R-"), ("return", "R-")]


def test_a_booking_that_is_mended_is_taken_out_of_its_purpose(given, sound_books):
    payment = given(Method.CHEQUE)
    with transaction() as session:
        reverse(session, offline_cause(payment.donation.reference), utc_now())

    assert told() == {"gross": 0, "fee": 0, "lost": 0, "net": 0}
    rows = service.list_rows(reading(), rules.window_of(rules.month_of(utc_now(), "UTC"), "UTC"))
    assert {(one.purpose, one.receipt_number) for one in rows} == {("donation", payment.receipt_number)}


def test_a_gift_that_went_back_the_way_it_came_is_a_refund(given, sound_books):
    with transaction() as session:
        record_return(session, given(Method.CHEQUE).receipt_number, reason="it bounced", actor="us")

    assert told()["net"] == -50


def test_a_grant_has_a_line_of_its_own(given, sound_books):
    given(Method.GRANT)

    (part,) = this_month().by_purpose
    assert (part.key, part.figures.net.minor) == ("grant", 1950)


def test_what_is_given_up_belongs_to_no_payment(context, sound_books):
    with transaction() as session:
        write_off(session, "w1", utc_now(), Account.CLEARING, EUR5)

    (part,) = this_month().by_purpose
    assert (part.key, part.figures.written_off, part.figures.net) == ("other", EUR5, -EUR5)


@hypothesis.given(SUMS, SUMS, SUMS)
def test_what_is_lost_is_the_sum_of_its_parts(disputed, fees, written_off):
    lost = {"disputed": disputed, "dispute_fees": fees, "written_off": written_off}
    one = row(**{name: Money(minor, "eur") for name, minor in lost.items()})

    assert one.lost.minor == disputed + fees + written_off
    assert one.net.minor == one.gross.minor - one.fee.minor - one.lost.minor
