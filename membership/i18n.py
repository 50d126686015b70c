"""Words in the reader's language: translation, dates and money. English is the source, Ukrainian stands beside it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from babel import Locale, dates, negotiate_locale, numbers
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

LOCALES = {"en": "English", "uk": "Українська"}
DEFAULT_LOCALE = "en"
CATALOGUES = Path(__file__).parent / "translations"

_locale: ContextVar[str] = ContextVar("locale", default=DEFAULT_LOCALE)
_timezone: ContextVar[str] = ContextVar("timezone", default="UTC")


class Amount(Protocol):
    """What format_money needs to know of an amount."""

    @property
    def minor(self) -> int: ...
    @property
    def currency(self) -> str: ...


def N_(text: str) -> str:  # noqa: N802 - gettext's own name for it
    """Mark a text for translation later."""
    return text


@cache
def _catalogue(locale: str) -> NullTranslations:
    source = CATALOGUES / locale / "LC_MESSAGES" / "messages.po"
    if not source.exists():
        return NullTranslations()
    # Compiled here, once per process, so that no build step can be forgotten and no stale file can lie.
    compiled = BytesIO()
    write_mo(compiled, read_po(BytesIO(source.read_bytes()), locale))
    compiled.seek(0)
    return Translations(compiled)


def current_locale() -> str:
    """Return the language of the reader that is being spoken to."""
    return _locale.get()


@contextmanager
def speaking(locale: str, timezone: str = "UTC") -> Iterator[None]:
    """Speak a language, and tell times in a zone, inside the block."""
    language, zone = _locale.set(locale if locale in LOCALES else DEFAULT_LOCALE), _timezone.set(timezone)
    try:
        yield
    finally:
        _locale.reset(language)
        _timezone.reset(zone)


def best_locale(accepted: list[str]) -> str:
    """Choose the language that suits a reader's browser best."""
    return negotiate_locale([tag.replace("-", "_") for tag in accepted], list(LOCALES)) or DEFAULT_LOCALE


def gettext(message: str, **values: Any) -> str:
    """Say a sentence in the current language."""
    text = _catalogue(current_locale()).gettext(message) if message else ""
    return text % values if values else text


def ngettext(singular: str, plural: str, number: int, **values: Any) -> str:
    """Say a sentence about a number of things; `%(num)s` is the number."""
    return choose_plural(singular, plural, number) % {"num": number, **values}


def choose_plural(singular: str, plural: str, number: int) -> str:
    """Return the sentence that fits a number, its places still open, as templates want it."""
    return _catalogue(current_locale()).ngettext(singular, plural, number)


def said(texts: Mapping[str, Any]) -> Any:
    """Pick the current language out of a text kept in several."""
    return texts.get(current_locale()) or texts[DEFAULT_LOCALE]


def format_money(amount: Amount, exponent: int) -> str:
    """Write an amount as her locale writes it, without a fraction when there is none."""
    value = Decimal(amount.minor).scaleb(-exponent)
    pattern = Locale.parse(current_locale()).currency_formats["standard"].pattern
    whole = value == value.to_integral_value()
    fraction = "" if whole else "." + "0" * exponent
    code = amount.currency.upper()
    text = numbers.format_currency(
        value, code, format=pattern.replace(".00", fraction), locale=current_locale(), currency_digits=False
    )
    # Ukrainian data spell EUR and USD out; readers of both languages know the signs.
    return text.replace(code, numbers.get_currency_symbol(code, DEFAULT_LOCALE))


def format_decimal(units: int, scale: int) -> str:
    """Write a number that is counted in whole parts, `scale` of them in one, with at most two decimals, cut."""
    hundredths = Decimal(units * 100 // scale) / 100
    return numbers.format_decimal(hundredths, "#,##0.##", locale=current_locale())


def format_day(value: date | datetime) -> str:
    """Write a day in words, in the publication's zone: 3 December 2026."""
    if isinstance(value, datetime):
        value = value.astimezone(ZoneInfo(_timezone.get())).date()
    return dates.format_date(value, "d MMMM y", locale=current_locale())


def format_last_day(end: datetime) -> str:
    """Write the last day of a time that ends at a moment: midnight is the end of the day before."""
    return format_day(end - timedelta(microseconds=1))


def format_moment(value: datetime, *, has_zone: bool = True) -> str:
    """Write a moment in words, in the publication's zone: 3 December 2026, 14:05 (UTC+2)."""
    there = value.astimezone(ZoneInfo(_timezone.get()))
    moment = dates.format_datetime(there, "d MMMM y, HH:mm", tzinfo=there.tzinfo, locale=current_locale())
    return f"{moment} ({_offset(there)})" if has_zone else moment


def _offset(there: datetime) -> str:
    """Return how a zone differs from UTC at a moment: the same in all languages, and known by all phones."""
    hours, minutes = divmod(abs(int((there - there.replace(tzinfo=UTC)).total_seconds())) // 60, 60)
    sign = "-" if there.replace(tzinfo=UTC) < there else "+"
    told = f"{hours}:{minutes:02}" if minutes else str(hours)
    return f"UTC{sign}{told}" if hours or minutes else "UTC"


def format_month(value: date | datetime) -> str:
    """Write a month in words: November 2026."""
    return dates.format_date(value, "LLLL y", locale=current_locale())
