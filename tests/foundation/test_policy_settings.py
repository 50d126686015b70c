"""What refunds, disputes and warnings bring with them is a setting."""

from membership.config import Consequence
from tests.conftest import make_settings


def test_consequences_are_named_and_none_is_a_choice():
    chosen = make_settings(on_refund="", on_dispute="access, votes", on_fraud_warning="refund")

    assert (chosen.on_refund, chosen.complaints()) == (frozenset(), [])
    assert chosen.on_dispute == {Consequence.ACCESS, Consequence.VOTES}


def test_what_went_back_cannot_be_sent_back():
    assert make_settings(on_refund="refund").complaints() == [
        "ON_REFUND cannot bring a refund: the money has gone back already."
    ]
