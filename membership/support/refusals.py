"""The end of a standing order whose first debit the bank refused: nothing may be tried any more."""

from contextlib import suppress
from typing import Any

from sqlalchemy.orm import Session

from membership.db import transaction
from membership.gateway.current import gateway
from membership.gateway.errors import GatewayRefused
from membership.gateway.values import SubscriptionSnapshot
from membership.mail import service as mail
from membership.payments.fulfilment import Facts, look_up_checkout, record
from membership.subscriptions import service as subscriptions


def end_refused(payload: dict[str, Any]) -> None:
    """End at the provider what was never paid, ask for nothing more, then say so; again changes nothing.

    What was paid meanwhile is kept.
    """
    session_id = payload["session_id"]
    facts = look_up_checkout(gateway(), session_id)
    with transaction() as current:
        record(current, facts)
        if not _is_refused(current, session_id):
            return
    for subscription in facts.subscriptions:
        _cancel(subscription)
        _void(subscription.id)
    facts = look_up_checkout(gateway(), session_id)
    with transaction() as current:
        _tell(current, session_id, facts)


def _is_refused(session: Session, session_id: str) -> bool:
    intent = subscriptions.find_intent_by_session(session, session_id)
    return intent is not None and intent.refusal is not None


def _cancel(subscription: SubscriptionSnapshot) -> None:
    if subscription.ended_at is not None:
        return
    try:
        gateway().cancel_now(subscription.id, key=f"refused:{subscription.id}")
    except GatewayRefused:
        if gateway().get_subscription(subscription.id).ended_at is None:
            raise


def _void(subscription_id: str) -> None:
    unpaid = [one.id for one in gateway().list_invoices_of(subscription_id) if one.status == "open"]
    for invoice_id in unpaid:
        # It may have been paid or voided meanwhile, and news of it comes either way.
        with suppress(GatewayRefused):
            gateway().void_invoice(invoice_id, key=f"void:{invoice_id}")


def _tell(session: Session, session_id: str, facts: Facts) -> None:
    record(session, facts)
    intent = subscriptions.find_intent_by_session(session, session_id)
    if intent is None or intent.refusal is None or intent.patron.email is None:
        return
    to, locale = intent.patron.email, intent.locale
    values = {"tier": intent.price.tier.name, **subscriptions.amount_of(intent.price)}
    mail.write(session, "debit_refused", to=to, locale=locale, about=intent.reference, **values)
