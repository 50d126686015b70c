"""Histories that once went wrong, as they were found."""

import pytest

from tests.proof.searching import play

KEPT = {
    # An upgrade of a few cents is too little to charge: it waits on the customer's balance for the next invoice.
    "an upgrade on the last day": [
        ("join", {"who": 0}),
        ("wait", {"days": 30}),
        ("change", {"who": 0, "tier": "patron"}),
        ("wait", {"days": 31}),
    ],
    # Whoever went on in the hour after a renewal was charged for the period that had begun, and for one from now.
    "going on in the hour of a renewal": [
        ("join", {"who": 1}),
        ("pause", {"who": 1, "months": 3}),
        ("wait", {"days": 31}),
        ("resume", {"who": 1}),
        ("wait", {"days": 1}),
    ],
    # Its checkout says to this day that it was paid: the walk found a difference that it could not mend.
    "a debit that came back before anybody heard that it was paid": [
        ("buy_gift", {"who": 0, "tier": "patron", "card": "regretted"}),
        ("wait", {"days": 32, "away": True}),
    ],
    # Three days after a renewal she lost what she had paid for, until her bank paid two days later.
    "a renewal whose bank debit is on its way": [
        ("join", {"who": 0, "card": "account"}),
        ("wait", {"days": 6}),
        ("wait", {"days": 29}),
    ],
    # The walk took the debit for one that had failed.
    "a renewal whose bank debit is on its way, found by a walk": [
        ("join", {"who": 0, "card": "account"}),
        ("wait", {"days": 30}),
        ("hold", {}),
        ("wait", {"days": 4}),
        ("release", {"drop": 20}),
        ("reconcile", {}),
    ],
    # The walk took the payment back, and left its invoice paid until the next walk.
    "a debit that came back while nobody heard": [
        ("join", {"who": 0, "card": "account"}),
        ("wait", {"days": 10}),
        ("hold", {}),
        ("send_back", {"number": 0}),
        ("release", {"order": 7, "drop": 2, "double": 2}),
    ],
    # The model took access away until the card had paid; the same attempt at Stripe had then two payments.
    "a renewal's debit that comes back, and is paid by a new card at once": [
        ("join", {"who": 0, "offer": ("patron", "month", "usd")}),
        ("wait", {"days": 30}),
        ("change_card", {"who": 0, "card": "account"}),
        ("wait", {"days": 8}),
        ("send_back", {"number": 1}),
        ("change_card", {"who": 0, "card": "good"}),
        ("wait", {"days": 31}),
    ],
    # Its code worked, and gave time that nothing but the next walk took back.
    "a gift whose payment is said to be fraud before its code is used": [
        ("buy_gift", {"who": 0, "tier": "patron"}),
        ("warn", {"number": 1}),
        ("redeem", {"who": 2}),
    ],
    # She was charged for the period whose debit was on its way, and for one from now.
    "going on while a renewal's bank debit is on its way": [
        ("join", {"who": 0, "card": "account"}),
        ("wait", {"days": 35}),
        ("pause", {"who": 0, "months": 3}),
        ("resume", {"who": 0}),
        ("wait", {"days": 8}),
    ],
    "a dispute that nobody answers": [("join", {"who": 0}), ("dispute", {"number": 0}), ("wait", {"days": 30})],
}


@pytest.mark.parametrize("name", KEPT)
def test_a_kept_history_ends_as_the_model_says(on_sqlite, name):
    play(on_sqlite, KEPT[name])
