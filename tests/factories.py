"""Rows for tests: each test states only the fields that it is about."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import count
from typing import Any

from sqlalchemy.orm import Session

from membership.access.models import Comp
from membership.clock import utc_now
from membership.donations.models import Donation, DonationStatus, Purpose
from membership.groups.models import Group, Seat
from membership.ledger.models import Account, JournalKind
from membership.ledger.service import book
from membership.money import Money
from membership.patrons.models import Patron
from membership.payments.models import Payment, Refund, RefundStatus
from membership.subscriptions.models import Invoice, InvoiceStatus, Subscription, SubscriptionStatus
from membership.terms.models import Term, TermSource
from membership.tiers.models import Interval, Price, Tier
from membership.topics.models import Topic, TopicState
from membership.voting.models import Method, RollEntry, Round, RoundState, RoundTopic

numbers: Iterator[int] = count(1)
ALL_FLAGS = ["paywall_free", "no_ads", "no_appeals", "vote"]


def _add(session: Session, row: Any) -> Any:
    session.add(row)
    session.flush()
    return row


def make_patron(session: Session, **fields: Any) -> Patron:
    n = next(numbers)
    defaults = {"public_id": f"patron{n}", "email": f"patron{n}@example.org", "created_at": utc_now()}
    return _add(session, Patron(**defaults | fields))


def make_tier(session: Session, **fields: Any) -> Tier:
    n = next(numbers)
    defaults = {
        "slug": f"tier-{n}",
        "name": {"en": "Friend", "uk": "Друг"},
        "summary": {"en": "A coffee a month", "uk": "Кава на місяць"},
        "benefits": {"en": ["Read everything"], "uk": ["Читати все"]},
        "flags": ALL_FLAGS,
    }
    return _add(session, Tier(**defaults | fields))


def make_price(session: Session, **fields: Any) -> Price:
    n = next(numbers)
    defaults = {
        "interval": Interval.MONTH,
        "amount": Money(500, "eur"),
        "lookup_key": f"key_{n}",
        "stripe_price_id": f"price_{n}",
    }
    if "tier" not in fields:
        defaults["tier"] = make_tier(session)
    return _add(session, Price(**defaults | fields))


def make_subscription(session: Session, **fields: Any) -> Subscription:
    """Make an active subscription, its first month paid unless `paid=False`."""
    n, now = next(numbers), utc_now()
    paid = fields.pop("paid", True)
    defaults = {
        "stripe_subscription_id": f"sub_{n}",
        "stripe_item_id": f"si_{n}",
        "as_of": now - timedelta(days=3650),
        "status": SubscriptionStatus.ACTIVE,
        "started_at": now,
        "period_starts_at": now,
        "period_ends_at": now + timedelta(days=30),
    }
    if "patron" not in fields:
        defaults["patron"] = make_patron(session)
    if "price" not in fields:
        defaults["price"] = make_price(session)
    subscription = _add(session, Subscription(**defaults | fields))
    if paid:
        make_invoice(session, subscription=subscription)
    return subscription


def make_invoice(session: Session, subscription: Subscription, **fields: Any) -> Invoice:
    n = next(numbers)
    defaults = {
        "stripe_invoice_id": f"in_{n}",
        "status": InvoiceStatus.PAID,
        "total_minor": subscription.price.amount.minor,
        "total_currency": subscription.price.amount.currency,
        "period_starts_at": subscription.period_starts_at,
        "period_ends_at": subscription.period_ends_at,
        "created_at": subscription.period_starts_at,
        "paid_at": subscription.period_starts_at,
    }
    return _add(session, Invoice(subscription=subscription, **defaults | fields))


def make_donation(session: Session, **fields: Any) -> Donation:
    n, now = next(numbers), utc_now()
    defaults = {
        "reference": f"donation-{n}",
        "email": f"donor{n}@example.org",
        "amount": Money(2000, "eur"),
        "status": DonationStatus.STARTED,
        "created_at": now,
        "expires_at": now + timedelta(hours=1),
    }
    return _add(session, Donation(**defaults | fields))


def make_topic(session: Session, **fields: Any) -> Topic:
    n = next(numbers)
    defaults = {
        "slug": f"topic-{n}",
        "title": {"en": f"Topic {n}", "uk": f"Тема {n}"},
        "why": {"en": "It matters here", "uk": "Це важливо тут"},
        "state": TopicState.SHORTLISTED,
        "created_at": utc_now(),
    }
    return _add(session, Topic(**defaults | fields))


def make_member(session: Session, **fields: Any) -> Patron:
    """Make a patron whose support includes a vote."""
    patron = make_patron(session, **fields)
    make_subscription(session, patron=patron)
    return patron


def make_round(session: Session, **fields: Any) -> Round:
    """Make a round over `topics` (three new ones by default), a draft that is due unless `state` says more."""
    n, now = next(numbers), utc_now()
    topics = fields.pop("topics", None) or [make_topic(session) for _ in range(3)]
    defaults = {
        "slug": f"round-{n}",
        "title": {"en": f"Round {n}", "uk": f"Голосування {n}"},
        "intro": {"en": "What shall we cover?", "uk": "Про що писати?"},
        "method": Method.APPROVAL,
        "state": RoundState.DRAFT,
        "seats": 1,
        "tie_seed": "5eed",
        "opens_at": now - timedelta(hours=1),
        "closes_at": now + timedelta(days=7),
        "topics": [RoundTopic(position=position, topic=topic) for position, topic in enumerate(topics)],
    }
    if fields.get("state") is RoundState.OPEN:
        for topic in topics:
            topic.state = TopicState.ON_BALLOT
        defaults["opened_at"] = now - timedelta(hours=1)
    return _add(session, Round(**defaults | fields))


def make_roll_entry(session: Session, round: Round, **fields: Any) -> RollEntry:
    """Put a patron, a new one by default, on the roll of a round."""
    if "patron_id" not in fields:
        fields["patron_id"] = make_patron(session).id
    return _add(session, RollEntry(**{"round_id": round.id, "weight": 1, "reason": "a test"} | fields))


def make_payment(session: Session, **fields: Any) -> Payment:
    """Make a payment and book it: for a new donation, unless it says for which donation or invoice."""
    n = next(numbers)
    gross = fields.get("gross", Money(2000, "eur"))
    defaults = {
        "stripe_payment_intent_id": f"pi_{n}",
        "stripe_charge_id": f"ch_{n}",
        "gross": gross,
        "fee_minor": 60,
        "paid_at": utc_now(),
        "receipt_number": f"R-{n:06}",
    }
    if not fields.keys() & {"donation", "invoice"}:
        defaults["donation"] = make_donation(session, amount=gross)
    payment = _add(session, Payment(**defaults | fields))
    donation = payment.donation
    income = {None: Account.SUBSCRIPTION_INCOME, Purpose.MEMBERSHIP: Account.GIFT_INCOME}.get(
        donation and donation.purpose, Account.DONATION_INCOME
    )
    covered = donation.cover if donation else Money(0, gross.currency)
    legs = [(Account.CLEARING, gross), (income, covered - gross), (Account.COVERED_FEES, -covered)]
    book(session, f"payment:{payment.stripe_payment_intent_id}", JournalKind.PAYMENT, payment.paid_at, legs)
    return payment


def make_refund(session: Session, payment: Payment, **fields: Any) -> Refund:
    """Make a refund that came through, whole unless it says otherwise, and book it at `created_at`."""
    n = next(numbers)
    defaults = {
        "reference": f"refund-{n}",
        "stripe_refund_id": f"re_{n}",
        "amount": payment.gross,
        "status": RefundStatus.SUCCEEDED,
        "created_at": utc_now(),
    }
    refund = _add(session, Refund(payment=payment, **defaults | fields))
    payment.refunded_minor += refund.amount.minor
    legs = [(Account.REFUNDS, refund.amount), (Account.CLEARING, -refund.amount)]
    book(session, f"refund:{refund.stripe_refund_id}", JournalKind.REFUND, refund.created_at, legs)
    return refund


def make_comp(session: Session, **fields: Any) -> Comp:
    """Make complimentary access that began yesterday and ends tomorrow."""
    now, day = utc_now(), timedelta(days=1)
    if "patron_id" not in fields:
        fields["patron_id"] = make_patron(session).id
    if "tier_id" not in fields:
        fields["tier_id"] = make_tier(session).id
    return _add(session, Comp(**{"starts_at": now - day, "ends_at": now + day, "reason": "a test"} | fields))


def make_term(session: Session, **fields: Any) -> Term:
    """Give a patron a tier, as a gift from yesterday until tomorrow unless it says otherwise."""
    n, now, day = next(numbers), utc_now(), timedelta(days=1)
    defaults = {"source": TermSource.GIFT, "cause": f"gift:{n}", "starts_at": now - day, "ends_at": now + day}
    if "patron_id" not in fields:
        fields["patron_id"] = make_patron(session).id
    if "tier_id" not in fields:
        fields["tier_id"] = make_tier(session).id
    told = {**defaults, "created_at": now, **fields}
    return _add(session, Term(**{"awaited_until": told["ends_at"], **told}))


def make_group(session: Session, **fields: Any) -> Group:
    """Make a group of three seats that began yesterday and ends in a hundred days."""
    n, now = next(numbers), utc_now()
    defaults = {"public_id": f"group-{n}", "name": f"Library {n}", "seats": 3, "created_at": now}
    if "tier" not in fields:
        defaults["tier"] = make_tier(session)
    if "manager" not in fields:
        defaults["manager"] = make_patron(session)
    times = {"starts_at": now - timedelta(days=1), "ends_at": now + timedelta(days=100)}
    return _add(session, Group(**defaults | times | fields))


def make_seat(session: Session, **fields: Any) -> Seat:
    """Make a seat that `patron` has, an open invitation without one."""
    n, now, patron = next(numbers), utc_now(), fields.pop("patron", None)
    defaults = {"public_id": f"seat-{n}", "email": f"seat{n}@example.org", "locale": "en", "times_sent": 1}
    defaults |= {"sent_at": now, "expires_at": now + timedelta(days=14)}
    if "group" not in fields:
        defaults["group"] = make_group(session)
    if patron is not None:
        defaults |= {"patron_id": patron.id, "taken_at": now}
    return _add(session, Seat(**defaults | fields))
