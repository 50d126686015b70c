"""Our copy of what the provider says a subscription and its invoices are; any order of news ends in the same state."""

from collections.abc import Container, Iterable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

from sqlalchemy import BindParameter, bindparam, select
from sqlalchemy.orm import Session, joinedload, lazyload

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
from membership.subscriptions.service.intents import lock_patrons
from membership.subscriptions.service.letters import write_about_news
from membership.subscriptions.service.plans import take_plan_up
from membership.subscriptions.service.standing import list_subscriptions_of, live_subscription
from membership.tiers.models import Price
from membership.tiers.service import find_prices_of

NOTHING: Mapping[str, str] = MappingProxyType({})
# Built once: each event asks these. Most subscribers share a few prices, and whose invoice it is the session knows.
_NAMED: BindParameter[str] = bindparam("stripe_ids", expanding=True)
_PATRONS_OF = select(Subscription.stripe_subscription_id, Subscription.patron_id).where(
    Subscription.stripe_subscription_id.in_(_NAMED)
)
_SUBSCRIPTIONS = (
    select(Subscription)
    .where(Subscription.stripe_subscription_id.in_(_NAMED))
    .options(lazyload("*"), joinedload(Subscription.patron).joinedload(Patron.staff))
    .order_by(Subscription.id)
    .with_for_update(of=Subscription)
    .execution_options(populate_existing=True)
)
_INVOICES = (
    select(Invoice)
    .where(Invoice.stripe_invoice_id.in_(_NAMED))
    .options(lazyload(Invoice.subscription))
    .order_by(Invoice.id)
    .with_for_update(of=Invoice)
    .execution_options(populate_existing=True)
)


def sync_subscription(session: Session, snapshot: SubscriptionSnapshot, *, quiet: bool = False) -> Subscription:
    """Mirror a subscription as it is now, like sync_subscriptions."""
    return sync_subscriptions(session, [snapshot], quiet=quiet)[snapshot.id]


def sync_subscriptions(
    session: Session, snapshots: Sequence[SubscriptionSnapshot], *, quiet: bool = False
) -> dict[str, Subscription]:
    """Mirror subscriptions as they are now, and write to a patron once when hers begins or stops ending.

    Each belongs to the patron whose customer the provider names, whatever its metadata say. Raises UnknownSubscription
    for what was not bought through us.
    """
    if not snapshots:
        return {}
    owners = _owners(session, snapshots)
    prices = find_prices_of(session, _prices_named(snapshots))
    if any(one.id not in owners or one.stripe_price_id not in prices for one in snapshots):
        raise UnknownSubscription
    lock_patrons(session, sorted(set(owners.values())))
    found = session.scalars(_SUBSCRIPTIONS, {"stripe_ids": list(owners)})
    mirrored = {one.stripe_subscription_id: one for one in found}
    for snapshot in snapshots:
        subscription = mirrored.get(snapshot.id)
        if subscription is None:
            patron = session.get_one(Patron, owners[snapshot.id])
            mirrored[snapshot.id] = _add(session, patron, prices, snapshot)
        elif not rules.is_stale(subscription, snapshot):
            _update(session, subscription, prices, snapshot, quiet)
    return mirrored


def _prices_named(snapshots: Iterable[SubscriptionSnapshot]) -> set[str]:
    named = (price_id for one in snapshots for price_id in (one.stripe_price_id, one.next_price_id))
    return {price_id for price_id in named if price_id}


def _owners(session: Session, snapshots: Iterable[SubscriptionSnapshot]) -> dict[str, int]:
    """Return whose they are: by what we know of them already, for a customer may have been replaced; else by customer.

    Those of nobody are left out.
    """
    known = session.execute(_PATRONS_OF, {"stripe_ids": [one.id for one in snapshots]})
    owners = {row.stripe_subscription_id: row.patron_id for row in known}
    for snapshot in snapshots:
        patron = None if snapshot.id in owners else find_by_customer(session, snapshot.customer_id)
        if patron is not None:
            owners[snapshot.id] = patron.id
    return owners


def _add(session: Session, patron: Patron, prices: Mapping[str, Price], snapshot: SubscriptionSnapshot) -> Subscription:
    subscription = Subscription(
        patron=patron,
        stripe_subscription_id=snapshot.id,
        source=_source(session, patron, snapshot.reference),
        is_surplus=_is_surplus(session, patron.id, snapshot),
        started_at=snapshot.started_at,
    )
    _mirror(subscription, prices, snapshot)
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
    session: Session,
    subscription: Subscription,
    prices: Mapping[str, Price],
    snapshot: SubscriptionSnapshot,
    quiet: bool,
) -> None:
    before = subscription.cancel_at, subscription.paused_until
    _mirror(subscription, prices, snapshot)
    if before == (subscription.cancel_at, subscription.paused_until) and not subscription.status.is_final:
        # Nothing to tell, and nothing that another row waits for: many of these are written at once.
        return
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


def _mirror(subscription: Subscription, prices: Mapping[str, Price], snapshot: SubscriptionSnapshot) -> None:
    following = prices.get(snapshot.next_price_id or "")
    told = {
        "price": prices[snapshot.stripe_price_id],
        "stripe_item_id": snapshot.item_id,
        "status": rules.status_of(snapshot.status),
        "period_starts_at": snapshot.period_starts_at,
        "period_ends_at": snapshot.period_ends_at,
        "cancel_at": snapshot.cancel_at,
        "ended_at": snapshot.ended_at,
        "end_reason": snapshot.end_reason,
        "paused_until": rules.paused_until(subscription.paused_until, snapshot),
        "next_price": following,
        "next_price_at": snapshot.next_price_at if following else None,
        "pending_until": snapshot.pending_until,
        "as_of": snapshot.as_of,
    }
    # Most of it is as before, and to look is cheaper than to set.
    for name, value in told.items():
        if getattr(subscription, name) != value:
            setattr(subscription, name, value)


def sync_invoices(
    session: Session,
    snapshots: Sequence[InvoiceSnapshot],
    mirrored: Mapping[str, Subscription],
    decline_codes: Mapping[str, str] = NOTHING,
    debited: Container[str] = (),
) -> dict[str, Invoice]:
    """Mirror invoices as they are now, with why their payments were declined; `debited` are on their way from a bank.

    Their subscriptions are those that this transaction has mirrored and so locked.
    """
    if not snapshots:
        return {}
    found = session.scalars(_INVOICES, {"stripe_ids": [one.id for one in snapshots]})
    invoices = {one.stripe_invoice_id: one for one in found}
    named = {one.stripe_price_id for one in snapshots if one.stripe_price_id}
    prices = find_prices_of(session, named) if named else {}
    for snapshot in snapshots:
        invoice = invoices.get(snapshot.id)
        if invoice is None:
            invoice = invoices[snapshot.id] = _new_invoice(mirrored[snapshot.subscription_id or ""], snapshot)
            session.add(invoice)
        _follow(invoice, snapshot, snapshot.id in debited)
        if snapshot.stripe_price_id in prices:
            invoice.price = prices[snapshot.stripe_price_id]
        if snapshot.id in decline_codes:
            invoice.decline_code = decline_codes[snapshot.id]
    session.flush()
    return invoices


def _new_invoice(subscription: Subscription, snapshot: InvoiceSnapshot) -> Invoice:
    return Invoice(
        subscription=subscription,
        stripe_invoice_id=snapshot.id,
        status=InvoiceStatus(snapshot.status),
        created_at=snapshot.created_at,
        attempts=0,
    )


def _follow(invoice: Invoice, snapshot: InvoiceSnapshot, is_debited: bool) -> None:
    returned_at = invoice.revoked_at if invoice.revoked_by is RevokedBy.RETURN else None
    invoice.status = rules.invoice_status(invoice.status, snapshot, returned_at)
    invoice.total_minor, invoice.total_currency = _total(snapshot.total)
    invoice.period_starts_at, invoice.period_ends_at = snapshot.period_starts_at, snapshot.period_ends_at
    invoice.attempts = max(invoice.attempts, snapshot.attempts)
    invoice.paid_at = _paid_at(invoice, snapshot, returned_at)
    has_failed = rules.has_failed(invoice.status, invoice.attempts) and not is_debited
    if has_failed and invoice.first_failed_at is None:
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
