"""Payouts are proven line by line, and the journal leaves as a table."""

import csv
import json
from io import StringIO

import pytest
from sqlalchemy import select

from membership.audit.models import AuditEntry
from membership.clock import utc_now
from membership.db import session as reading
from membership.db import transaction
from membership.ledger.models import Account, JournalKind
from membership.ledger.service import balances, book
from membership.money import Money
from membership.payments import fulfilment
from membership.payments.invariants import overdrawn_payments, settled_otherwise, wrongly_booked
from membership.payments.models import BalanceTransaction, Dispute, Payment
from tests.payments.story import Story


@pytest.fixture
def story(context, gateway):
    return Story(gateway)


@pytest.fixture
def payout_id(story):
    """Let one recorded gift, and one that nobody told us of, leave for the bank."""
    known, unknown = story.give(), story.give()
    story.gateway.settle()
    story.fulfil(known)
    (payout_id,) = story.gateway.pay_out()
    story.gateway.arrive(payout_id)
    story.record(fulfilment.look_up_payout(story.gateway, payout_id))
    story.unknown = unknown
    return payout_id


def hold(minor, account=Account.PAYPAL):
    """Let an account hold so much, moved there from another one."""
    legs = [(account, Money(minor, "eur")), (Account.BANK, Money(-minor, "eur"))]
    with transaction() as session:
        book(session, "held", JournalKind.OTHER, utc_now(), legs)


def run(app, *words):
    return app.test_cli_runner().invoke(args=["report", *words])


def test_a_payout_names_what_the_books_do_not_explain(app, payout_id):
    result = run(app, "payout", payout_id, "--json")
    told = json.loads(result.output)

    assert (result.exit_code, told["is_proven"], told["unmatched"], len(told["lines"])) == (1, False, 1, 2)
    assert (told["amount"]["minor"], told["matched"]["minor"], told["difference"]["minor"]) == (3890, 1945, 1945)
    assert "UNMATCHED  txn_" in run(app, "payout", payout_id).output


def test_a_payout_is_proven_when_every_line_is_in_the_books(app, story, payout_id):
    story.fulfil(story.unknown)

    result = run(app, "payout", payout_id)
    assert result.exit_code == 0
    assert f"{payout_id}  paid  EUR 38.90: proven, matched 38.90, unmatched lines 0, difference 0.00" in result.output


def test_a_debit_that_came_back_is_a_line_of_a_payout_that_is_proven(app, story, payout_id):
    story.fulfil(story.unknown)
    gift, other = (story.gateway.get_checkout(story.give()) for _ in range(2))
    story.gateway.settle()
    for one in (gift, other):
        story.fulfil(one.id)
    story.gateway.send_back(gift.payment_intent_id)
    (later,) = story.gateway.pay_out()
    story.gateway.arrive(later)
    story.record(fulfilment.look_up_payout(story.gateway, later))

    told = json.loads(run(app, "payout", later, "--json").output)
    back = next(line for line in told["lines"] if line["category"] == "charge_failure")
    assert (back["net"]["minor"], back["booked"]["minor"], told["is_proven"]) == (-2000, -2000, True)
    assert (told["unmatched"], told["difference"]["minor"]) == (0, 0)


def test_payouts_are_listed_with_their_verdict(app, story, payout_id):
    story.give()
    story.gateway.settle()
    (later,) = story.gateway.pay_out()
    story.record(fulfilment.look_up_payout(story.gateway, later))

    told = json.loads(run(app, "payouts", "--json").output)
    assert [one["id"] for one in told] == [later, payout_id]
    assert "not told yet" in run(app, "payouts").output
    assert "NOT PROVEN" in run(app, "payouts").output


def test_no_payout_is_no_news_and_an_unknown_one_a_refusal(app, context):
    assert run(app, "payouts").output == "There are none.\n"
    assert "We do not know this payout." in run(app, "payout", "po_1").output


def test_the_journal_leaves_as_a_table_that_sums_to_zero(app, payout_id):
    rows = list(csv.DictReader(StringIO(run(app, "journal").output.removeprefix("\ufeff"))))

    debit, credit = (sum(float(row[side] or 0) for row in rows) for side in ("debit", "credit"))
    assert len(rows) == len({row["entry_id"] for row in rows}) > 0
    assert round(debit - credit, 2) == 0
    assert len(json.loads(run(app, "journal", "--json").output)) == len(rows)


def test_no_more_is_given_up_than_there_is(app, context):
    words = ["payments", "write-off", "paypal", "5.01", "--reason", "the account is closed"]
    run_it = app.test_cli_runner().invoke
    nothing = run_it(args=words)
    hold(-500)

    assert "holds €0." in nothing.output
    assert "holds -€5." in run_it(args=words).output
    assert run_it(args=[*words[:3], "5.00", *words[4:]]).exit_code == 0
    assert balances(reading())[Account.PAYPAL, "eur"] == 0
    assert reading().scalars(select(AuditEntry)).one().action == "ledger.write_off"


def test_what_was_given_up_comes_back_once(app, context, sound_books):
    hold(500)
    run_it = app.test_cli_runner().invoke
    given_up = run_it(args=["payments", "write-off", "paypal", "2.00", "--reason", "lost", "--json"])
    cause = json.loads(given_up.output)["cause"]
    undo = ["payments", "undo-write-off", cause, "--reason", "found"]

    assert [run_it(args=undo).exit_code for _ in range(2)] == [0, 0]
    assert balances(reading())[Account.PAYPAL, "eur"] == 500
    assert [entry.action for entry in reading().scalars(select(AuditEntry))] == [
        "ledger.write_off",
        "ledger.write_off_undone",
    ]
    assert "Nothing was ever booked" in run_it(args=[*undo[:2], "nothing", *undo[3:]]).output


def test_what_nobody_will_pay_is_written_off_with_a_reason(app, context):
    hold(500, Account.CLEARING)
    words = ["payments", "write-off", "clearing", "5.00", "--reason"]
    run_it = app.test_cli_runner().invoke
    unexplained = run_it(args=[*words, " "])
    assert unexplained.exit_code == 2
    assert "Please write the reason." in unexplained.output

    assert run_it(args=[*words, "the bank went under", "--json"]).exit_code == 0
    assert balances(reading())[Account.WRITE_OFFS, "eur"] == 500
    assert reading().scalars(select(AuditEntry)).one().details["reason"] == "the bank went under"


def test_books_that_tell_otherwise_than_stripe_are_found(payout_id):
    assert settled_otherwise(reading()) == []
    with transaction() as session:
        line = session.scalars(select(BalanceTransaction).filter_by(is_ours=True).limit(1)).first()
        line.gross_minor, line.net_minor = line.gross_minor + 1, line.net_minor + 1
        missing = session.scalars(select(BalanceTransaction).filter_by(is_ours=False)).one()
        missing.created_at = missing.created_at.replace(year=2020)

    assert settled_otherwise(reading()) == sorted(
        [line.stripe_balance_transaction_id, missing.stripe_balance_transaction_id]
    )


def test_more_taken_back_than_came_in_is_found(story, payout_id):
    payment = reading().scalars(select(Payment)).one()
    assert overdrawn_payments(reading()) == []
    story.record(fulfilment.look_up_dispute(story.gateway, story.gateway.dispute(payment.stripe_payment_intent_id)))
    assert overdrawn_payments(reading()) == []
    with transaction() as session:
        session.scalars(select(Dispute)).one().amount = Money(2001, "eur")

    reading().expire_all()
    assert overdrawn_payments(reading()) == [payment.receipt_number]


def test_income_past_stripe_without_its_payment_is_found(story, payout_id):
    legs = [(Account.BANK, Money(700, "eur")), (Account.DONATION_INCOME, Money(-700, "eur"))]
    with transaction() as session:
        book(session, "offline:1", JournalKind.OFFLINE, utc_now(), legs)

    assert wrongly_booked(reading()) == ["eur: income=700 refunds=0"]
