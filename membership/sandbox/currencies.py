"""How many minor units a currency has, what may be charged in it, and what it is worth in another."""

from decimal import ROUND_HALF_UP, Decimal

from membership.sandbox.errors import ApiError

WITHOUT_DECIMALS = frozenset(
    {"bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga"} | {"pyg", "rwf", "vnd", "vuv", "xaf", "xof", "xpf"}
)
WITH_THREE_DECIMALS = frozenset({"bhd", "jod", "kwd", "omr", "tnd"})
# Written with two decimals, of which both are zero: https://docs.stripe.com/currencies#special-cases
STEPS = {"isk": 100, "ugx": 100} | dict.fromkeys(WITH_THREE_DECIMALS, 10)
# Charged with two decimals, but a bank is sent whole units only.
PAYOUT_STEPS = {"huf": 100, "twd": 100}
# What one unit is worth in euros, until somebody sets another rate.
EUROS = {
    "aud": 0.56,
    "cad": 0.62,
    "chf": 1.07,
    "czk": 0.041,
    "eur": 1.0,
    "gbp": 1.15,
    "huf": 0.0026,
    "jpy": 0.0057,
    "kwd": 2.8,
    "nok": 0.085,
    "pln": 0.235,
    "ron": 0.197,
    "sek": 0.091,
    "uah": 0.0205,
    "usd": 0.86,
}


def decimals(currency: str) -> int:
    """Return how many decimals amounts in a currency have."""
    if currency in WITHOUT_DECIMALS:
        return 0
    return 3 if currency in WITH_THREE_DECIMALS else 2


def major(minor: int, currency: str) -> Decimal:
    """Return an amount in whole units."""
    return Decimal(minor).scaleb(-decimals(currency))


def check_step(amount: int, currency: str, param: str) -> None:
    """Refuse an amount that no card of this currency can pay."""
    _refuse_between(amount, currency, STEPS.get(currency, 1), param)


def check_payout_step(amount: int, currency: str, param: str) -> None:
    """Refuse an amount that no bank can be sent in this currency."""
    _refuse_between(amount, currency, PAYOUT_STEPS.get(currency, 1), param)


def _refuse_between(amount: int, currency: str, step: int, param: str) -> None:
    if amount % step:
        raise ApiError(f"Invalid amount: amounts in {currency} must be a multiple of {step}.", param=param)


def rate(source: str, target: str, rates: dict[str, float]) -> float:
    """Return how many whole units of a currency one of another is worth."""
    worth = EUROS | rates
    return round(worth.get(source, 1.0) / worth.get(target, 1.0), 6)


def convert(amount: int, source: str, target: str, rate: float) -> int:
    """Return an amount in the minor units of another currency."""
    exact = Decimal(amount) * Decimal(str(rate)).scaleb(decimals(target) - decimals(source))
    return int(exact.to_integral_value(ROUND_HALF_UP))
