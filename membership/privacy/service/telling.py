"""Everything that is kept about a person, for herself."""

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Table, select
from sqlalchemy.orm import Session

from membership.db import Base
from membership.patrons.models import Patron

# Which tables are about her through another one, and by which column they hang on it.
_THROUGH = {
    "invoices": "subscription_id",
    "stops": "subscription_id",
    "refunds": "payment_id",
    "disputes": "payment_id",
}
_PARENTS = {"subscription_id": "subscriptions", "payment_id": "payments"}
# Ways in and seals are secrets of ours, and how she voted is nobody's to tell.
_SECRET = ("_hash", "_sealed", "token", "browser_hash", "stripe_session_id", "checkout_url")


def tell_everything(session: Session, patron: Patron) -> dict[str, Any]:
    """Return all rows about a patron by table, as plain JSON; hers alone."""
    told: dict[str, Any] = {"patrons": list(_rows(session, _table("patrons"), "id", {patron.id}))}
    for table in Base.metadata.sorted_tables:
        for column in _naming_her(table):
            told.setdefault(table.name, []).extend(_rows(session, table, column, {patron.id}))
    for name, column in _THROUGH.items():
        parents = {row["id"] for row in told.get(_PARENTS[column], [])}
        told[name] = list(_rows(session, _table(name), column, parents))
    if patron.email:
        told["letters"] = list(_rows(session, _table("letters"), "recipient", {patron.email}))
    return {name: rows for name, rows in told.items() if rows}


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
