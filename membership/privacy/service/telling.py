"""Everything that is kept about a person, for herself."""

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Table, select
from sqlalchemy.orm import Session

from membership.db import Base
from membership.donations.models import Donation
from membership.patrons.models import Patron
from membership.patrons.service import list_merged
from membership.payments.models import Payment

# Which tables are about her through another one, and by which column they hang on it.
_THROUGH = {
    "invoices": "subscription_id",
    "stops": "subscription_id",
    "refunds": "payment_id",
    "disputes": "payment_id",
    "ballots": "roll_entry_id",
}
_PARENTS = {"subscription_id": "subscriptions", "payment_id": "payments", "roll_entry_id": "roll_entries"}
# Ways in and seals are secrets of ours.
_SECRET = ("_hash", "_sealed", "token", "browser_hash", "stripe_session_id", "checkout_url")


# What tells how, when or whether she voted: told to herself alone, by table and column or kind of letter.
_OF_BALLOTS = ("voted_at", "confirmed_at")
_LETTERS_OF_BALLOTS = ("vote_receipt", "vote_withdrawn", "round_reminder", "round_result")


def tell_staff(session: Session, patron: Patron) -> dict[str, Any]:
    """Return what staff may hand out about a patron: everything but how, when and whether she voted."""
    told = tell_everything(session, patron)
    told.pop("ballots", None)
    if "roll_entries" in told:
        told["roll_entries"] = [_unvoted(row) for row in told["roll_entries"]]
    letters = [row for row in told.pop("letters", []) if row["kind"] not in _LETTERS_OF_BALLOTS]
    return {**told, "letters": letters} if letters else told


def _unvoted(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in _OF_BALLOTS}


def tell_everything(session: Session, patron: Patron) -> dict[str, Any]:
    """Return all rows about a patron by table, as plain JSON; hers alone.

    How she voted is told while her ballot is tied to her; after the close it is nobody's any more.
    """
    accounts = {patron.id, *(one.id for one in list_merged(session, patron.id))}
    told: dict[str, Any] = {"patrons": list(_rows(session, _table("patrons"), "id", accounts))}
    for table in Base.metadata.sorted_tables:
        for column in _naming_her(table):
            told.setdefault(table.name, []).extend(_rows(session, table, column, accounts))
    told["donations"] += _given_unknown(session, patron)
    told["payments"] += _paid_unknown(session, told["donations"])
    for name, column in _THROUGH.items():
        parents = {row["id"] for row in told.get(_PARENTS[column], [])}
        told[name] = list(_rows(session, _table(name), column, parents))
    if patron.email:
        told["letters"] = list(_rows(session, _table("letters"), "recipient", {patron.email}))
    return {name: rows for name, rows in told.items() if rows}


def _given_unknown(session: Session, patron: Patron) -> list[dict[str, Any]]:
    """Tell what was given with her address by somebody who had no account or was not signed in."""
    given = select(Donation.id).where(Donation.email == patron.email, Donation.patron_id.is_(None))
    return list(_rows(session, _table("donations"), "id", set(session.scalars(given))))


def _paid_unknown(session: Session, donations: list[dict[str, Any]]) -> list[dict[str, Any]]:
    given = [one["id"] for one in donations]
    paid = select(Payment.id).where(Payment.donation_id.in_(given), Payment.patron_id.is_(None))
    return list(_rows(session, _table("payments"), "id", set(session.scalars(paid))))


def _naming_her(table: Table) -> list[str]:
    return [key.parent.name for key in table.foreign_keys if key.column.table.name == "patrons"]


def _table(name: str) -> Table:
    return Base.metadata.tables[name]


def _rows(session: Session, table: Table, column: str, keys: set[Any]) -> Iterator[dict[str, Any]]:
    shown = [one for one in table.columns if not one.name.endswith(_SECRET)]
    for row in session.execute(select(*shown).where(table.columns[column].in_(keys)).order_by(*table.primary_key)):
        yield _plain(row._mapping)


def _plain(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {
        str(name): value if isinstance(value, (int, dict, list, type(None))) else str(value)
        for name, value in row.items()
    }
