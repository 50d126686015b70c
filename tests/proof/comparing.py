"""What our rows say, beside what the model and the sandbox say."""

from collections import Counter
from typing import TYPE_CHECKING

from sqlalchemy import select

from membership import db
from membership.access.rules import Decision, State
from membership.access.service import decide_for
from membership.ledger.models import Account
from membership.ledger.service import balances
from membership.patrons.models import Patron
from membership.payments.models import Dispute, FraudWarning, Payment
from tests.proof.furnishing import PEOPLE, email_of

HELD = {Account.STRIPE, Account.TRANSIT, Account.BANK}

if TYPE_CHECKING:
    from tests.proof.history import History

# Gross, currency, given back, state of a dispute, whether it came back, whether somebody warned of it.
Paid = tuple[int, str, int, str, bool, bool]


def compare(history: "History") -> None:
    """Raise AssertionError for the first difference."""
    with history.room.app.app_context():
        _notice(history)
        known = {email: id for id, email in db.session().execute(select(Patron.id, Patron.email))}
        for who in range(PEOPLE):
            patron_id = known[email_of(who)]
            paid, should_have = _paid(patron_id), _should_have_paid(history, who)
            assert paid == should_have, f"payments of {who}: {paid}, not {should_have}"
            order = history.model.live(who)
            taken = [one for one in order.payments if one.dispute in {"open", "lost"} or one.warned_at] if order else []
            assert not taken, f"an order goes on that a bank disputes or warns of: {order}"
            found, expected = (
                _held(decide_for(db.session(), patron_id, history.room.provider.now())),
                history.model.holds(who),
            )
            assert found == expected, f"access of {who}: {found}, not {expected}"
        _compare_books(history)


def _notice(history: "History") -> None:
    """A debit that came back before anybody could hear that it was paid need not be known as a payment."""
    now, rows = history.model.now, Counter(db.session().scalars(select(Payment.stripe_payment_intent_id)))
    for id, last in history.ids.items():
        tries = [*history.tried_before[id], last]
        for one in tries:
            if one.is_returned(now):
                one.is_in_vain = rows[id] < len(tries) and not one.was_heard
            else:
                one.was_heard = one.at <= now


def _held(decision: Decision) -> tuple[str, int | None, frozenset[str]]:
    until = decision.valid_until
    if decision.state is State.PAUSED:
        until = max(one.until for one in decision.grants if one.state is State.PAUSED)
    return decision.state.value, int(until.timestamp()) if until else None, decision.flags


def _paid(patron_id: int) -> list[Paid]:
    disputes = dict(map(tuple, db.session().execute(select(Dispute.payment_id, Dispute.status))))
    warned = set(db.session().scalars(select(FraudWarning.payment_id)))
    rows = db.session().scalars(select(Payment).filter_by(patron_id=patron_id))
    return sorted(
        (
            one.gross.minor,
            one.gross.currency,
            one.refunded_minor,
            disputes.get(one.id, ""),
            one.returned_at is not None,
            one.id in warned,
        )
        for one in rows
    )


def _should_have_paid(history: "History", who: int) -> list[Paid]:
    now = history.model.now
    return sorted(
        (one.gross, one.currency, one.back, one.dispute, one.is_returned(now), one.warned_at > 0)
        for one in history.model.paid()
        if one.who == who
    )


def _compare_books(history: "History") -> None:
    booked: Counter[tuple[str, str]] = Counter()
    at_stripe: Counter[str] = Counter()
    found = balances(db.session())
    for (account, currency), minor in found.items():
        booked["held" if account in HELD else account.value, currency] += minor
    for one in history.world.store.tables.get("balance_transaction", {}).values():
        at_stripe[one["currency"]] += one["net"]
    ours = Counter({currency: minor for (account, currency), minor in found.items() if account is Account.STRIPE})
    assert _without_noughts(ours) == _without_noughts(at_stripe), "the account at Stripe"
    expected = _without_noughts(history.model.books())
    assert _without_noughts(booked) == expected, f"books: {_without_noughts(booked)}, not {expected}"


def _without_noughts(sums: Counter) -> dict:
    return {name: minor for name, minor in sums.items() if minor}
