"""How small a gift may be."""

from membership.donations.errors import DonationTooSmall
from membership.i18n import format_money
from membership.money import Money, admit_charge, exponent_of

# About two euros, well above the provider's own minimum: small amounts are what stolen cards are tried with.
_LEAST_BY_EXPONENT = {0: 300, 2: 200, 3: 1000}
_LEAST = {
    "amd": 80_000,
    "ars": 300_000,
    "clp": 2000,
    "cop": 1_000_000,
    "czk": 5000,
    "dkk": 1500,
    "egp": 10_000,
    "huf": 80_000,
    "idr": 4_000_000,
    "inr": 20_000,
    "isk": 30_000,
    "kes": 30_000,
    "krw": 3000,
    "kzt": 100_000,
    "mxn": 4000,
    "nok": 2500,
    "php": 12_000,
    "rsd": 25_000,
    "rwf": 3000,
    "sek": 2500,
    "thb": 8000,
    "try": 10_000,
    "twd": 7000,
    "uah": 5000,
    "ugx": 800_000,
    "vnd": 50_000,
    "zar": 4000,
}


def least(currency: str) -> Money:
    """Return the smallest gift that is taken in a currency."""
    return Money(_LEAST.get(currency, _LEAST_BY_EXPONENT[exponent_of(currency)]), currency)


def admit(amount: Money) -> None:
    """Raise DonationTooSmall or AmountNotChargeable unless the amount can be given."""
    smallest = least(amount.currency)
    if amount < smallest:
        raise DonationTooSmall(least=format_money(smallest, exponent_of(amount.currency)))
    admit_charge(amount, "amount")
