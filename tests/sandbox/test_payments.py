import pytest
import stripe

from membership.sandbox.billing.charging import fee_of


@pytest.mark.parametrize(
    ("amount", "currency", "fee"),
    [
        (2000, "eur", 55),
        (500, "eur", 33),
        (100, "eur", 27),
        (99, "eur", 26),
        (33, "eur", 25),
        (500, "jpy", 18),
        (14, "jpy", 1),
    ],
)
def test_the_fee_is_rounded_half_up(amount, currency, fee):
    assert fee_of(amount, currency) == fee


def test_the_fee_is_known_seconds_after_the_charge(sandbox):
    intent = sandbox.gift()
    charge = sandbox.v1.charges.retrieve(intent.latest_charge)
    assert charge.balance_transaction is None

    sandbox.settle()

    charge = sandbox.v1.charges.retrieve(charge.id, {"expand": ["balance_transaction"]})
    settled = charge.balance_transaction
    assert (settled.amount, settled.fee, settled.net) == (2000, 55, 1945)
    assert (settled.source, settled.type, settled.reporting_category) == (charge.id, "charge", "charge")
    assert settled.created == charge.created + 5
    assert sandbox.told()[-1] == "charge.updated"


def test_settled_money_is_available_two_days_later(sandbox):
    sandbox.post("/_sandbox/terms", {"payouts": "manual"})
    sandbox.gift()
    sandbox.settle()

    assert [(held.currency, held.amount) for held in sandbox.v1.balance.retrieve().pending] == [("eur", 1945)]
    sandbox.advance(days=2)
    balance = sandbox.v1.balance.retrieve()
    assert (balance.available[0].amount, balance.pending[0].amount) == (1945, 0)


def test_a_refund_gives_everything_back_but_the_fee(sandbox):
    intent = sandbox.gift()

    refund = sandbox.v1.refunds.create({"payment_intent": intent.id, "metadata": {"reference": "1"}})
    sandbox.settle()

    charge = sandbox.v1.charges.retrieve(intent.latest_charge)
    settled = sandbox.v1.refunds.retrieve(refund.id, {"expand": ["balance_transaction"]}).balance_transaction
    assert (refund.amount, refund.status, refund.charge) == (2000, "succeeded", charge.id)
    assert (charge.amount_refunded, charge.refunded) == (2000, True)
    assert (settled.amount, settled.fee, settled.net, settled.type) == (-2000, 0, -2000, "refund")
    assert sandbox.v1.balance.retrieve().pending[0].amount == -55
    for told in ("refund.created", "charge.refunded", "refund.updated"):
        assert told in sandbox.told()


def test_a_refund_may_be_partial_but_never_more_than_is_left(sandbox):
    intent = sandbox.gift()

    sandbox.v1.refunds.create({"payment_intent": intent.id, "amount": 1500, "reason": "duplicate"})

    charge = sandbox.v1.charges.retrieve(intent.latest_charge)
    assert (charge.amount_refunded, charge.refunded) == (1500, False)
    for amount in (501, 0):
        with pytest.raises(stripe.InvalidRequestError) as refusal:
            sandbox.v1.refunds.create({"charge": charge.id, "amount": amount})
        assert refusal.value.param == "amount"
    sandbox.v1.refunds.create({"charge": charge.id})
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        sandbox.v1.refunds.create({"charge": charge.id})
    assert refusal.value.code == "charge_already_refunded"
    assert [one.amount for one in sandbox.v1.refunds.list({"payment_intent": intent.id}).data] == [500, 1500]


@pytest.mark.parametrize(
    "params", [{}, {"charge": "ch_nothing"}, {"payment_intent": "pi_nothing"}, {"charge": "ch_1", "currency": "eur"}]
)
def test_a_refund_needs_a_payment(sandbox, params):
    with pytest.raises(stripe.InvalidRequestError):
        sandbox.v1.refunds.create(params)


def test_what_was_never_paid_is_not_refunded(sandbox):
    session = sandbox.open_gift()
    sandbox.pay(session, "4000000000000002")
    (intent,) = sandbox.v1.payment_intents.list().data
    unconfirmed = sandbox.world.store.add({**sandbox.world.store.get("payment_intent", intent.id), "id": "pi_untried"})
    unconfirmed["latest_charge"] = None

    for intent_id in (intent.id, "pi_untried"):
        with pytest.raises(stripe.InvalidRequestError) as refusal:
            sandbox.v1.refunds.create({"payment_intent": intent_id})
        assert refusal.value.code == "charge_not_refundable"


def test_a_payment_leads_to_its_invoice_and_back(sandbox):
    subscription = sandbox.member()

    (link,) = sandbox.v1.invoice_payments.list({"invoice": subscription.latest_invoice}).data

    asked = {"payment": {"type": "payment_intent", "payment_intent": link.payment.payment_intent}}
    assert [one.id for one in sandbox.v1.invoice_payments.list(asked).data] == [link.id]
    assert sandbox.v1.invoice_payments.retrieve(link.id).invoice == subscription.latest_invoice
    gift = {"payment": {"type": "payment_intent", "payment_intent": sandbox.gift().id}}
    assert sandbox.v1.invoice_payments.list(gift).data == []
    assert "invoice" not in sandbox.v1.payment_intents.retrieve(link.payment.payment_intent)


def test_movements_are_listed_by_what_caused_them(sandbox):
    intent = sandbox.gift()
    refund = sandbox.v1.refunds.create({"payment_intent": intent.id})
    sandbox.settle()
    transactions = sandbox.v1.balance_transactions

    assert [one.source for one in transactions.list().data] == [refund.id, intent.latest_charge]
    assert [one.source for one in transactions.list({"type": "refund"}).data] == [refund.id]
    (settled,) = transactions.list({"source": intent.latest_charge}).data
    assert transactions.retrieve(settled.id).fee_details[0].amount == settled.fee
