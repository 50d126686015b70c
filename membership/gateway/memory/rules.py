"""Arithmetic of the provider: fees and calendar months."""

from calendar import monthrange
from datetime import datetime

from membership.money import Money, exponent_of

# What is less is not charged by itself: https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts
LEAST = 50
STEPS = {"month": 1, "quarter": 3, "year": 12}


def fee_of(amount: Money) -> Money:
    """Return what the provider keeps: 1.5 % and 25 cents, or 3.6 % where there are no cents; half a unit rounds up."""
    per_mille, fixed = (15, 25) if exponent_of(amount.currency) else (36, 0)
    return Money((amount.minor * per_mille + 500) // 1000 + fixed, amount.currency)


def months_after(anchor: datetime, months: int) -> datetime:
    """Return the same day some months later, or the last of a shorter month; always counted from the anchor."""
    year, month = divmod(anchor.year * 12 + anchor.month - 1 + months, 12)
    return anchor.replace(year=year, month=month + 1, day=min(anchor.day, monthrange(year, month + 1)[1]))


def reduced(amount: Money, off: int | Money) -> Money:
    """Return what is left of an amount after a share in percent or an amount is taken off."""
    taken = off.minor if isinstance(off, Money) else (amount.minor * off + 50) // 100
    return Money(max(0, amount.minor - taken), amount.currency)
