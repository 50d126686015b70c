import pytest
import stripe

LATE, FAILS = "4000000000007726", "4000000000005126"


def refund(sandbox, charge, **fields):
    return sandbox.v1.refunds.create({"charge": charge.id, **fields})


def test_a_refund_can_fail_a_day_later(sandbox):
    charge = sandbox.charge(card=FAILS)
    made = refund(sandbox, charge, amount=500, expand=["failure_balance_transaction"])
    assert made.status == "succeeded"

    sandbox.advance(days=1)

    failed = sandbox.v1.refunds.retrieve(made.id, {"expand": ["failure_balance_transaction"]})
    back = failed.failure_balance_transaction
    assert (failed.status, failed.failure_reason) == ("failed", "lost_or_stolen_card")
    assert (back.amount, back.fee, back.type, back.reporting_category) == (500, 0, "refund_failure", "refund_failure")
    charge = sandbox.v1.charges.retrieve(charge.id)
    assert (charge.amount_refunded, charge.refunded) == (0, False)
    assert sandbox.told()[-3:] == ["charge.updated", "refund.updated", "refund.failed"]
    assert sum(one.net for one in sandbox.movements()) == 2000 - 55


def test_a_refund_can_be_pending_for_a_day(sandbox):
    made = refund(sandbox, sandbox.charge(card=LATE))
    assert (made.status, made.pending_reason) == ("pending", "processing")

    sandbox.advance(days=1)

    assert sandbox.v1.refunds.retrieve(made.id).status == "succeeded"


@pytest.mark.parametrize(
    ("outcome", "first", "last"),
    [("pend", "pending", "succeeded"), ("fail", "succeeded", "failed"), ("succeed", "succeeded", "succeeded")],
)
def test_a_term_decides_how_refunds_end(sandbox, outcome, first, last):
    sandbox.terms(refunds=outcome)
    made = refund(sandbox, sandbox.charge())

    sandbox.advance(days=1)

    assert (made.status, sandbox.v1.refunds.retrieve(made.id).status) == (first, last)


def test_a_bank_sends_back_what_was_not_even_settled(sandbox):
    made = refund(sandbox, sandbox.charge())

    answer = sandbox.post(f"/_sandbox/refunds/{made.id}/fail", {"reason": "expired_or_canceled_card"})

    assert (answer["status"], answer["failure_reason"]) == ("failed", "expired_or_canceled_card")
    assert [one.net for one in sandbox.movements("refund", "refund_failure")] == [-2000, 2000]
    sandbox.settle()
    assert len(sandbox.movements("refund")) == 1
    assert "error" in sandbox.post(f"/_sandbox/refunds/{made.id}/fail")


def test_a_pending_refund_arrives_or_comes_back_when_told(sandbox):
    sandbox.terms(refunds="pend")
    arriving, returning = (refund(sandbox, sandbox.charge()) for _ in range(2))

    assert sandbox.post(f"/_sandbox/refunds/{arriving.id}/succeed")["status"] == "succeeded"
    assert sandbox.post(f"/_sandbox/refunds/{returning.id}/fail")["status"] == "failed"

    assert "error" in sandbox.post(f"/_sandbox/refunds/{arriving.id}/succeed")
    sandbox.advance(days=1)
    assert sandbox.v1.refunds.retrieve(returning.id).status == "failed"


def test_a_failing_refund_that_failed_already_stays_so(sandbox):
    made = refund(sandbox, sandbox.charge(card=FAILS))
    sandbox.post(f"/_sandbox/refunds/{made.id}/fail")

    sandbox.advance(days=1)

    assert len(sandbox.movements("refund_failure")) == 1


def test_a_refund_that_waits_for_its_receiver_can_be_cancelled(sandbox):
    sandbox.terms(refunds="require_action")
    charge = sandbox.charge()
    made = refund(sandbox, charge, reason="fraudulent")
    assert (made.status, made.next_action.type) == ("requires_action", "display_details")

    assert sandbox.v1.refunds.cancel(made.id).status == "canceled"

    after = sandbox.v1.charges.retrieve(charge.id)
    assert (after.amount_refunded, after.fraud_details.user_report) == (0, "fraudulent")
    assert sandbox.movements("refund") == []
    with pytest.raises(stripe.InvalidRequestError):
        sandbox.v1.refunds.cancel(made.id)


def test_a_refund_can_be_annotated(sandbox):
    made = refund(sandbox, sandbox.charge())

    assert sandbox.v1.refunds.update(made.id, {"metadata": {"why": "asked"}}).metadata["why"] == "asked"
    assert sandbox.told()[-1] == "refund.updated"


def test_what_was_refunded_in_full_settles_its_warning(sandbox):
    charge = sandbox.charge()
    sandbox.post(f"/_sandbox/charges/{charge.id}/warn", {"fraud_type": "misc"})

    refund(sandbox, charge, amount=500)
    (warning,) = sandbox.v1.radar.early_fraud_warnings.list({"charge": charge.id}).data
    assert (warning.actionable, warning.fraud_type) == (True, "misc")
    refund(sandbox, charge)

    assert not sandbox.v1.radar.early_fraud_warnings.retrieve(warning.id).actionable
    assert sandbox.told()[-1] == "radar.early_fraud_warning.updated"
