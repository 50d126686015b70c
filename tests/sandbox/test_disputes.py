import pytest
import stripe

CARDS = {"fraud": "4000000000000259", "absent": "4000000000002685", "asks": "4000000000001976"}
WARNED = "4000000000005423"
FEE = 2000


def dispute(sandbox, charge, **fields):
    return sandbox.post(f"/_sandbox/charges/{charge.id}/dispute", fields)


def only(sandbox, **filters):
    (found,) = sandbox.v1.disputes.list(filters).data
    return found


def told_of_disputes(sandbox):
    return [type.removeprefix("charge.dispute.") for type in sandbox.told() if "dispute" in type]


def test_a_card_can_dispute_by_itself(sandbox):
    intent = sandbox.gift(card=CARDS["fraud"])

    sandbox.advance(seconds=60)

    found = only(sandbox, payment_intent=intent.id)
    assert (found.amount, found.status, found.reason, found.currency) == (2000, "needs_response", "fraudulent", "eur")
    (moved,) = found.balance_transactions
    assert (moved.amount, moved.fee, moved.net) == (-2000, FEE, -2000 - FEE)
    assert (moved.type, moved.reporting_category, moved.source) == ("adjustment", "dispute", found.id)
    assert moved.fee_details[0].description == "Dispute fee"
    assert sandbox.v1.charges.retrieve(found.charge).disputed
    assert told_of_disputes(sandbox) == ["created", "funds_withdrawn"]


def test_a_dispute_says_why(sandbox):
    sandbox.gift(card=CARDS["absent"])

    sandbox.advance(seconds=60)

    assert only(sandbox).reason == "product_not_received"


def test_an_inquiry_moves_no_money_and_blocks_no_refund(sandbox):
    sandbox.gift(card=CARDS["asks"])
    sandbox.advance(seconds=60)
    inquiry = only(sandbox)
    assert (inquiry.status, inquiry.balance_transactions) == ("warning_needs_response", [])
    assert inquiry.is_charge_refundable

    sandbox.v1.refunds.create({"charge": inquiry.charge})

    assert only(sandbox).status == "warning_closed"
    assert told_of_disputes(sandbox) == ["created", "closed"]
    assert sandbox.movements("dispute") == []


def test_an_inquiry_can_become_a_dispute(sandbox):
    inquiry = dispute(sandbox, sandbox.charge(), inquiry=True)

    escalated = sandbox.post(f"/_sandbox/disputes/{inquiry['id']}/escalate")

    assert (escalated["status"], escalated["is_charge_refundable"]) == ("needs_response", False)
    assert [one.net for one in sandbox.movements("dispute")] == [-2000 - FEE]
    assert told_of_disputes(sandbox) == ["created", "updated", "funds_withdrawn"]
    assert "error" in sandbox.post(f"/_sandbox/disputes/{inquiry['id']}/escalate")


def test_a_charge_cannot_be_refunded_while_it_is_disputed(sandbox):
    charge = sandbox.charge()
    found = dispute(sandbox, charge, amount=500)
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        sandbox.v1.refunds.create({"charge": charge.id, "amount": 100})
    assert refusal.value.code == "charge_disputed"

    sandbox.post(f"/_sandbox/disputes/{found['id']}/close", {"status": "lost"})

    assert sandbox.v1.refunds.create({"charge": charge.id}).amount == 1500
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        sandbox.v1.refunds.create({"charge": charge.id})
    assert refusal.value.code == "charge_disputed"


def test_a_lost_dispute_is_gone_with_its_fee(sandbox):
    found = dispute(sandbox, sandbox.charge())

    sandbox.post(f"/_sandbox/disputes/{found['id']}/close", {"status": "lost"})

    assert sum(one.net for one in sandbox.movements()) == -55 - FEE
    assert told_of_disputes(sandbox) == ["created", "funds_withdrawn", "closed"]


@pytest.mark.parametrize(("returns", "fee"), [(False, 0), (True, -FEE)])
def test_a_won_dispute_brings_the_money_back(sandbox, returns, fee):
    sandbox.terms(returns_dispute_fee=returns)
    charge = sandbox.charge()
    found = dispute(sandbox, charge, reason="subscription_canceled")

    won = sandbox.post(f"/_sandbox/disputes/{found['id']}/close", {"status": "won"})

    (back,) = sandbox.movements("dispute_reversal")
    assert (back.amount, back.fee, back.net) == (2000, fee, 2000 - fee)
    assert len(won["balance_transactions"]) == 2
    assert told_of_disputes(sandbox)[-2:] == ["closed", "funds_reinstated"]
    assert sandbox.v1.refunds.create({"charge": charge.id}).status == "succeeded"


@pytest.mark.parametrize(
    ("words", "span", "status"),
    [
        ("winning_evidence", {"seconds": 61}, "won"),
        ("losing_evidence", {"seconds": 61}, "lost"),
        ("She read it every day.", {"days": 1}, "under_review"),
        ("She read it every day.", {"days": 61}, "lost"),
    ],
)
def test_evidence_is_weighed(sandbox, words, span, status):
    found = dispute(sandbox, sandbox.charge())

    answered = sandbox.v1.disputes.update(found["id"], {"evidence": {"uncategorized_text": words}})
    assert (answered.status, answered.evidence_details.submission_count) == ("under_review", 1)
    sandbox.advance(**span)

    assert only(sandbox).status == status


def test_evidence_can_be_drafted_before_it_is_sent(sandbox):
    found = dispute(sandbox, sandbox.charge())
    drafted = {"evidence": {"product_description": "A year of news"}, "submit": False, "metadata": {"by": "olena"}}

    sandbox.v1.disputes.update(found["id"], {"metadata": {"seen": "yes"}})
    kept = sandbox.v1.disputes.update(found["id"], drafted)
    sent = sandbox.v1.disputes.update(found["id"], {"submit": True})

    assert (kept.status, kept.evidence_details.has_evidence, kept.metadata["by"]) == ("needs_response", True, "olena")
    assert sent.status == "under_review"
    with pytest.raises(stripe.InvalidRequestError):
        sandbox.v1.disputes.update(found["id"], {"evidence": {"uncategorized_text": "more"}})


def test_evidence_has_a_length(sandbox):
    found = dispute(sandbox, sandbox.charge())

    with pytest.raises(stripe.InvalidRequestError):
        sandbox.v1.disputes.update(found["id"], {"evidence": {"uncategorized_text": "x" * 150_001}})


@pytest.mark.parametrize(("inquiry", "status"), [(False, "lost"), (True, "warning_closed")])
def test_what_nobody_answers_is_closed_in_time(sandbox, inquiry, status):
    dispute(sandbox, sandbox.charge(), inquiry=inquiry)

    sandbox.advance(days=10)

    closed = only(sandbox)
    assert (closed.status, closed.evidence_details.past_due) == (status, True)


def test_an_escalated_inquiry_has_time_of_its_own(sandbox):
    inquiry = dispute(sandbox, sandbox.charge(), inquiry=True)
    sandbox.advance(days=5)
    sandbox.post(f"/_sandbox/disputes/{inquiry['id']}/escalate")

    sandbox.advance(days=5)
    assert only(sandbox).status == "needs_response"
    sandbox.advance(days=5)

    assert only(sandbox).status == "lost"


def test_an_answered_inquiry_is_dropped(sandbox):
    inquiry = dispute(sandbox, sandbox.charge(), inquiry=True)

    answered = sandbox.v1.disputes.update(inquiry["id"], {"evidence": {"uncategorized_text": "winning_evidence"}})
    assert answered.status == "warning_under_review"
    sandbox.advance(seconds=61)

    assert only(sandbox).status == "warning_closed"


def test_a_decision_that_was_made_already_stands(sandbox):
    found = dispute(sandbox, sandbox.charge())
    sandbox.v1.disputes.update(found["id"], {"evidence": {"uncategorized_text": "losing_evidence"}})
    sandbox.post(f"/_sandbox/disputes/{found['id']}/close", {"status": "won"})

    sandbox.advance(seconds=61)

    assert only(sandbox).status == "won"


@pytest.mark.parametrize(("inquiry", "status"), [(False, "lost"), (True, "warning_closed")])
def test_a_dispute_can_be_accepted(sandbox, inquiry, status):
    found = dispute(sandbox, sandbox.charge(), inquiry=inquiry)

    assert sandbox.v1.disputes.close(found["id"]).status == status

    with pytest.raises(stripe.InvalidRequestError):
        sandbox.v1.disputes.close(found["id"])
    sandbox.advance(days=10)
    assert told_of_disputes(sandbox).count("closed") == 1


def test_a_bank_warns_of_fraud(sandbox):
    sandbox.gift(card=WARNED)

    sandbox.advance(seconds=60)

    (warning,) = sandbox.v1.radar.early_fraud_warnings.list().data
    assert warning.actionable
    assert "radar.early_fraud_warning.created" in sandbox.told()


def test_a_warning_about_what_is_disputed_leaves_nothing_to_do(sandbox):
    charge = sandbox.charge()
    before = sandbox.post(f"/_sandbox/charges/{charge.id}/warn")
    dispute(sandbox, charge)

    after = sandbox.post(f"/_sandbox/charges/{charge.payment_intent}/warn")

    assert (before["actionable"], after["actionable"]) == (True, False)
    assert not sandbox.v1.radar.early_fraud_warnings.retrieve(before["id"]).actionable


def test_a_card_disputes_only_what_is_still_paid(sandbox):
    intent = sandbox.gift(card=CARDS["fraud"])
    sandbox.v1.refunds.create({"payment_intent": intent.id})

    sandbox.advance(seconds=60)

    assert sandbox.v1.disputes.list().data == []


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("dispute", {"amount": 2001}),
        ("dispute", {"amount": 0}),
        ("dispute", {"reason": "mood"}),
        ("warn", {"fraud_type": "mood"}),
    ],
)
def test_what_no_bank_would_say_is_refused(sandbox, path, fields):
    assert "error" in sandbox.post(f"/_sandbox/charges/{sandbox.charge().id}/{path}", fields)


def test_what_was_never_paid_or_is_decided_cannot_be_disputed_or_closed(sandbox):
    session = sandbox.open_gift()
    sandbox.pay(session, "4000000000000002")
    (failed,) = sandbox.v1.charges.list().data
    found = dispute(sandbox, sandbox.charge())

    assert "error" in dispute(sandbox, failed)
    assert "error" in sandbox.post(f"/_sandbox/disputes/{found['id']}/close", {"status": "warning_closed"})
    assert "error" in sandbox.post(f"/_sandbox/disputes/{found['id']}/close", {"status": "drawn"})
