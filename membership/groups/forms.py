"""What staff and managers fill in about groups. Days are read in the publication's zone."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from membership.groups.errors import (
    AddressesMissing,
    AddressUnreadable,
    GroupDayUnreadable,
    SeatsUnreadable,
    TooManyAddresses,
)
from membership.groups.rules import MOST_AT_ONCE
from membership.groups.service import GroupDraft
from membership.i18n import DEFAULT_LOCALE, LOCALES
from membership.patrons.errors import EmailUnreadable
from membership.patrons.service import canonical_email

LONGEST_NOTE = 2000
Fields = Mapping[str, str]


def read_group(fields: Fields, now: datetime, timezone: str) -> GroupDraft:
    """Read a group to be; without a first day it begins now, without a last one it goes on.

    Raises SeatsUnreadable or GroupDayUnreadable, and the service judges the rest.
    """
    starts_on = fields.get("starts_on", "").strip()
    return GroupDraft(
        name=fields.get("name", ""),
        tier=fields.get("tier", ""),
        seats=read_seats(fields),
        starts_at=_midnight(starts_on, timezone, "starts_on") if starts_on else now,
        ends_at=read_end(fields, timezone),
        manager_email=fields.get("manager", ""),
        locale=read_locale(fields),
        note=fields.get("note", "").strip()[:LONGEST_NOTE],
        receipt_number=fields.get("receipt_number", "").strip(),
    )


def read_seats(fields: Fields) -> int:
    """Read a number of seats; raises SeatsUnreadable."""
    text = fields.get("seats", "").strip()
    if not (text.isascii() and text.isdigit() and len(text) <= 5):
        raise SeatsUnreadable
    return int(text)


def read_end(fields: Fields, timezone: str) -> datetime | None:
    """Read the last day, whose end is meant; nothing where none is written. Raises GroupDayUnreadable."""
    text = fields.get("ends_on", "").strip()
    return _midnight(text, timezone, "ends_on", timedelta(days=1)) if text else None


def read_locale(fields: Fields) -> str:
    """Read a language; what is none is the first."""
    locale = fields.get("locale", "")
    return locale if locale in LOCALES else DEFAULT_LOCALE


def read_addresses(fields: Fields) -> list[str]:
    """Read addresses, one a line, each once. Raises AddressesMissing, TooManyAddresses or AddressUnreadable."""
    texts = fields.get("addresses", "").replace(",", "\n").replace(";", "\n").split("\n")
    lines = [text.strip() for text in texts if text.strip()]
    if not lines:
        raise AddressesMissing
    if len(lines) > MOST_AT_ONCE:
        raise TooManyAddresses(most=MOST_AT_ONCE)
    return list(dict.fromkeys(_address(line) for line in lines))


def _address(text: str) -> str:
    try:
        return canonical_email(text)
    except EmailUnreadable:
        raise AddressUnreadable(text=text[:80]) from None


def _midnight(text: str, timezone: str, field: str, later: timedelta = timedelta()) -> datetime:
    try:
        day = date.fromisoformat(text) + later
        return datetime.combine(day, datetime.min.time(), ZoneInfo(timezone)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise GroupDayUnreadable(field=field) from None
