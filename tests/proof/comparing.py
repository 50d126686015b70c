"""What our rows say, beside what the model and the sandbox say."""

from collections import Counter
from typing import TYPE_CHECKING

from sqlalchemy import select

from membership import db
from membership.access.rules import State
from membership.access.service import decide_for
from membership.ledger.models import Account
from membership.ledger.service import balances
from membership.patrons.models import Patron
from membership.payments.models import Dispute, Payment
from tests.proof.newsroom import PEOPLE, email_of

HELD = {Account.STRIPE, Account.TRANSIT, Account.BANK}

if TYPE_CHECKING:
    from tests.proof.history import History


def compare(history: "History") -> None:
    """Raise AssertionError for the first difference."""
    with history.room.app.app_context():
        known = {email: id for id, email in db.session().execute(select(Patron.id, Patron.email))}
        for who in range(PEOPLE):
            patron_id = known[email_of(who)]
            paid, should_have = _paid(patron_id), _should_have_paid(history, who)
            assert paid == should_have, f"payments of {who}: {paid}, not {should_have}"
            order = history.model.live(who)
            disputed = [one for one in order.payments if one.dispute in {"open", "lost"}] if order else []
            assert not disputed, f"a disputed order goes on: {order}"
            expected = history.model.holds(who)
            found = decide_for(db.session(), patron_id, history.room.provider.now())
            expected = history.model.holds(who)
            # Late or awaited gives the same; a refused change in a renewal's first hour may be called either.
            state = "active" if found.state is State.GRACE else found.state.value
            assert (state, found.flags) == expected, f"access of {who}: {found}, not {expected}"
        _compare_books(history)


def _paid(patron_id: int) -> list[tuple[int, int, str]]:
    disputes = dict(map(tuple, db.session().execute(select(Dispute.payment_id, Dispute.status))))
    rows = db.session().scalars(select(Payment).filter_by(patron_id=patron_id))
    return sorted((one.gross.minor, one.refunded_minor, disputes.get(one.id, "")) for one in rows)


def _should_have_paid(history: "History", who: int) -> list[tuple[int, int, str]]:
    return sorted((one.gross, one.back, one.dispute) for one in history.model.payments if one.who == who)


def _compare_books(history: "History") -> None:
    booked: Counter[str] = Counter()
    for (account, currency), minor in balances(db.session()).items():
        assert currency == "eur"
        booked["held" if account in HELD else account.value] += minor
    at_stripe = sum(one["net"] for one in history.world.store.tables.get("balance_transaction", {}).values())
    assert balances(db.session()).get((Account.STRIPE, "eur"), 0) == at_stripe, "the account at Stripe"
    found = {name: minor for name, minor in booked.items() if minor}
    expected = {name: minor for name, minor in history.model.books().items() if minor}
    assert found == expected, f"books: {found}, not {expected}"
