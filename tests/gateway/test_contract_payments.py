"""What both gateways promise about payments and refunds, so that the one in memory cannot drift from the real one."""

from dataclasses import replace
from datetime import timedelta

import pytest

from membership.clock import utc_now
from membership.gateway.errors import GatewayRefused
from membership.gateway.values import ChargeSnapshot
from membership.money import Money
from tests.gateway.providers import DECLINED, EUR5, donation, key, mine

EUR20 = Money(2000, "eur")
MINUTE = timedelta(minutes=1)


def test_an_invoice_its_payment_and_its_charge_lead_to_each_other(stripe_side, subscribe, customer_id):
    (invoice,) = stripe_side.list_invoices_of(subscribe())
    (payment_id,) = invoice.payment_intent_ids

    payment = stripe_side.get_payment(payment_id)

    assert (payment.status, payment.amount, payment.customer_id) == ("succeeded", EUR5, customer_id)
    assert payment.reference == ""
    assert abs(payment.paid_at - utc_now()) < MINUTE
    assert stripe_side.get_charge(payment.charge_id) == ChargeSnapshot(payment_id, None)
    assert stripe_side.invoice_of_payment(payment_id) == invoice.id


def test_a_paid_donation_carries_our_reference_and_no_invoice(stripe_side, give):
    wish = donation()

    payment = stripe_side.get_payment(give(wish))

    assert (payment.status, payment.amount, payment.reference) == ("succeeded", EUR20, wish.reference)
    assert payment.customer_id is None
    assert stripe_side.invoice_of_payment(payment.id) is None


def test_a_declined_gift_is_an_attempt_without_money(provider, stripe_side):
    wish = donation()
    opened = stripe_side.open_donation_checkout(wish, key=key())

    provider.pay(opened.id, DECLINED)

    (tried,) = [one for one in stripe_side.list_payments(utc_now() - MINUTE) if one.reference == wish.reference]
    assert (tried.status, tried.charge_id, tried.paid_at) == ("requires_payment_method", None, None)
    assert tried.settlement is None


def test_the_fee_is_unknown_at_first_and_known_later(provider, stripe_side, give):
    payment_id = give(donation())
    assert stripe_side.get_payment(payment_id).settlement is None

    provider.settle()

    payment = stripe_side.get_payment(payment_id)
    settlement = payment.settlement
    assert (settlement.gross, settlement.fee, settlement.net) == (EUR20, Money(55, "eur"), Money(1945, "eur"))
    assert (settlement.category, settlement.source_id) == ("charge", payment.charge_id)
    assert mine(stripe_side.list_settlements(utc_now() - 5 * MINUTE), {settlement.id}) == [settlement]


def test_a_listed_payment_has_everything_but_its_refunds(provider, stripe_side, give):
    payment_id = give(donation())
    stripe_side.refund(payment_id, EUR5, reference="refund-0", key=key())
    provider.settle()

    (listed,) = mine(stripe_side.list_payments(utc_now() - 5 * MINUTE), {payment_id})

    assert listed == replace(stripe_side.get_payment(payment_id), refunds=())


def test_a_refund_takes_money_back_and_no_fee(provider, stripe_side, give):
    payment_id = give(donation())

    made = stripe_side.refund(payment_id, EUR20, reference="refund-1", key=key())
    provider.settle()

    refund = stripe_side.get_refund(made.id)
    assert (made.status, made.amount, made.reference) == ("succeeded", EUR20, "refund-1")
    assert made.payment_intent_id == payment_id
    assert (refund.settlement.gross, refund.settlement.fee) == (-EUR20, Money(0, "eur"))
    assert (refund.settlement.net, refund.settlement.category) == (-EUR20, "refund")
    assert refund.settlement.source_id == refund.id
    assert stripe_side.get_payment(payment_id).refunds == (refund,)
    assert mine(stripe_side.list_refunds(utc_now() - 5 * MINUTE), {refund.id}) == [refund]


def test_a_refund_asked_for_twice_under_one_key_is_one(stripe_side, give):
    payment_id, used = give(donation()), key()

    first = stripe_side.refund(payment_id, EUR5, reference="refund-2", key=used)

    assert stripe_side.refund(payment_id, EUR5, reference="refund-2", key=used).id == first.id
    assert len(stripe_side.get_payment(payment_id).refunds) == 1


def test_no_more_is_refunded_than_was_paid(stripe_side, give):
    payment_id = give(donation())
    stripe_side.refund(payment_id, Money(1500, "eur"), reference="refund-3", key=key())

    with pytest.raises(GatewayRefused):
        stripe_side.refund(payment_id, Money(501, "eur"), reference="refund-4", key=key())


def test_a_debit_that_was_paid_and_came_back_has_failed(provider, stripe_side):
    opened = stripe_side.open_donation_checkout(donation(), key=key())
    payment_id = provider.debit(opened.id)
    charge_id = stripe_side.get_payment(payment_id).charge_id

    provider.send_back(payment_id)

    payment, charge = stripe_side.get_payment(payment_id), stripe_side.get_charge(charge_id)
    assert (payment.status, payment.charge_id, payment.paid_at) == ("requires_payment_method", None, None)
    assert (charge.payment_intent_id, charge.returned) == (payment_id, payment.returned)
    back = payment.returned
    assert (back.id, back.payment_intent_id, back.settlement.net) == (charge_id, payment_id, Money(1945, "eur"))
    assert (back.failure.category, back.failure.source_id, back.failure.net) == ("charge_failure", charge_id, -EUR20)
