"""`flask payments refund`."""

import json

import pytest
from sqlalchemy import select

from membership.db import session as reading
from membership.payments.models import Payment


@pytest.fixture
def receipt(story):
    story.fulfil(story.give())
    return reading().scalars(select(Payment.receipt_number)).one()


def refund(app, *words):
    return app.test_cli_runner().invoke(args=["payments", "refund", *words, "--reason", "asked by phone"])


def test_a_payment_is_given_back_by_its_receipt(app, receipt):
    result = refund(app, receipt)

    assert result.output == f"€20 of {receipt} is on its way back.\n"


def test_a_part_can_be_given_back(app, receipt):
    result = refund(app, receipt, "--amount", "7.50", "--json")

    assert json.loads(result.output) == {"receipt_number": receipt, "minor": 750, "currency": "eur"}


def test_nothing_is_given_back_for_a_receipt_that_does_not_exist(app, context):
    assert refund(app, "R-1999-000001").exit_code != 0
