"""What both gateways promise about payouts and what is in them; it keeps the one in memory true."""

from datetime import timedelta

import pytest

from membership.clock import utc_now
from membership.gateway.errors import GatewayMissing
from membership.money import Money
from tests.gateway.providers import donation, key, mine


@pytest.fixture
def paid_out(provider, stripe_side, give):
    """Give once, let it reach the bank; return the payment's settlement and the payout that it left with."""
    payment_id = give(donation())
    provider.settle()
    settlement = stripe_side.get_payment(payment_id).settlement
    provider.pay_out()
    for payout in stripe_side.list_payouts(utc_now() - timedelta(days=10)):
        if settlement in list(stripe_side.list_settlements_of(payout.id)):
            return settlement, payout
    raise AssertionError("it never left")


def test_a_payout_tells_what_is_in_it_and_not_itself(stripe_side, paid_out):
    settlement, payout = paid_out
    lines = list(stripe_side.list_settlements_of(payout.id))

    assert payout == stripe_side.get_payout(payout.id)
    assert (payout.status, payout.is_automatic, payout.is_complete) == ("paid", True, True)
    assert sum(line.net.minor for line in lines) == payout.amount.minor
    assert settlement in lines
    assert payout.settlement not in lines


def test_a_payout_takes_its_amount_off_the_balance(stripe_side, paid_out):
    _, payout = paid_out

    left = payout.settlement
    assert (left.category, left.source_id, left.net, left.fee.minor) == ("payout", payout.id, -payout.amount, 0)
    assert mine(stripe_side.list_settlements(payout.created_at), {left.id}) == [left]
    assert payout.failure is None


def test_a_payout_may_fail_after_it_was_paid(provider, stripe_side, paid_out):
    _, payout = paid_out
    provider.fail_payout(payout.id)

    failed = stripe_side.get_payout(payout.id)
    assert failed.status == "failed"
    assert (failed.failure.category, failed.failure.net) == ("payout_reversal", payout.amount)


def test_a_payout_that_does_not_exist_is_missing(stripe_side):
    with pytest.raises(GatewayMissing):
        stripe_side.get_payout("po_nothing")


def test_a_refund_that_fails_brings_the_money_home(provider, stripe_side, give):
    refund = stripe_side.refund(give(donation()), Money(500, "eur"), reference="refund-9", key=key())
    provider.settle()
    provider.fail_refund(refund.id)

    failed = stripe_side.get_refund(refund.id)
    assert (failed.status, failed.failure.category) == ("failed", "refund_failure")
    assert (failed.failure.net, failed.failure.source_id) == (Money(500, "eur"), refund.id)


@pytest.mark.parametrize("listed", ["checkouts", "settlements", "events"])
def test_a_list_goes_on_after_what_it_gave_before(stripe_side, give, listed):
    for _ in range(3):
        give(donation())
    since = utc_now() - timedelta(minutes=5)
    whole = list(getattr(stripe_side, f"list_{listed}")(since))

    rest = list(getattr(stripe_side, f"list_{listed}")(since, whole[0].id)) if whole else []
    assert rest == whole[1:]
