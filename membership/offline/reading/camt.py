"""CAMT.053, the statement of ISO 20022, in any of its versions."""

from collections.abc import Iterator
from datetime import date
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

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

_ENTRY = N_("entry %(number)d")


def read_camt(data: bytes) -> Statement:
    """Read a statement; no entities, no document types, nothing from elsewhere. Raises BankFileUnreadable."""
    try:
        root = fromstring(data, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        raise unreadable(N_("it is no sound XML")) from None
    statements = root.findall(".//{*}Stmt")
    accounts = {_account(statement) for statement in statements}
    if len(accounts) != 1:
        raise unreadable(N_("it is not the statement of one account"))
    entries = [entry for statement in statements for entry in statement.findall("{*}Ntry")]
    if len(entries) > MOST_LINES:
        raise unreadable(N_("it has too many entries"))
    wanted = [(number, entry) for number, entry in enumerate(entries, 1) if _came_in(entry)]
    received = [line for number, entry in wanted for line in _lines(entry, gettext(_ENTRY, number=number))]
    return Statement(accounts.pop(), named(received), len(entries) - len(wanted))


def _account(statement: Element) -> str:
    found = _text(statement, "{*}Acct/{*}Id/{*}IBAN") or _text(statement, "{*}Acct/{*}Id/{*}Othr/{*}Id")
    return "".join(found.split()).upper()


def _came_in(entry: Element) -> bool:
    # The status is a word of its own since version 8, plain text before.
    status = _text(entry, "{*}Sts/{*}Cd") or _text(entry, "{*}Sts")
    is_reversal = _text(entry, "{*}RvslInd") in {"true", "1"}
    return _text(entry, "{*}CdtDbtInd") == "CRDT" and status == "BOOK" and not is_reversal


def _lines(entry: Element, where: str) -> Iterator[Received]:
    total, day = _money(entry, where), _day(entry, where)
    details = entry.findall("{*}NtryDtls/{*}TxDtls")
    name = _text(entry, "{*}AcctSvcrRef") or _text(entry, "{*}NtryRef")
    if len(details) <= 1:
        yield _received(name, day, total, details[0] if details else entry, entry)
        return
    parts = [_part(one, where) for one in details]
    if sum(part.minor for part in parts) != total.minor or {part.currency for part in parts} != {total.currency}:
        raise unreadable(N_("the parts of %(where)s do not add up"), where=where)
    for number, (one, part) in enumerate(zip(details, parts, strict=True), 1):
        own = _text(one, "{*}Refs/{*}AcctSvcrRef")
        yield _received(own if own and own != name else f"{name}/{number}" if name else "", day, part, one, entry)


def _received(name: str, day: date, amount: Money, told: Element, entry: Element) -> Received:
    words = [_text(told, "{*}RmtInf/{*}Strd/{*}CdtrRefInf/{*}Ref"), *_texts(told, "{*}RmtInf/{*}Ustrd")]
    said = " ".join(word for word in words if word) or _text(entry, "{*}AddtlNtryInf")
    # The debtor's name stands in a party of its own since version 8.
    payer = _text(told, "{*}RltdPties/{*}Dbtr/{*}Nm") or _text(told, "{*}RltdPties/{*}Dbtr/{*}Pty/{*}Nm")
    account = _text(told, "{*}RltdPties/{*}DbtrAcct/{*}Id/{*}IBAN")
    return Received(name, day, amount, payer, account, said[:LONGEST_TEXT])


def _part(details: Element, where: str) -> Money:
    amount = details.find("{*}Amt")
    if amount is None:
        amount = details.find("{*}AmtDtls/{*}TxAmt/{*}Amt")
    if amount is None:
        raise unreadable(N_("no amount in a part of %(where)s"), where=where)
    return _positive(amount, where)


def _money(entry: Element, where: str) -> Money:
    amount = entry.find("{*}Amt")
    if amount is None:
        raise unreadable(N_("no amount in %(where)s"), where=where)
    return _positive(amount, where)


def _positive(amount: Element, where: str) -> Money:
    money = read_money(amount.text or "", amount.get("Ccy", ""), where=where)
    if money.minor <= 0:
        raise unreadable(N_("an amount in %(where)s"), where=where)
    return money


def _day(entry: Element, where: str) -> date:
    booked = "{*}BookgDt"
    return read_date(_text(entry, f"{booked}/{{*}}Dt") or _text(entry, f"{booked}/{{*}}DtTm"), where=where)


def _text(element: Element, path: str) -> str:
    return " ".join((element.findtext(path) or "").split())


def _texts(element: Element, path: str) -> list[str]:
    return [" ".join((found.text or "").split()) for found in element.findall(path)]
