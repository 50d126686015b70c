"""What a patron is told when her standing order changes: each thing once, whoever changed it."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from membership.clock import utc_now
from membership.mail import service as mail
from membership.money import Money
from membership.patrons.service import find_by_email, is_shut_out
from membership.subscriptions import rules
from membership.subscriptions.models import (
    ChangeMoment,
    ChangeStatus,
    LetterLink,
    Purpose,
    Subscription,
    SubscriptionChange,
)
from membership.tiers.models import Price


def write_about_news(
    session: Session, subscription: Subscription, cancel_at: datetime | None, paused_until: datetime | None
) -> None:
    """Say that the support ends, is paused, or goes on; the moments are those from before."""
    if (cancel_at is None) != (subscription.cancel_at is None):
        _tell_of_end(session, subscription)
    elif subscription.paused_until is not None and subscription.paused_until != paused_until:
        _tell_of_pause(session, subscription)
    elif subscription.paused_until is None and paused_until is not None and paused_until > subscription.as_of:
        # A pause that is over by itself was announced before.
        write(session, "resumed", subscription, **amount_of(subscription.price))


def _tell_of_pause(session: Session, subscription: Subscription) -> None:
    if subscription.paused_until != subscription.rests_until:
        write(session, "paused", subscription, next_at=rules.pays_again_at(subscription).isoformat())


def _tell_of_end(session: Session, subscription: Subscription) -> None:
    once = session.scalar(select(LetterLink).filter_by(subscription_id=subscription.id, purpose=Purpose.ONCE))
    if subscription.cancel_at is None:
        write(session, "continuing", subscription, next_at=rules.pays_again_at(subscription).isoformat())
        if once is not None:
            once.used_at = None
    elif once is None or once.used_at is None:
        # Whoever made it a single gift was told so, in a letter of its own.
        write(session, "stopping", subscription, ends_at=subscription.cancel_at.isoformat())


def write_about_change(session: Session, change: SubscriptionChange) -> None:
    """Say that another price counts now, will count, or waits for its payment."""
    about = {"about": change.reference, "tier": change.price.tier.name, **amount_of(change.price)}
    if change.status is ChangeStatus.WAITING:
        write(session, "change_unpaid", change.subscription, **about)
    elif change.status is ChangeStatus.DONE and change.moment is ChangeMoment.NOW:
        write(session, "changed", change.subscription, **about)
    elif change.status is ChangeStatus.DONE:
        begins_at = rules.pays_again_at(change.subscription).isoformat()
        write(session, "change_planned", change.subscription, begins_at=begins_at, **about)


def write(session: Session, kind: str, subscription: Subscription, *, about: str = "", **values: Any) -> None:
    """Write to the patron of a subscription, once about each state of it or about what is named."""
    patron = subscription.patron
    if patron.email is not None:
        about = about or f"{subscription.id}:{subscription.version}"
        values = {"tier": subscription.price.tier.name} | values
        mail.write(session, kind, to=patron.email, locale=patron.locale, about=about, **values)


def write_not_welcome(session: Session, email: str) -> None:
    """Write to an address, if its account is shut out, that we take no regular support from it, once a day at most."""
    patron = find_by_email(session, email)
    if patron is not None and is_shut_out(session, patron.id):
        to, about = patron.email or "", f"{patron.id}:{utc_now().date()}"
        mail.write(session, "not_welcome", to=to, locale=patron.locale, about=about)


def amount_of(price: Price) -> dict[str, Any]:
    """Return what is given, and how often, as letters take it."""
    return {"amount": amount(price.amount), "interval": price.interval.value}


def amount(money: Money) -> dict[str, Any]:
    """Return an amount as letters take it."""
    return {"minor": money.minor, "currency": money.currency}
