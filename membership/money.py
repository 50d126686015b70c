"""Money: integer minor units and a currency, never a float."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import total_ordering

from membership.errors import Invalid
from membership.i18n import N_, format_money

# Digits after the point as Stripe counts them; Babel and ISO 4217 disagree, and Stripe's answer moves the money.
# Source: https://docs.stripe.com/currencies
_ZERO_DECIMAL = frozenset(
    ["bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "vnd", "vuv", "xaf", "xof", "xpf"]
)
_THREE_DECIMAL = frozenset(["bhd", "jod", "kwd", "omr", "tnd"])
_TWO_DECIMAL = frozenset(
    [
        "aed",
        "all",
        "amd",
        "ars",
        "aud",
        "bam",
        "bgn",
        "brl",
        "cad",
        "chf",
        "cop",
        "crc",
        "czk",
        "dkk",
        "egp",
        "eur",
        "gbp",
        "gel",
        "hkd",
        "huf",
        "idr",
        "ils",
        "inr",
        "isk",
        "kes",
        "kzt",
        "mad",
        "mdl",
        "mkd",
        "mxn",
        "myr",
        "nok",
        "nzd",
        "pen",
        "php",
        "pln",
        "qar",
        "ron",
        "rsd",
        "sar",
        "sek",
        "sgd",
        "thb",
        "try",
        "twd",
        "uah",
        "ugx",
        "usd",
        "uyu",
        "zar",
    ]
)
# Written with two digits, of which both are zero: https://docs.stripe.com/currencies#special-cases
_WHOLE_ONLY = frozenset(["isk", "ugx"])
CURRENCIES = _ZERO_DECIMAL | _THREE_DECIMAL | _TWO_DECIMAL

# Stripe refuses charges above eight digits of minor units.
LARGEST_MINOR = 99_999_999


class UnknownCurrency(Invalid):
    message = N_("We cannot take this currency.")


class AmountUnreadable(Invalid):
    message = N_("Please write the amount in plain digits, for example 5 or 7.50.")


class AmountNotWhole(Invalid):
    message = N_("In this currency we can take whole amounts only.")


class AmountNotChargeable(Invalid):
    message = N_("Exactly %(asked)s cannot be paid by card. The nearest amounts that can are %(below)s and %(above)s.")


class AmountTooLarge(Invalid):
    message = N_("This amount is more than we can take by card. Please write to us about a larger gift.")


def exponent_of(currency: str) -> int:
    """Return how many digits of the currency stand after the point, as Stripe counts."""
    if currency in _TWO_DECIMAL:
        return 2
    if currency in _ZERO_DECIMAL:
        return 0
    if currency in _THREE_DECIMAL:
        return 3
    raise UnknownCurrency


def step_of(currency: str) -> int:
    """Return what every amount that is charged must be a multiple of, in minor units."""
    if currency in _WHOLE_ONLY:
        return 100
    # Of three digits Stripe takes two: https://docs.stripe.com/currencies#three-decimal
    return 10 if exponent_of(currency) == 3 else 1


@total_ordering
@dataclass(frozen=True, slots=True)
class Money:
    """An amount in minor units of one currency; may be negative in the books."""

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if type(self.minor) is not int:
            raise TypeError(f"minor units are an integer, not {self.minor!r}")
        exponent_of(self.currency)

    def __add__(self, other: "Money") -> "Money":
        return Money(self.minor + self._same(other), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.minor - self._same(other), self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.minor, self.currency)

    def __mul__(self, times: int) -> "Money":
        return Money(self.minor * times, self.currency)

    def __lt__(self, other: "Money") -> bool:
        return self.minor < self._same(other)

    def __composite_values__(self) -> tuple[int, str]:
        return self.minor, self.currency

    def _same(self, other: "Money") -> int:
        if other.currency != self.currency:
            raise ValueError(f"{self.currency} and {other.currency} are never mixed")
        return other.minor


def total(amounts: Iterable[Money], currency: str) -> Money:
    """Add amounts of one currency."""
    return sum(amounts, Money(0, currency))


def decimal(amount: Money) -> Decimal:
    """Return an amount in major units, with all of its digits."""
    return Decimal(amount.minor).scaleb(-exponent_of(amount.currency))


def admit_charge(amount: Money, field: str | None = None) -> None:
    """Raise AmountNotChargeable, which names the two nearest that can be charged, unless exactly this one can."""
    step = step_of(amount.currency)
    over = amount.minor % step
    if over:
        near = {"asked": 0, "below": -over, "above": step - over}
        told = {name: Money(amount.minor + far, amount.currency) for name, far in near.items()}
        digits = exponent_of(amount.currency)
        raise AmountNotChargeable(field=field, **{name: format_money(one, digits) for name, one in told.items()})


def parse_amount(text: str, currency: str) -> Money:
    """Read what somebody typed, in major units: "5", "7.50" or "7,50"; ASCII digits only, at most eight minor digits.

    What is to be charged needs `admit_charge`, too; what comes past the provider may be any amount of its currency.

    Raises AmountUnreadable, AmountTooLarge, AmountNotWhole or UnknownCurrency.
    """
    digits = exponent_of(currency)
    whole, point, part = unicodedata.normalize("NFC", text).strip().replace(",", ".").partition(".")
    if not _plain(whole) or (point and not _plain(part)):
        raise AmountUnreadable
    if len(part) > digits:
        # Three digits after the sign may as well be thousands.
        raise AmountUnreadable if digits or len(part) == 3 else AmountNotWhole
    if len(whole) > 8 or int(whole) * 10**digits > LARGEST_MINOR:
        raise AmountTooLarge
    return Money(int(whole) * 10**digits + int(part.ljust(digits, "0") or "0"), currency)


def _plain(digits: str) -> bool:
    return digits.isascii() and digits.isdigit()
