"""Checkout sessions, in our own words."""

from membership.gateway.translation.fields import Expanded, id_of, moment
from membership.gateway.values import CheckoutSnapshot, CheckoutStatus


def checkout(session: Expanded) -> CheckoutSnapshot:
    """Read a checkout session."""
    return CheckoutSnapshot(
        id=session.id,
        url=session.url,
        status=CheckoutStatus(session.status),
        is_paid=session.payment_status in {"paid", "no_payment_required"},
        reference=session.client_reference_id or "",
        mode=session.mode,
        customer_id=id_of(session.customer),
        subscription_id=id_of(session.subscription),
        payment_intent_id=id_of(session.payment_intent),
        created_at=moment(session.created),
    )
