"""What a command says about a tier to be."""

import re
from collections.abc import Iterable

from membership.i18n import N_
from membership.money import CURRENCIES, Money, parse_amount
from membership.tiers.errors import TierUnreadable
from membership.tiers.models import Interval

HEAVIEST = 3
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_FLAG = re.compile(r"[a-z][a-z0-9_]{0,31}")
_PRICE = re.compile(r"(month|year)=([0-9]+(?:\.[0-9]+)?)([a-z]{3})")


def read_prices(text: str) -> tuple[tuple[Interval, Money], ...]:
    """Read prices like `month=5.00eur,year=50eur`; raises TierUnreadable."""
    return tuple(_read_price(part.strip()) for part in text.split(","))


def _read_price(text: str) -> tuple[Interval, Money]:
    found = _PRICE.fullmatch(text)
    if found is None or found[3] not in CURRENCIES:
        raise TierUnreadable(N_("Prices are written like month=5.00eur,year=50eur."), field="prices")
    amount = parse_amount(found[2], found[3])
    if amount.minor == 0:
        raise TierUnreadable(N_("A price is more than nothing."), field="prices")
    return Interval(found[1]), amount


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
