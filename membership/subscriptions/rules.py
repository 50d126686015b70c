"""What invoices pay for, how long patience lasts, and which news about a subscription is too old to believe."""

from calendar import monthrange
from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum

from membership.gateway.values import LAST_MOMENT_TO_ASK, InvoiceSnapshot, SubscriptionSnapshot
from membership.subscriptions.errors import (
    EndsAlready,
    ForeignCurrency,
    LateFirst,
    NothingToChange,
    PausedNow,
    PauseNotOffered,
    PauseTooLong,
)
from membership.subscriptions.models import (
    ChangeMoment,
    IntentStatus,
    Invoice,
    InvoiceStatus,
    Subscription,
    SubscriptionIntent,
    SubscriptionStatus,
)
from membership.tiers.models import Interval, Price

RENEWAL_SLACK = timedelta(days=3)
# A bank takes some days to pay what is debited for a period, and up to two weeks to refuse it.
BANK_DEBIT = timedelta(days=14)
# Stripe is to ask again shortly before the renewal that it is meant to ask for.
PAUSE_MARGIN = timedelta(hours=1)
# Codes with which a bank says that this card will never work again: https://docs.stripe.com/declines/codes
HOPELESS = frozenset(
    {
        "incorrect_number",
        "lost_card",
        "pickup_card",
        "stolen_card",
        "revocation_of_authorization",
        "revocation_of_all_authorizations",
        "authentication_required",
        "highest_risk_level",
        "transaction_not_allowed",
    }
)

_STRIPE_WORDS = {"canceled": SubscriptionStatus.ENDED, "incomplete_expired": SubscriptionStatus.EXPIRED}
_UNPAID = {InvoiceStatus.OPEN, InvoiceStatus.UNCOLLECTIBLE}
_FINALITY = {
    InvoiceStatus.DRAFT: 0,
    InvoiceStatus.OPEN: 1,
    InvoiceStatus.UNCOLLECTIBLE: 2,
    InvoiceStatus.VOID: 3,
    InvoiceStatus.PAID: 3,
}


class Standing(StrEnum):
    """How a subscription stands, in the words that readers are told."""

    STARTING = "starting"
    ACTIVE = "active"
    LATE = "late"
    ENDING = "ending"
    PAUSED = "paused"
    ENDED = "ended"


_STANDINGS = {
    SubscriptionStatus.INCOMPLETE: Standing.STARTING,
    SubscriptionStatus.TRIALING: Standing.ACTIVE,
    SubscriptionStatus.ACTIVE: Standing.ACTIVE,
    SubscriptionStatus.PAST_DUE: Standing.LATE,
    SubscriptionStatus.UNPAID: Standing.LATE,
    SubscriptionStatus.PAUSED: Standing.PAUSED,
    SubscriptionStatus.ENDED: Standing.ENDED,
    SubscriptionStatus.EXPIRED: Standing.ENDED,
}


def standing_of(subscription: Subscription) -> Standing:
    """Tell late from ending from paused from ended."""
    standing = _STANDINGS[subscription.status]
    if standing is not Standing.ACTIVE:
        return standing
    if subscription.cancel_at:
        return Standing.ENDING
    return Standing.PAUSED if subscription.paused_until else standing


def pays_again_at(subscription: Subscription) -> datetime:
    """Return when the next payment is asked: after a pause, else when the period ends.

    What is paid for longer than a month rests only while a gift runs, and begins anew on the day after it.
    """
    if subscription.paused_until is None:
        return subscription.period_ends_at
    over_at = subscription.paused_until + PAUSE_MARGIN
    is_monthly = subscription.price.interval is Interval.MONTH
    return max(over_at, subscription.period_ends_at) if is_monthly else over_at


def paused_until(known: datetime | None, snapshot: SubscriptionSnapshot) -> datetime | None:
    """Return the end of a pause after news: one that was over by itself is kept until the next period begins."""
    if snapshot.paused_until is not None or known is None:
        return snapshot.paused_until
    is_over_by_itself = known <= snapshot.as_of
    has_begun = snapshot.period_starts_at >= known
    return known if is_over_by_itself and not has_begun else None


def pause_months(subscription: Subscription) -> range:
    """Return for how many months a subscription may be paused; for none when it is not paid monthly."""
    is_monthly = subscription.price.interval is Interval.MONTH
    return range(1, subscription.price.tier.pause_months + 1 if is_monthly else 1)


def pause_until(subscription: Subscription, months: int) -> datetime:
    """Return when a pause that spares some months ends; raises PauseNotOffered or PauseTooLong.

    Only what is paid monthly is paused: for a longer interval a pause would spare a whole one of those.
    """
    offered = pause_months(subscription)
    if not offered:
        raise PauseNotOffered
    if months not in offered:
        raise PauseTooLong
    return months_after(subscription.period_ends_at, months, subscription.started_at.day) - PAUSE_MARGIN


def months_after(moment: datetime, months: int, anchor_day: int) -> datetime:
    """Return the same day some months later; the 31st of an anchor comes back after a shorter month."""
    is_cut = moment.day == monthrange(moment.year, moment.month)[1] and anchor_day > moment.day
    year, month = divmod(moment.year * 12 + moment.month - 1 + months, 12)
    day = min(anchor_day if is_cut else moment.day, monthrange(year, month + 1)[1])
    return moment.replace(year=year, month=month + 1, day=day)


def first_renewal_from(subscription: Subscription, moment: datetime) -> datetime:
    """Return the first renewal at or after a moment that is paid."""
    return _turn_from(subscription, pays_again_at(subscription), moment)


def first_turn_from(subscription: Subscription, moment: datetime) -> datetime:
    """Return the first end of a period at or after a moment, paid or resting."""
    return _turn_from(subscription, subscription.period_ends_at, moment)


def _turn_from(subscription: Subscription, renewal: datetime, moment: datetime) -> datetime:
    step = subscription.price.interval.months
    while renewal < moment:
        renewal = months_after(renewal, step, subscription.started_at.day)
    return renewal


def admit_change(subscription: Subscription) -> None:
    """Raise unless what is given can be changed as things stand: ErasureUnderWay, EndsAlready, LateFirst, PausedNow."""
    subscription.patron.admit()
    refusals = {Standing.ENDING: EndsAlready, Standing.LATE: LateFirst, Standing.PAUSED: PausedNow}
    if (refusal := refusals.get(standing_of(subscription))) is not None:
        raise refusal


def moment_of_change(before: Price, after: Price) -> ChangeMoment:
    """Return when another price begins: at once when more is given, else when what is paid for is over.

    Raises NothingToChange or ForeignCurrency.
    """
    if before.amount.currency != after.amount.currency:
        raise ForeignCurrency
    if before.id == after.id:
        raise NothingToChange
    more_a_month = after.amount.minor * before.interval.months > before.amount.minor * after.interval.months
    is_now = more_a_month and after.interval.months >= before.interval.months
    return ChangeMoment.NOW if is_now else ChangeMoment.PERIOD_END


def is_hopeless(decline_code: str | None) -> bool:
    """Whether a card will not be charged however often it is tried."""
    return decline_code in HOPELESS


def paid_through(invoices: Iterable[Invoice]) -> datetime | None:
    """Return until when paid, unrevoked invoices carry access; none when nothing was paid."""
    paid = (invoice for invoice in invoices if invoice.status is InvoiceStatus.PAID and invoice.revoked_at is None)
    return max((invoice.period_ends_at for invoice in paid), default=None)


def is_debited(invoices: Iterable[Invoice], now: datetime) -> bool:
    """Whether the present period was asked for and a bank debit for it is on its way."""
    asked = (one for one in invoices if one.status is InvoiceStatus.OPEN and one.first_failed_at is None)
    return any(now < invoice.period_ends_at for invoice in asked)


def failing_since(invoices: Iterable[Invoice]) -> datetime | None:
    """Return when the oldest invoice that is still unpaid first failed."""
    failed = (invoice.first_failed_at for invoice in invoices if invoice.status in _UNPAID)
    return min((moment for moment in failed if moment is not None), default=None)


def grace_until(first_failed_at: datetime, days: int) -> datetime:
    """Return the end of the grace that a tier grants from a first failure."""
    return first_failed_at + timedelta(days=days)


def status_of(stripe_word: str) -> SubscriptionStatus:
    """Translate the provider's status; a word that we do not know is a bug, not a state to guess."""
    return _STRIPE_WORDS.get(stripe_word) or SubscriptionStatus(stripe_word)


def is_stale(subscription: Subscription, snapshot: SubscriptionSnapshot) -> bool:
    """Whether a snapshot may be older than what we know: asked for before, or taking back an end or a period."""
    takes_back_the_end = subscription.status.is_final and not status_of(snapshot.status).is_final
    takes_back_the_period = snapshot.period_starts_at < subscription.period_starts_at
    return takes_back_the_end or takes_back_the_period or snapshot.as_of < subscription.as_of


def invoice_status(
    known: InvoiceStatus, snapshot: InvoiceSnapshot, returned_at: datetime | None = None
) -> InvoiceStatus:
    """Return the status of an invoice after news of it: paid and void are final, nothing goes back.

    Only what paid it may have been returned; then it is owed again, until it is paid after that.
    """
    told = InvoiceStatus(snapshot.status)
    if returned_at is not None:
        is_old = told is InvoiceStatus.PAID and not is_paid_after(snapshot, returned_at)
        return known if is_old else told
    return told if _FINALITY[told] > _FINALITY[known] else known


def is_paid_after(invoice: Invoice | InvoiceSnapshot, moment: datetime) -> bool:
    """Whether an invoice was paid later than a moment, as far as is known."""
    return invoice.paid_at is not None and invoice.paid_at > moment


def has_failed(status: InvoiceStatus, attempts: int) -> bool:
    """Whether an invoice was tried and could not be charged."""
    return status in _UNPAID and attempts > 0


def may_still_be_asked(intent: SubscriptionIntent, price_id: int, coupon_id: int | None, now: datetime) -> bool:
    """Whether a waiting intent serves this wish: the same price, and time left to open its checkout or to pay."""
    needed = LAST_MOMENT_TO_ASK if intent.status is IntentStatus.STARTED else timedelta()
    return (intent.price_id, intent.coupon_id) == (price_id, coupon_id) and now + needed < intent.expires_at
