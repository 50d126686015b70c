"""Our copy of what the provider says a subscription and its invoices are; any order of news ends in the same state."""

from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session, lazyload

from membership.gateway.values import InvoiceSnapshot, SubscriptionSnapshot
from membership.money import Money
from membership.patrons.models import Patron
from membership.patrons.service import find_by_customer
from membership.subscriptions import rules
from membership.subscriptions.errors import UnknownSubscription
from membership.subscriptions.models import (
    Invoice,
    InvoiceStatus,
    RevokedBy,
    Subscription,
    SubscriptionIntent,
    SubscriptionStatus,
)
from membership.subscriptions.service.intents import lock_patron
from membership.subscriptions.service.letters import write_about_news
from membership.subscriptions.service.plans import take_plan_up
from membership.subscriptions.service.standing import list_subscriptions_of, live_subscription
from membership.tiers.models import Price
from membership.tiers.service import find_price_of

# Built once: each event asks these. Whose invoice it is stands in the session already.
_PATRON_OF = select(Subscription.patron_id).where(Subscription.stripe_subscription_id == bindparam("stripe_id"))
_SUBSCRIPTION = (
    select(Subscription)
    .where(Subscription.stripe_subscription_id == bindparam("stripe_id"))
    .with_for_update(of=Subscription)
    .execution_options(populate_existing=True)
)
_INVOICE = (
    select(Invoice)
    .where(Invoice.stripe_invoice_id == bindparam("stripe_id"))
    .options(lazyload(Invoice.subscription))
    .with_for_update(of=Invoice)
    .execution_options(populate_existing=True)
)


def sync_subscription(session: Session, snapshot: SubscriptionSnapshot, *, quiet: bool = False) -> Subscription:
    """Mirror a subscription as it is now, and write to the patron once when it begins or stops ending.

    It belongs to the patron whose customer the provider names, whatever its metadata say. Raises UnknownSubscription
    for what was not bought through us.
    """
    patron_id, price = _owner(session, snapshot), find_price_of(session, snapshot.stripe_price_id)
    if patron_id is None or price is None:
        raise UnknownSubscription
    lock_patron(session, patron_id)
    subscription = _find(session, snapshot.id)
    if subscription is None:
        return _add(session, session.get_one(Patron, patron_id), price, snapshot)
    if not rules.is_stale(subscription, snapshot):
        _update(session, subscription, price, snapshot, quiet)
    return subscription


def _owner(session: Session, snapshot: SubscriptionSnapshot) -> int | None:
    """Return whose it is: by what we know of it already, for her customer may have been replaced; else by customer."""
    known = session.scalar(_PATRON_OF, {"stripe_id": snapshot.id})
    if known is not None:
        return known
    patron = find_by_customer(session, snapshot.customer_id)
    return patron.id if patron is not None else None


def _find(session: Session, stripe_subscription_id: str) -> Subscription | None:
    return session.scalar(_SUBSCRIPTION, {"stripe_id": stripe_subscription_id})


def _add(session: Session, patron: Patron, price: Price, snapshot: SubscriptionSnapshot) -> Subscription:
    subscription = Subscription(
        patron=patron,
        price=price,
        stripe_subscription_id=snapshot.id,
        source=_source(session, patron, snapshot.reference),
        is_surplus=_is_surplus(session, patron.id, snapshot),
        started_at=snapshot.started_at,
    )
    _mirror(session, subscription, snapshot)
    session.add(subscription)
    session.flush()
    return subscription


def _source(session: Session, patron: Patron, reference: str) -> str:
    """Return where the patron came from, if the reference is one of her own intents."""
    intent = session.scalar(select(SubscriptionIntent).filter_by(reference=reference, patron_id=patron.id))
    return intent.source if intent else ""


def _is_surplus(session: Session, patron_id: int, snapshot: SubscriptionSnapshot) -> bool:
    other = live_subscription(session, patron_id)
    if other is None or rules.status_of(snapshot.status).is_final:
        return False
    if other.status is SubscriptionStatus.INCOMPLETE and rules.status_of(snapshot.status) is not other.status:
        # A first payment that never came must not push aside the one that did.
        other.is_surplus = True
        session.flush()
        return False
    return True


def _update(
    session: Session, subscription: Subscription, price: Price, snapshot: SubscriptionSnapshot, quiet: bool
) -> None:
    before = subscription.cancel_at, subscription.paused_until
    subscription.price = price
    _mirror(session, subscription, snapshot)
    session.flush()
    if before[0] is not None and subscription.cancel_at is None and not subscription.status.is_final:
        take_plan_up(session, subscription)
    if subscription.status.is_final:
        _promote_surplus(session, subscription.patron_id)
    elif not quiet:
        write_about_news(session, subscription, *before)


def _promote_surplus(session: Session, patron_id: int) -> None:
    """Let a second subscription that is still paid for count, when the first has ended."""
    if live_subscription(session, patron_id) is None:
        surplus = [found for found in list_subscriptions_of(session, patron_id) if not found.status.is_final]
        for oldest in surplus[-1:]:
            oldest.is_surplus = False
            session.flush()


def _mirror(session: Session, subscription: Subscription, snapshot: SubscriptionSnapshot) -> None:
    following = find_price_of(session, snapshot.next_price_id) if snapshot.next_price_id else None
    subscription.stripe_item_id = snapshot.item_id
    subscription.status = rules.status_of(snapshot.status)
    subscription.period_starts_at = snapshot.period_starts_at
    subscription.period_ends_at = snapshot.period_ends_at
    subscription.cancel_at = snapshot.cancel_at
    subscription.ended_at = snapshot.ended_at
    subscription.end_reason = snapshot.end_reason
    subscription.paused_until = rules.paused_until(subscription.paused_until, snapshot)
    subscription.next_price, subscription.next_price_at = following, snapshot.next_price_at if following else None
    subscription.pending_until = snapshot.pending_until
    subscription.as_of = snapshot.as_of


def sync_invoice(
    session: Session,
    snapshot: InvoiceSnapshot,
    decline_code: str | None = None,
    *,
    locked: Subscription | None = None,
) -> Invoice:
    """Mirror an invoice as it is now; raises UnknownSubscription unless its subscription is mirrored already.

    `locked` is that subscription, where this transaction has mirrored and so locked it.
    """
    subscription = locked or _find(session, snapshot.subscription_id or "")
    if subscription is None:
        raise UnknownSubscription
    invoice = session.scalar(_INVOICE, {"stripe_id": snapshot.id})
    if invoice is None:
        invoice = _new_invoice(subscription, snapshot)
        session.add(invoice)
    _follow(invoice, snapshot)
    invoice.price = _asked(session, subscription, snapshot) or invoice.price
    invoice.decline_code = decline_code or invoice.decline_code
    session.flush()
    return invoice


def _asked(session: Session, subscription: Subscription, snapshot: InvoiceSnapshot) -> Price | None:
    wanted = snapshot.stripe_price_id
    if wanted is None or wanted == subscription.price.stripe_price_id:
        return subscription.price if wanted else None
    return find_price_of(session, wanted)


def _new_invoice(subscription: Subscription, snapshot: InvoiceSnapshot) -> Invoice:
    return Invoice(
        subscription=subscription,
        stripe_invoice_id=snapshot.id,
        status=InvoiceStatus(snapshot.status),
        created_at=snapshot.created_at,
        attempts=0,
    )


def _follow(invoice: Invoice, snapshot: InvoiceSnapshot) -> None:
    returned_at = invoice.revoked_at if invoice.revoked_by is RevokedBy.RETURN else None
    invoice.status = rules.invoice_status(invoice.status, snapshot, returned_at)
    invoice.total_minor, invoice.total_currency = _total(snapshot.total)
    invoice.period_starts_at, invoice.period_ends_at = snapshot.period_starts_at, snapshot.period_ends_at
    invoice.attempts = max(invoice.attempts, snapshot.attempts)
    invoice.paid_at = _paid_at(invoice, snapshot, returned_at)
    if invoice.first_failed_at is None and rules.has_failed(invoice.status, invoice.attempts):
        # Dated by the invoice, so that the same facts give the same grace whether we hear of them early or late; or by
        # the moment at which what paid it went back.
        invoice.first_failed_at = returned_at or snapshot.created_at


def _paid_at(invoice: Invoice, snapshot: InvoiceSnapshot, returned_at: datetime | None) -> datetime | None:
    if invoice.status is not InvoiceStatus.PAID:
        return None
    if returned_at is None or not rules.is_paid_after(snapshot, returned_at):
        return invoice.paid_at or snapshot.paid_at
    invoice.revoked_at = invoice.revoked_by = None
    return snapshot.paid_at


def _total(total: Money) -> tuple[int, str]:
    return total.minor, total.currency
