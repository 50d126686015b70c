"""Tables for spreadsheets: RFC 4180, numbers stay numbers, no text becomes a formula."""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC
from decimal import Decimal
from io import StringIO

from membership.money import decimal
from membership.reports.values import Row

# Without it Excel takes UTF-8 for its own old encoding.
BOM = "\ufeff"
BATCH = 200
HEAD = (
    "moment_utc",
    "kind",
    "receipt_number",
    "purpose",
    "tier",
    "source",
    "currency",
    "gross",
    "fee",
    "refunded",
    "net",
    "covered_fees",
    "disputed",
    "dispute_fees",
    "written_off",
    "returned",
)
# What a spreadsheet may run, at the beginning of a cell or where another separator would begin one.
# Source: https://owasp.org/www-community/attacks/CSV_Injection
_DANGER = re.compile(r"(^|[,;|\t\r\n\"])(\s*)(?=[=+\-@＝＋－＠])|^(?=[\t\r\n])")
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")

Value = str | Decimal | None


def neutral(text: str) -> str:
    """Return a text that a spreadsheet shows and never runs."""
    return _DANGER.sub(_quoted, _UNPRINTABLE.sub("", text))


def _quoted(found: re.Match[str]) -> str:
    return f"{found[1] or ''}'{found[2] or ''}"


def rows_csv(rows: Iterable[Row]) -> Iterator[str]:
    """Yield the rows of a report as a CSV file, piece by piece; a fee that is not known yet is an empty cell."""
    return to_csv(HEAD, (_values(row) for row in rows))


def _values(row: Row) -> Sequence[Value]:
    return (
        row.moment.astimezone(UTC).isoformat(timespec="seconds"),
        row.kind.value,
        row.receipt_number,
        row.purpose.value,
        row.tier,
        row.source,
        row.gross.currency,
        decimal(row.gross),
        decimal(row.fee) if row.fee is not None else None,
        decimal(-row.refunded),
        decimal(row.net) if row.net is not None else None,
        decimal(row.covered),
        decimal(-row.disputed),
        decimal(-row.dispute_fees),
        decimal(-row.written_off),
        decimal(-row.returned),
    )


def to_csv(head: Sequence[str], lines: Iterable[Sequence[Value]]) -> Iterator[str]:
    """Yield a CSV file piece by piece, so that a long one is never held whole."""
    yield BOM
    buffer = StringIO()
    writer = csv.writer(buffer)
    writer.writerow(head)
    for number, line in enumerate(lines, 1):
        writer.writerow([_cell(value) for value in line])
        if number % BATCH == 0:
            yield _taken(buffer)
    yield _taken(buffer)


def _cell(value: Value) -> str:
    match value:
        case None:
            return ""
        case Decimal():
            return f"{value:f}"
        case text:
            return neutral(text)


def _taken(buffer: StringIO) -> str:
    piece = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return piece
