"""The wish to subscribe: committed before the provider is asked, one per patron at a time."""

import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, bindparam, select, update
from sqlalchemy.orm import Session

from membership.clock import utc_now
from membership.gateway.values import CHECKOUT_LIFE, CheckoutSnapshot
from membership.mail import service as mail
from membership.patrons.errors import NotWelcome
from membership.patrons.models import Patron
from membership.patrons.service import hold, is_shut_out
from membership.subscriptions import rules
from membership.subscriptions.errors import AlreadySubscribed, CheckoutReplaced, UnknownIntent
from membership.subscriptions.models import IntentStatus, SubscriptionIntent, SubscriptionStatus
from membership.subscriptions.service.standing import live_subscription
from membership.terms.rules import first_charge
from membership.terms.service import given_until
from membership.tiers.models import Coupon, Price

# Built once: each event asks it.
_LOCK_PATRONS = (
    select(Patron.id)
    .where(Patron.id.in_(bindparam("patron_ids", expanding=True)))
    .order_by(Patron.id)
    .with_for_update()
)
WAITING = (IntentStatus.STARTED, IntentStatus.OPEN)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A checkout that the provider holds for a patron, as plain values."""

    session_id: str
    price_id: int
    coupon_id: int | None
    browser_hash: str


def intend(
    session: Session, patron: Patron, price: Price, *, coupon: Coupon | None = None, **origin: str
) -> SubscriptionIntent:
    """Record the wish to subscribe; the same wish is the same intent, another wish replaces it.

    `origin` is the article that she came from, her language and her browser: source, locale, browser_hash.

    Raises TierRetired, ErasureUnderWay, NotWelcome, AlreadySubscribed, and CheckoutReplaced while the provider still
    holds a checkout for another wish: two that can be paid must not stand side by side, so that one is closed first.
    """
    price.tier.admit()
    patron = hold(session, patron.id)
    lock_patron(session, patron.id)
    if is_shut_out(session, patron.id):
        raise NotWelcome
    current = live_subscription(session, patron.id)
    if current is not None and current.status is not SubscriptionStatus.INCOMPLETE:
        raise AlreadySubscribed
    waiting = _lock_waiting(session, patron.id)
    if waiting is None:
        return _new_intent(session, patron, price, coupon, origin)
    if rules.may_still_be_asked(waiting, price.id, coupon.id if coupon else None, utc_now()):
        return waiting
    if waiting.status is IntentStatus.OPEN:
        raise CheckoutReplaced
    # Its checkout, should there be one, was never shown to anybody; record_checkout will find it replaced.
    waiting.status = IntentStatus.EXPIRED
    session.flush()
    return _new_intent(session, patron, price, coupon, origin)


def _new_intent(
    session: Session, patron: Patron, price: Price, coupon: Coupon | None, origin: Mapping[str, str]
) -> SubscriptionIntent:
    now = utc_now().replace(microsecond=0)
    intent = SubscriptionIntent(
        reference=f"sub_{secrets.token_hex(16)}",
        patron=patron,
        price=price,
        coupon=coupon,
        status=IntentStatus.STARTED,
        created_at=now,
        expires_at=now + CHECKOUT_LIFE,
        trial_ends_at=first_charge(now, given_until(session, patron.id)),
        **origin,
    )
    session.add(intent)
    session.flush()
    return intent


def remind_of_subscription(session: Session, patron: Patron, now: datetime) -> bool:
    """Write to a patron who gives already that she does, once a day at most; return whether she does."""
    current = live_subscription(session, patron.id)
    if current is None or current.status is SubscriptionStatus.INCOMPLETE:
        return False
    about = f"{current.id}:{now.date()}"
    mail.write(session, "already_member", to=patron.email or "", locale=patron.locale, about=about)
    return True


def remind_of_checkout(session: Session, patron: Patron, browser_hash: str) -> bool:
    """Whether a checkout that another browser began waits; then tell the patron where, once for each.

    An address proves nothing: whoever only types it must neither see that checkout nor close it.
    """
    lock_patron(session, patron.id)
    waiting = _waiting_intent(session, patron.id)
    if waiting is None or waiting.browser_hash == browser_hash or waiting.expires_at <= utc_now():
        return False
    if waiting.checkout_url is not None and patron.email is not None:
        mail.write(
            session,
            "checkout_waiting",
            to=patron.email,
            locale=patron.locale,
            about=waiting.reference,
            checkout_url=waiting.checkout_url,
            tier=waiting.price.tier.name,
        )
    return True


def lock_patron(session: Session, patron_id: int) -> None:
    """Let nobody else change what this patron subscribes to until the transaction ends."""
    lock_patrons(session, [patron_id])


def lock_patrons(session: Session, patron_ids: Collection[int]) -> None:
    """Lock several like lock_patron, always in the same order."""
    session.execute(_LOCK_PATRONS, {"patron_ids": patron_ids})


def _waiting_intent(session: Session, patron_id: int) -> SubscriptionIntent | None:
    return session.scalar(_waiting_of(patron_id))


def _lock_waiting(session: Session, patron_id: int) -> SubscriptionIntent | None:
    # Locked: its checkout may be recorded at this very moment, and one that is open is not replaced but closed first.
    return session.scalar(_waiting_of(patron_id).with_for_update(of=SubscriptionIntent))


def _waiting_of(patron_id: int) -> Select[SubscriptionIntent]:
    waiting = SubscriptionIntent.status.in_(WAITING)
    mine = select(SubscriptionIntent).where(SubscriptionIntent.patron_id == patron_id, waiting)
    return mine.execution_options(populate_existing=True)


def drop_started(session: Session, patron_id: int) -> None:
    """Give up what a patron began and was not shown yet: whoever is just asking for its page closes it again."""
    begun = update(SubscriptionIntent).filter_by(patron_id=patron_id, status=IntentStatus.STARTED)
    session.execute(begun.values(status=IntentStatus.EXPIRED))


def find_waiting(session: Session, patron_id: int) -> Waiting | None:
    """Return the checkout that the provider holds for the patron, as far as we know."""
    intent = _waiting_intent(session, patron_id)
    if intent is None or intent.stripe_session_id is None:
        return None
    return Waiting(intent.stripe_session_id, intent.price_id, intent.coupon_id, intent.browser_hash)


def get_intent(session: Session, reference: str) -> SubscriptionIntent:
    """Return an intent by its reference, or raise UnknownIntent."""
    return _known(session.scalar(select(SubscriptionIntent).filter_by(reference=reference)))


def find_intent_by_session(session: Session, session_id: str) -> SubscriptionIntent | None:
    """Return the intent whose checkout this is."""
    return session.scalar(select(SubscriptionIntent).filter_by(stripe_session_id=session_id))


def _lock_intent(session: Session, reference: str) -> SubscriptionIntent:
    wanted = select(SubscriptionIntent).filter_by(reference=reference).with_for_update(of=SubscriptionIntent)
    return _known(session.scalar(wanted.execution_options(populate_existing=True)))


def _known(intent: SubscriptionIntent | None) -> SubscriptionIntent:
    if intent is None:
        raise UnknownIntent
    return intent


def record_customer(session: Session, patron_id: int, stripe_customer_id: str) -> None:
    """Keep by which id the provider knows the patron; the first one stays."""
    patron = session.get_one(Patron, patron_id, with_for_update={"of": Patron}, populate_existing=True)
    patron.stripe_customer_id = patron.stripe_customer_id or stripe_customer_id


def replace_customer(session: Session, patron_id: int, gone: str, stripe_customer_id: str) -> None:
    """Keep another customer for a patron whose customer the provider does not know any more."""
    patron = session.get_one(Patron, patron_id, with_for_update={"of": Patron}, populate_existing=True)
    if patron.stripe_customer_id == gone:
        patron.stripe_customer_id = stripe_customer_id


def record_checkout(session: Session, reference: str, checkout: CheckoutSnapshot) -> SubscriptionIntent:
    """Keep the checkout that the provider opened; an intent that was replaced meanwhile stays replaced."""
    intent = _lock_intent(session, reference)
    intent.stripe_session_id, intent.checkout_url = checkout.id, checkout.url
    if intent.status is IntentStatus.STARTED:
        intent.status = IntentStatus.OPEN
    return intent


def complete_intent(intent: SubscriptionIntent) -> None:
    """Mark that the checkout was paid; even one that we had given up."""
    if intent.status is not IntentStatus.COMPLETED and intent.coupon is not None:
        intent.coupon.uses = Coupon.uses + 1
    intent.status, intent.refusal = IntentStatus.COMPLETED, None


def expire_intent(intent: SubscriptionIntent) -> None:
    """Mark that the checkout was closed unpaid; a paid one stays paid."""
    if intent.status in WAITING:
        intent.status = IntentStatus.EXPIRED


def refuse_intent(intent: SubscriptionIntent, why: str) -> bool:
    """Mark that the bank did not pay the first debit; return whether that is so: a paid one stays paid."""
    if intent.status is not IntentStatus.COMPLETED:
        intent.status, intent.refusal = IntentStatus.FAILED, why
    return intent.status is IntentStatus.FAILED


def find_refused(session: Session, patron_id: int, since: datetime) -> SubscriptionIntent | None:
    """Return the patron's last wish to subscribe if its first debit was refused, and it was made since a moment."""
    mine = select(SubscriptionIntent).filter_by(patron_id=patron_id).order_by(SubscriptionIntent.id.desc()).limit(1)
    last = session.scalar(mine.where(SubscriptionIntent.created_at > since))
    return last if last is not None and last.refusal is not None else None


def expire_checkout(session: Session, session_id: str) -> None:
    """Mark that a checkout was closed unpaid at the provider."""
    intent = find_intent_by_session(session, session_id)
    expire_intent(_lock_intent(session, intent.reference if intent else ""))


def fail_intent(session: Session, reference: str) -> None:
    """Mark that the provider refused to open a checkout, so that a new wish can be tried."""
    intent = _lock_intent(session, reference)
    if intent.status is IntentStatus.STARTED:
        intent.status = IntentStatus.FAILED


def list_stuck_intents(session: Session, before: datetime) -> list[str]:
    """List the references of intents that began before a moment and never got an answer."""
    stuck = select(SubscriptionIntent.reference).where(
        SubscriptionIntent.status == IntentStatus.STARTED, SubscriptionIntent.created_at < before
    )
    return list(session.scalars(stuck.order_by(SubscriptionIntent.id)))


def list_overdue_sessions(session: Session, now: datetime) -> list[str]:
    """List the checkouts that should be closed by now and that we last saw open."""
    overdue = select(SubscriptionIntent.stripe_session_id).where(
        SubscriptionIntent.status == IntentStatus.OPEN, SubscriptionIntent.expires_at < now
    )
    return [found for found in session.scalars(overdue.order_by(SubscriptionIntent.id)) if found is not None]
