"""What a command says about a tier, a price or a coupon to be; days are read in the publication's zone."""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from membership.i18n import N_
from membership.money import CURRENCIES, Money, admit_charge, parse_amount
from membership.tiers.errors import CouponUnreadable, TierUnreadable
from membership.tiers.models import CouponDuration, Interval

HEAVIEST = 3
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_FLAG = re.compile(r"[a-z][a-z0-9_]{0,31}")
_AMOUNT = r"([0-9]+(?:\.[0-9]+)?)([a-z]{3})"
_PRICE = re.compile(rf"(month|quarter|year)={_AMOUNT}")
_CODE = re.compile(r"[A-Z0-9][A-Z0-9-]{2,39}")
_OFF = re.compile(rf"([1-9][0-9]?|100)%|{_AMOUNT}")
_DURATION = re.compile(r"once|forever|([1-9][0-9]?) months?")


def read_prices(text: str) -> tuple[tuple[Interval, Money], ...]:
    """Read prices like `month=5.00eur,quarter=14eur,year=50eur`; raises TierUnreadable."""
    return tuple(_read_price(part.strip()) for part in text.split(","))


def _read_price(text: str) -> tuple[Interval, Money]:
    found = _PRICE.fullmatch(text)
    if found is None or found[3] not in CURRENCIES:
        raise TierUnreadable(N_("Prices are written like month=5.00eur,year=50eur."), field="prices")
    amount = _read_chargeable(found[2], found[3])
    if amount.minor == 0:
        raise TierUnreadable(N_("A price is more than nothing."), field="prices")
    return Interval(found[1]), amount


def _read_chargeable(text: str, currency: str) -> Money:
    amount = parse_amount(text, currency)
    admit_charge(amount)
    return amount


def read_day(text: str, timezone: str) -> datetime:
    """Read the first moment of a day like 2027-02-01; raises TierUnreadable."""
    try:
        day = date.fromisoformat(text)
        return datetime.combine(day, datetime.min.time(), ZoneInfo(timezone)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise TierUnreadable(N_("A day is written like 2027-02-01."), field="on") from None


def read_code(text: str) -> str:
    """Read the code of a coupon, in capitals; raises CouponUnreadable."""
    code = text.strip().upper()
    if not _CODE.fullmatch(code):
        raise CouponUnreadable(N_("A code is made of three to forty letters, digits and hyphens."), field="code")
    return code


def read_off(text: str) -> int | Money:
    """Read what a coupon takes off: a share like `50%`, or an amount like `2.50eur`; raises CouponUnreadable."""
    found = _OFF.fullmatch(text)
    if found is None or (found[3] is not None and found[3] not in CURRENCIES):
        raise CouponUnreadable(N_("A coupon takes off so many per cent, or an amount like 2.50eur."), field="off")
    return int(found[1]) if found[1] else _read_chargeable(str(found[2]), str(found[3]))


def read_duration(text: str) -> tuple[CouponDuration, int | None]:
    """Read for how many payments a coupon counts: `once`, `forever` or `3 months`; raises CouponUnreadable."""
    found = _DURATION.fullmatch(text)
    if found is None:
        raise CouponUnreadable(N_("A coupon counts once, forever, or for so many months."), field="lasts")
    return (CouponDuration.REPEATING, int(found[1])) if found[1] else (CouponDuration(text), None)


def read_slug(text: str) -> str:
    """Read a slug: small letters, digits and single hyphens; raises TierUnreadable."""
    if len(text) > 40 or not _SLUG.fullmatch(text):
        raise TierUnreadable(N_("A slug is made of small letters, digits and hyphens."), field="slug")
    return text


def read_flags(texts: Iterable[str]) -> tuple[str, ...]:
    """Read access flags: small letters, digits and underscores; raises TierUnreadable."""
    flags = tuple(texts)
    if not all(_FLAG.fullmatch(flag) for flag in flags):
        raise TierUnreadable(N_("A flag is made of small letters, digits and underscores."), field="flags")
    return flags
