"""A newsroom with ten thousand patrons, as different as patrons are."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Column, Connection, Integer, MetaData, Table, Text, insert
from sqlalchemy.orm import Session

from membership.access import service as access
from membership.access.models import Comp, SiteKey, SiteSubject
from membership.access.service import SiteDraft
from membership.app import create_app
from membership.clock import utc_now
from membership.config import Settings
from membership.money import Money
from membership.operations import migrations
from membership.patrons.models import Patron
from membership.subscriptions.models import Invoice, InvoiceStatus, Subscription, SubscriptionStatus
from membership.tiers.models import Interval, Price, Tier

PATRONS = 10_000
# Those who read now, and about whom a site asks.
READING = 4_000
MONTH = timedelta(days=30)
FLAGS = ["no_ads", "no_appeals", "paywall_free", "vote"]
# What the bare route writes to: a number and a body, on the same database.
BARE_ROWS = Table("bare_rows", MetaData(), Column("id", Integer, primary_key=True), Column("body", Text))


@dataclass(frozen=True)
class Newsroom:
    """What a site's server knows: its key, and the names of its readers."""

    key: str
    site_id: int
    subjects: list[str]

    @property
    def bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key}"}


def open_newsroom(settings: Settings, *, patrons: int = PATRONS, now: datetime | None = None) -> Newsroom:
    """Make the tables and fill them."""
    app = create_app(settings)
    engine = app.extensions["engine"].execution_options(writes=True)
    migrations.upgrade(engine)
    BARE_ROWS.create(engine)
    with app.app_context(), Session(engine) as session:
        newsroom = _fill(session, patrons, now or utc_now())
        session.commit()
    with engine.execution_options(isolation_level="AUTOCOMMIT", writes=False).connect() as connection:
        _know_thyself(connection)
    engine.dispose()
    return newsroom


def _know_thyself(connection: Connection) -> None:
    connection.exec_driver_sql("ANALYZE")


def _fill(session: Session, patrons: int, now: datetime) -> Newsroom:
    site, key = access.add_site(session, SiteDraft("daily", "The Open Daily", "daily", (), ()), now)
    session.query(SiteKey).update({"last_used_at": now})
    tier = Tier(slug="friend", name={"en": "Friend"}, summary={"en": "A coffee"}, benefits={"en": []}, flags=FLAGS)
    price = Price(tier=tier, interval=Interval.MONTH, amount=Money(500, "eur"), lookup_key="friend-month-eur")
    price.stripe_price_id = "price_friend"
    session.add(price)
    session.flush()
    numbers = range(1, patrons + 1)
    subjects = [secrets.token_urlsafe(18) for _ in numbers]
    session.execute(insert(Patron), [_patron(n, now) for n in numbers])
    session.execute(insert(SiteSubject), [_subject(n, site.id, subjects[n - 1]) for n in numbers])
    session.execute(insert(Subscription), [_subscription(n, price.id, now) for n in numbers])
    session.execute(insert(Invoice), [row for n in numbers for row in _invoices(n, now)])
    session.execute(insert(Comp), [_comp(n, tier.id, now) for n in numbers if n % 20 == 0])
    return Newsroom(key, site.id, subjects[:: max(1, patrons // READING)])


def _patron(n: int, now: datetime) -> dict[str, Any]:
    return {"id": n, "public_id": f"patron-{n}", "email": f"patron{n}@example.org", "created_at": now - 12 * MONTH}


def _subject(n: int, site_id: int, subject: str) -> dict[str, Any]:
    return {"site_id": site_id, "patron_id": n, "subject": subject}


def _subscription(n: int, price_id: int, now: datetime) -> dict[str, Any]:
    # One in ten is over, one in ten is late.
    status = {0: SubscriptionStatus.ENDED, 1: SubscriptionStatus.PAST_DUE}.get(n % 10, SubscriptionStatus.ACTIVE)
    return {
        "id": n,
        "patron_id": n,
        "price_id": price_id,
        "stripe_subscription_id": f"sub_{n}",
        "stripe_item_id": f"si_{n}",
        "status": status,
        "started_at": now - 3 * MONTH,
        "period_starts_at": now - MONTH / 2,
        "period_ends_at": now + MONTH / 2,
        "ended_at": now - MONTH if status.is_final else None,
        "as_of": now,
    }


def _invoices(n: int, now: datetime) -> Iterator[dict[str, Any]]:
    """Yield three months: two that were paid, and the present one, which the late have not paid."""
    for month in range(3):
        starts = now - MONTH * (2.5 - month)
        is_late = month == 2 and n % 10 == 1
        yield {
            "subscription_id": n,
            "stripe_invoice_id": f"in_{n}_{month}",
            "status": InvoiceStatus.OPEN if is_late else InvoiceStatus.PAID,
            "total_minor": 500,
            "total_currency": "eur",
            "period_starts_at": starts,
            "period_ends_at": starts + MONTH,
            "created_at": starts,
            "first_failed_at": starts if is_late else None,
            "paid_at": None if is_late else starts,
        }


def _comp(n: int, tier_id: int, now: datetime) -> dict[str, Any]:
    return {"patron_id": n, "tier_id": tier_id, "starts_at": now - MONTH, "ends_at": now + MONTH, "reason": "thanks"}
