import pytest
import stripe

from membership.sandbox import currencies
from membership.sandbox.objects.balance import TYPES
from membership.sandbox.persistence import load, save
from tests.sandbox.driver import day, new_world, serving

NOON = "2026-03-02T12:00:00"


@pytest.fixture
def at_noon(tmp_path):
    with serving(new_world(tmp_path, NOON)) as driver:
        yield driver


def paid_out(sandbox):
    """Charge once and let the money arrive at the bank; return the payout."""
    sandbox.charge()
    sandbox.advance(days=4)
    (payout,) = sandbox.v1.payouts.list().data
    return payout


def test_what_is_available_is_paid_out_every_morning(at_noon):
    payout = paid_out(at_noon)

    assert (payout.amount, payout.currency, payout.status, payout.automatic) == (1945, "eur", "paid", True)
    assert (day(payout.created), day(payout.arrival_date)) == ("2026-03-04", "2026-03-05")
    told = [type for type in at_noon.told() if type.startswith("payout.")]
    assert told == ["payout.created", "payout.updated", "payout.reconciliation_completed", "payout.paid"]
    assert at_noon.v1.payouts.list({"status": "paid", "arrival_date": {"gte": payout.arrival_date}}).data
    assert at_noon.v1.payouts.list({"arrival_date": payout.created}).data == []


def test_a_payout_names_what_is_in_it(at_noon):
    at_noon.charge()
    at_noon.advance(seconds=44 * 3600 + 60)
    (payout,) = at_noon.v1.payouts.list().data
    assert (payout.status, payout.reconciliation_status) == ("pending", "in_progress")
    assert at_noon.movements(payout=payout.id) == []

    at_noon.advance(seconds=3600)

    members = at_noon.movements(payout=payout.id)
    assert [one.type for one in members] == ["charge", "payout"]
    assert sum(one.net for one in members) == 0
    assert members[-1].source == payout.id
    assert at_noon.v1.payouts.retrieve(payout.id).reconciliation_status == "completed"


def test_a_payout_that_fails_returns_to_the_balance_and_goes_out_again(at_noon):
    payout = paid_out(at_noon)

    failed = at_noon.post(f"/_sandbox/payouts/{payout.id}/fail", {"code": "no_account"})

    assert (failed["status"], failed["failure_code"]) == ("failed", "no_account")
    (back,) = at_noon.movements("payout_reversal")
    assert (back.net, back.type, back.id) == (1945, "payout_failure", failed["failure_balance_transaction"])
    assert at_noon.told()[-1] == "payout.failed"
    at_noon.advance(days=2)
    again = at_noon.v1.payouts.list().data[0]
    assert (again.amount, [one.type for one in at_noon.movements(payout=again.id)]) == (
        1945,
        ["payout_failure", "payout"],
    )
    assert "error" in at_noon.post(f"/_sandbox/payouts/{payout.id}/fail")


def test_a_bank_can_refuse_every_payout(at_noon):
    at_noon.terms(payouts_fail=True)
    at_noon.charge()

    at_noon.advance(days=4)

    assert at_noon.v1.payouts.list().data[-1].status == "failed"


def test_a_payout_that_failed_on_its_way_never_arrives(at_noon):
    at_noon.charge()
    at_noon.advance(seconds=44 * 3600 + 60)
    (payout,) = at_noon.v1.payouts.list().data
    at_noon.post(f"/_sandbox/payouts/{payout.id}/fail")

    at_noon.advance(days=1)

    assert at_noon.v1.payouts.retrieve(payout.id).status == "failed"
    assert at_noon.v1.payouts.retrieve(payout.id).reconciliation_status == "completed"


def test_a_negative_balance_waits_for_better_days(at_noon):
    charge = at_noon.charge(card="4000000000000077")
    at_noon.post(f"/_sandbox/charges/{charge.id}/dispute")

    at_noon.advance(days=3)

    assert at_noon.v1.payouts.list().data == []
    assert at_noon.v1.balance.retrieve().available[0].amount == -2055
    at_noon.charge(10000)
    at_noon.advance(days=4)
    (payout,) = at_noon.v1.payouts.list().data
    assert payout.amount == 10000 - 175 - 2055


def test_payouts_can_be_asked_for(at_noon):
    at_noon.terms(payouts="manual")
    at_noon.charge(card="4000000000000077")

    made = at_noon.v1.payouts.create({"amount": 1000, "currency": "eur", "description": "rent"})

    assert (made.automatic, made.reconciliation_status, made.description) == (False, "not_applicable", "rent")
    assert at_noon.v1.balance.retrieve().available[0].amount == 945
    assert at_noon.v1.payouts.update(made.id, {"metadata": {"a": "b"}}).metadata["a"] == "b"
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        at_noon.v1.balance_transactions.list({"payout": made.id})
    assert "only be filtered on automatic transfers" in str(refusal.value)
    at_noon.advance(days=3)
    assert at_noon.v1.payouts.retrieve(made.id).status == "paid"
    assert len(at_noon.v1.payouts.list().data) == 1
    with pytest.raises(stripe.InvalidRequestError):
        at_noon.v1.payouts.cancel(made.id)


def test_a_manual_payout_can_be_stopped(at_noon):
    at_noon.terms(payouts="manual")
    at_noon.charge(card="4000000000000077")
    made = at_noon.v1.payouts.create({"amount": 1000, "currency": "eur"})

    assert at_noon.v1.payouts.cancel(made.id).status == "canceled"

    assert at_noon.v1.balance.retrieve().available[0].amount == 1945
    at_noon.advance(days=3)
    assert at_noon.told()[-1] == "payout.canceled"


@pytest.mark.parametrize(("amount", "code"), [(1946, "balance_insufficient"), (0, "parameter_invalid_integer")])
def test_nobody_can_take_more_than_there_is(sandbox, amount, code):
    sandbox.charge(card="4000000000000077")

    with pytest.raises(stripe.InvalidRequestError) as refusal:
        sandbox.v1.payouts.create({"amount": amount, "currency": "eur"})

    assert refusal.value.code == code


def test_payouts_go_on_when_they_are_switched_on_again(at_noon):
    at_noon.terms(payouts="manual")
    at_noon.charge(card="4000000000000077")
    at_noon.advance(days=2)

    at_noon.terms(payouts="daily")
    at_noon.advance(days=1)

    assert [one.amount for one in at_noon.v1.payouts.list().data] == [1945]


@pytest.mark.parametrize("category", sorted(TYPES))
def test_every_category_of_the_reports_can_be_booked(sandbox, category):
    answer = sandbox.post("/_sandbox/movements", {"category": category, "amount": -150, "description": "November"})

    assert (answer["reporting_category"], answer["net"], answer["source"]) == (category, -150, None)


def test_foreign_money_is_settled_in_the_currency_of_the_account(sandbox):
    sandbox.terms(settles_in="eur", rates={"usd": 0.9})
    intent = sandbox.gift(1000, currency="usd")
    sandbox.settle()
    refund = sandbox.v1.refunds.create({"payment_intent": intent.id, "amount": 500})
    sandbox.terms(rates={"usd": 0.8})
    sandbox.settle()

    charge = sandbox.v1.charges.retrieve(intent.latest_charge, {"expand": ["balance_transaction"]})
    settled = charge.balance_transaction
    assert (charge.currency, charge.amount) == ("usd", 1000)
    assert (settled.currency, settled.amount, settled.fee, settled.exchange_rate) == ("eur", 900, 39, 0.9)
    given = sandbox.v1.refunds.retrieve(refund.id, {"expand": ["balance_transaction"]}).balance_transaction
    assert (refund.currency, given.currency, given.amount, given.exchange_rate) == ("usd", "eur", -400, 0.8)


def test_a_foreign_dispute_is_settled_as_well(sandbox):
    sandbox.terms(settles_in="eur", rates={"usd": 0.9})
    charge = sandbox.charge(1000, currency="usd")

    found = sandbox.post(f"/_sandbox/charges/{charge.id}/dispute")

    (moved,) = sandbox.movements("dispute")
    assert (found["amount"], moved.amount, moved.fee, moved.currency) == (1000, -900, 2000, "eur")


@pytest.mark.parametrize(
    ("amount", "source", "target", "rate", "converted"),
    [
        (500, "jpy", "eur", 0.0057, 285),
        (10000, "kwd", "eur", 2.8, 2800),
        (285, "eur", "jpy", 175.438596, 500),
        (1000, "eur", "kwd", 0.357143, 3571),
        (1, "eur", "usd", 0.5, 1),
        (-1, "eur", "usd", 0.5, -1),
    ],
)
def test_currencies_differ_in_their_minor_units(amount, source, target, rate, converted):
    assert currencies.convert(amount, source, target, rate) == converted


def test_a_rate_is_the_worth_of_one_in_the_other():
    assert currencies.rate("usd", "eur", {}) == 0.86
    assert currencies.rate("usd", "gbp", {"gbp": 1.29}) == 0.666667
    assert currencies.rate("xyz", "eur", {}) == 1.0


@pytest.mark.parametrize(("currency", "amount"), [("kwd", 5005), ("ugx", 550), ("isk", 101)])
def test_some_currencies_know_only_round_amounts(sandbox, currency, amount):
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        sandbox.open_gift(amount, currency)

    assert "must be a multiple of" in str(refusal.value)


def test_a_bank_is_sent_whole_forints_only(sandbox):
    sandbox.charge(200_050, currency="huf")
    sandbox.advance(days=4)

    with pytest.raises(stripe.InvalidRequestError, match="must be a multiple of 100"):
        sandbox.v1.payouts.create({"amount": 150, "currency": "huf"})


@pytest.mark.parametrize(("currency", "fee"), [("jpy", 72), ("kwd", 55)])
def test_zero_and_three_decimals_are_charged_as_they_are(sandbox, currency, fee):
    sandbox.charge(2000, currency=currency)

    assert [(one.amount, one.fee, one.currency) for one in sandbox.movements()] == [(2000, fee, currency)]


@pytest.mark.parametrize("terms", [{"weather": "fine"}, {"payouts": "hourly"}, {"refunds": "never"}])
def test_terms_that_nobody_offers_are_refused(sandbox, terms):
    assert "error" in sandbox.terms(**terms)
    assert sandbox.get("/_sandbox/terms")["payouts"] == "daily"


def test_terms_outlive_a_restart(tmp_path):
    world = new_world(tmp_path)
    with serving(world) as driver:
        driver.terms(settles_in="eur", payouts="manual", dispute_fee=1500)

    save(world, tmp_path / "state")

    assert load(tmp_path / "state", None).terms == world.terms
