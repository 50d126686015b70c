"""When given time begins, how long it lasts, and when a subscription beside it may charge for the first time."""

from calendar import monthrange
from datetime import datetime, timedelta

from membership.money import Money
from membership.terms.models import TermPolicy

# Stripe takes the end of a trial only when it is two days away; an intent may be asked for as long as it lives:
# https://docs.stripe.com/api/checkout/sessions/create#create_checkout_session-subscription_data-trial_end
SHORTEST_TRIAL = timedelta(hours=53)
MOST_MONTHS = 120


def begins(now: datetime, *, paid_until: datetime | None, given_until: datetime | None) -> datetime:
    """Return when newly given time begins: after all that she has, paid by herself or given before, never beside it."""
    return max(now, paid_until or now, given_until or now)


def first_charge(now: datetime, given_until: datetime | None) -> datetime | None:
    """Return when a subscription that starts now may charge for the first time; None when that is at once.

    Given time runs before her own paid time: nobody pays for days that she was given.
    """
    if given_until is None or given_until <= now:
        return None
    return max(given_until, now + SHORTEST_TRIAL).replace(microsecond=0)


def carries_on(paid_at: datetime, ends_at: datetime, awaited_until: datetime) -> datetime:
    """Return when the time begins that money of this moment gives, after a term of the same kind.

    What comes while the next one is awaited carries the term on without a gap and without losing a day.
    """
    return ends_at if paid_at <= awaited_until else paid_at


def months_for(amount: Money, policy: TermPolicy) -> int:
    """Return how many months of the policy's tier an amount comes to; none is left of what is less than a month."""
    return min(amount.minor // policy.month.minor, policy.most_months)


def add_months(moment: datetime, months: int) -> datetime:
    """Return the moment so many calendar months later, the last day of a shorter month at most."""
    years, index = divmod(moment.month - 1 + months, 12)
    year, month = moment.year + years, index + 1
    return moment.replace(year=year, month=month, day=min(moment.day, monthrange(year, month)[1]))
