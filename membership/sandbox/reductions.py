"""What a coupon takes off a list of amounts: percentages line by line, a fixed sum spread over the lines."""

from fractions import Fraction

from membership.sandbox.store import Object


def reduce(amounts: list[int], coupon: Object, currency: str) -> list[int]:
    """Return what a coupon takes off each amount, never more than there is; negative amounts stay as they are."""
    if coupon["percent_off"] is not None:
        return [percentage(max(0, amount), coupon["percent_off"]) for amount in amounts]
    return spread(amount_off(coupon, currency), [max(0, amount) for amount in amounts])


def percentage(amount: int, percent: float) -> int:
    """Return that many hundredths of an amount, rounded half up."""
    exact = amount * Fraction(str(percent)) / 100
    return int(exact + Fraction(1, 2))


def spread(total: int, amounts: list[int]) -> list[int]:
    """Share a total out in proportion to the amounts, to the last unit, giving none more than its own amount."""
    whole = sum(amounts)
    left, parts = min(total, whole), []
    for amount in amounts:
        part = (left * amount + whole // 2) // whole if whole else 0
        parts.append(part)
        left, whole = left - part, whole - amount
    return parts


def amount_off(coupon: Object, currency: str) -> int:
    """Return what a coupon of a fixed sum takes off in a currency; nothing where it knows no such sum."""
    if coupon["currency"] == currency:
        return int(coupon["amount_off"])
    options = coupon.get("currency_options") or {}
    return int(options.get(currency, {"amount_off": 0})["amount_off"])
