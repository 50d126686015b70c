"""What both gateways promise about disputes and fraud warnings; it keeps the one in memory true."""

from datetime import timedelta

import pytest

from membership.clock import utc_now
from membership.gateway.errors import GatewayMissing
from membership.money import Money
from tests.gateway.providers import EUR5, donation, mine

EUR20, FEE = Money(2000, "eur"), Money(2000, "eur")


def since():
    return utc_now() - timedelta(minutes=5)


def test_a_dispute_takes_the_money_and_a_fee(provider, stripe_side, give):
    payment_id = give(donation())
    dispute = stripe_side.get_dispute(provider.dispute(payment_id))

    (taken,) = dispute.settlements
    assert (dispute.payment_intent_id, dispute.amount, dispute.status) == (payment_id, EUR20, "needs_response")
    assert dispute.charge_id == stripe_side.get_payment(payment_id).charge_id
    assert (taken.category, taken.source_id) == ("dispute", dispute.id)
    assert (taken.gross, taken.fee, taken.net) == (-EUR20, FEE, -EUR20 - FEE)
    assert mine(stripe_side.list_disputes(since()), {dispute.id}) == [dispute]


def test_a_part_of_a_payment_can_be_disputed(provider, stripe_side, give):
    dispute = stripe_side.get_dispute(provider.dispute(give(donation()), amount=EUR5))

    assert (dispute.amount, dispute.settlements[0].gross) == (EUR5, -EUR5)


def test_a_dispute_that_is_won_brings_the_money_back(provider, stripe_side, give):
    dispute_id = provider.dispute(give(donation()))
    provider.close(dispute_id, "won")

    dispute = stripe_side.get_dispute(dispute_id)
    assert (dispute.status, len(dispute.settlements)) == ("won", 2)
    back = next(one for one in dispute.settlements if one.gross.minor > 0)
    assert (back.category, back.gross, back.source_id) == ("dispute_reversal", EUR20, dispute_id)


def test_a_dispute_that_is_lost_moves_nothing_more(provider, stripe_side, give):
    dispute_id = provider.dispute(give(donation()))
    provider.close(dispute_id, "lost")

    dispute = stripe_side.get_dispute(dispute_id)
    assert (dispute.status, len(dispute.settlements)) == ("lost", 1)


def test_an_inquiry_moves_nothing(provider, stripe_side, give):
    dispute_id = provider.dispute(give(donation()), inquiry=True)
    asked = stripe_side.get_dispute(dispute_id)
    provider.close(dispute_id, "warning_closed")

    assert (asked.status, asked.settlements) == ("warning_needs_response", ())
    assert stripe_side.get_dispute(dispute_id).status == "warning_closed"


def test_a_warning_names_the_payment(provider, stripe_side, give):
    payment_id = give(donation())
    provider.warn(payment_id)

    (warning,) = [one for one in stripe_side.list_fraud_warnings(since()) if one.payment_intent_id == payment_id]
    assert stripe_side.get_fraud_warning(warning.id) == warning
    assert (warning.is_actionable, warning.kind) == (True, "made_with_stolen_card")


@pytest.mark.parametrize("name", ["get_dispute", "get_fraud_warning"])
def test_what_does_not_exist_is_missing(stripe_side, name):
    with pytest.raises(GatewayMissing):
        getattr(stripe_side, name)("nothing_1")
