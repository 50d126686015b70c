"""CSV as banks export it: a head that names the columns, in one of the languages that we know them in."""

import csv
import re
from collections.abc import Mapping
from datetime import date, datetime
from io import StringIO

from membership.i18n import N_, gettext
from membership.money import Money
from membership.offline.reading.values import (
    LONGEST_TEXT,
    MOST_LINES,
    Received,
    Statement,
    named,
    read_date,
    read_money,
    unreadable,
)

# What each column is called, in small letters: ours first, then what banks write.
COLUMNS = {
    "date": {"date", "booking date", "buchungstag", "buchungsdatum", "дата", "дата операції", "data"},
    "amount": {"amount", "betrag", "сума", "сума операції", "montant", "kwota"},
    "currency": {"currency", "währung", "waehrung", "валюта", "devise", "waluta"},
    "payer": {"payer", "name", "beguenstigter/zahlungspflichtiger", "auftraggeber", "платник", "контрагент"},
    "payer_account": {"payer_account", "iban", "kontonummer/iban", "рахунок платника", "рахунок"},
    "text": {"text", "purpose", "reference", "verwendungszweck", "призначення", "призначення платежу"},
    "id": {"id", "transaction id", "entry_reference", "номер документа", "референс"},
}
NEEDED = ("date", "amount", "text")
_DAYS = ("%d.%m.%Y", "%d/%m/%Y", "%d.%m.%y")
_PLAIN = re.compile(r"[+-]?\d+(?:[.,]\d{1,2})?")
# A thousand, or one and three digits of which banks know nothing: nobody can tell.
_LINE = N_("line %(number)d")
_UNCLEAR = re.compile(r"[+-]?\d{1,3}[.,]\d{3}")
_GROUPED = re.compile(r"[+-]?\d{1,3}(?:[ \u00a0\u202f.,']\d{3})+(?:[.,]\d{1,3})?")


def read_csv(data: bytes, account: str, currency: str = "eur") -> Statement:
    """Read a statement; every line is read, or none. Raises BankFileUnreadable."""
    text = _decoded(data)
    head = text.partition("\n")[0]
    separator = max(";,\t|", key=head.count)
    try:
        rows = list(csv.reader(StringIO(text, newline=""), delimiter=separator, strict=True))
    except csv.Error:
        raise unreadable(N_("its quotes or columns are not sound")) from None
    places = _places(rows[0] if rows else [])
    lines = [(number, row) for number, row in enumerate(rows[1:], 2) if any(cell.strip() for cell in row)]
    if len(lines) > MOST_LINES:
        raise unreadable(N_("it has too many lines"))
    read = [_line(row, places, currency, gettext(_LINE, number=number)) for number, row in lines]
    received = [line for line in read if line.amount.minor > 0]
    return Statement(account, named(received), len(read) - len(received))


def _decoded(data: bytes) -> str:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise unreadable(N_("its letters are not UTF-8; save it so and send it again")) from None
    if "\0" in text:
        raise unreadable(N_("it holds more than text"))
    return text


def _places(head: list[str]) -> Mapping[str, int]:
    names = [cell.strip().strip('"').casefold() for cell in head]
    places = {column: names.index(name) for column, known in COLUMNS.items() for name in names if name in known}
    if missing := [column for column in NEEDED if column not in places]:
        raise unreadable(N_("no column for %(missing)s"), missing=", ".join(missing))
    return places


def _line(row: list[str], places: Mapping[str, int], currency: str, where: str) -> Received:
    told = {column: row[place].strip() if place < len(row) else "" for column, place in places.items()}
    return Received(
        told.get("id", "")[:100],
        _day(told["date"], where),
        _amount(told["amount"], told.get("currency") or currency, where),
        " ".join(told.get("payer", "").split())[:LONGEST_TEXT],
        told.get("payer_account", "")[:50],
        " ".join(told["text"].split())[:LONGEST_TEXT],
    )


def _day(text: str, where: str) -> date:
    for pattern in _DAYS:
        try:
            return datetime.strptime(text, pattern).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    return read_date(text, where=where)


def _amount(text: str, currency: str, where: str) -> Money:
    if _UNCLEAR.fullmatch(text):
        raise unreadable(N_("an amount in %(where)s that may mean two things"), where=where)
    if _PLAIN.fullmatch(text):
        return read_money(text.replace(",", "."), currency, where=where)
    if not _GROUPED.fullmatch(text):
        raise unreadable(N_("an amount in %(where)s"), where=where)
    # The last sign is the point, unless three digits follow it: then all of them group.
    whole, point, part = text.rpartition("." if text.rfind(".") > text.rfind(",") else ",")
    if not point or len(part) == 3:
        whole, part = text, ""
    return read_money(re.sub(r"[^\d+-]", "", whole) + (f".{part}" if part else ""), currency, where=where)
