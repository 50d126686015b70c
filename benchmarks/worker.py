"""The worker on a full inbox, beside nothing but its database writes, on a copy of the same database.

On our side: claiming, what we read, the rules, the writes, the commits. The provider answers from memory, so that it
costs neither side anything. Beside it: what a worker must write that takes one event after the other, as plain SQL past
SQLAlchemy, with the same values on the same database: each event's INSERTs, UPDATEs and DELETEs in one transaction.
They are recorded from our own worker when it does every event alone. How many events we put into a transaction is our
affair, as is every look at the database: the yardstick stays the same.
"""

import shutil
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from sqlalchemy import Engine, create_engine, event, func, make_url, select, text
from sqlalchemy.orm import Session

from benchmarks.figures import Figure
from benchmarks.load import CannotMeasure
from benchmarks.newsroom import MONTH
from membership import create_app, db
from membership.app import HANDLERS
from membership.clock import utc_now
from membership.config import Settings
from membership.db import make_engine, transaction
from membership.gateway.values import InvoiceSnapshot, PaymentSnapshot, SettlementSnapshot, SubscriptionSnapshot
from membership.gateway.values.platform import GatewayEvent
from membership.jobs.worker import Worker
from membership.money import Money
from membership.webhooks import service as inbox
from membership.webhooks.models import StoredEvent

EVENTS, WANTED = 5_000, 0.5
Write = tuple[str, Any]


class Provider:
    """Answers at once what became of the renewals, so that nothing but our own work is measured."""

    def __init__(self, now: datetime) -> None:
        self.now = now.replace(microsecond=0)

    def get_subscription(self, subscription_id: str) -> SubscriptionSnapshot:
        n = subscription_id.removeprefix("sub_")
        return SubscriptionSnapshot(
            id=subscription_id,
            item_id=f"si_{n}",
            customer_id=f"cus_{n}",
            stripe_price_id="price_friend",
            status="active",
            reference="",
            started_at=self.now - 3 * MONTH,
            period_starts_at=self.now,
            period_ends_at=self.now + MONTH,
            cancel_at=None,
            ended_at=None,
            end_reason=None,
            as_of=utc_now(),
        )

    def get_invoice(self, invoice_id: str) -> InvoiceSnapshot:
        n = invoice_id.removeprefix("in_new_")
        return InvoiceSnapshot(
            id=invoice_id,
            subscription_id=f"sub_{n}",
            status="paid",
            total=Money(500, "eur"),
            period_starts_at=self.now,
            period_ends_at=self.now + MONTH,
            created_at=self.now,
            attempts=1,
            paid_at=self.now,
            payment_intent_ids=(f"pi_{n}",),
        )

    def get_payment(self, payment_intent_id: str) -> PaymentSnapshot:
        n = payment_intent_id.removeprefix("pi_")
        return PaymentSnapshot(
            id=payment_intent_id,
            status="succeeded",
            amount=Money(500, "eur"),
            reference="",
            customer_id=f"cus_{n}",
            charge_id=f"ch_{n}",
            paid_at=self.now,
            settlement=SettlementSnapshot(
                id=f"txn_{n}",
                source_id=f"ch_{n}",
                category="charge",
                gross=Money(500, "eur"),
                fee=Money(33, "eur"),
                net=Money(467, "eur"),
                created_at=self.now,
            ),
        )


def measure(database: str, settings: Settings) -> Iterator[Figure]:
    """Let the worker do a full inbox of renewals; then do an event's writes alone, event by event, on a copy."""
    app = create_app(settings, Provider(utc_now()))
    with app.app_context():
        _fill(utc_now())
        app.extensions["engine"].dispose()
        url = settings.database_url.get_secret_value()
        twins = [_copy_of(url, name) for name in ("recorded", "bare")]
        took = _drain(app.extensions["worker"])
    app.extensions["engine"].dispose()
    writes = _writes_of(settings.model_copy(update={"database_url": SecretStr(twins[0])}))
    bare = _replay(twins[1], writes)
    name = f"{EVENTS:,} queued events, {database}, beside their {sum(map(len, writes)) / EVENTS:.0f} writes each alone"
    yield Figure(name, EVENTS / took, EVENTS / bare, "/s", WANTED, bare / took)


def _drain(worker: Worker) -> float:
    began = time.perf_counter()
    done = worker.drain(EVENTS)
    took = time.perf_counter() - began
    waiting = count_waiting_events(db.session())
    if done != EVENTS or waiting:
        raise CannotMeasure(f"The worker did {done} jobs and left {waiting} events.")
    return took


def _writes_of(settings: Settings) -> list[list[Write]]:
    """Let a worker that takes one event at a time do the same; return what it wrote for each."""
    app, commits = create_app(settings, Provider(utc_now())), list[list[Write]]()
    with app.app_context():
        _record(app.extensions["engine"], commits)
        _drain(Worker(HANDLERS, {}))
    app.extensions["engine"].dispose()
    # First something is claimed; then it is recorded, and marked as done while the next is claimed, in turn.
    first, *others = commits
    pairs = [recorded + marked for recorded, marked in zip(others[::2], others[1::2], strict=True)]
    return [first + pairs[0], *pairs[1:]]


def count_waiting_events(session: Session) -> int:
    """Count the events that nobody has worked on."""
    waiting = select(func.count()).select_from(StoredEvent).where(StoredEvent.processed_at.is_(None))
    return session.scalar(waiting) or 0


def _fill(now: datetime) -> None:
    with transaction() as session:
        for n in range(1, EVENTS + 1):
            made = GatewayEvent(
                id=f"evt_{n}",
                type="invoice.paid",
                api_version="2026-10-28.endive",
                livemode=False,
                object_id=f"in_new_{n}",
                created_at=now,
                payload="{}" * 1000,
            )
            inbox.keep(session, made, now)


def _copy_of(url: str, name: str) -> str:
    address = make_url(url)
    if address.get_backend_name() == "sqlite":
        path = Path(address.database or "")
        twin = path.with_name(f"{name}.db")
        for end in ("", "-wal", "-shm"):
            if Path(f"{path}{end}").exists():
                shutil.copy(f"{path}{end}", f"{twin}{end}")
        return f"sqlite:///{twin}"
    twin_name = f"{address.database}_{name}"
    engine = create_engine(address.set(database="postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f'DROP DATABASE IF EXISTS "{twin_name}"'))
        connection.execute(text(f'CREATE DATABASE "{twin_name}" TEMPLATE "{address.database}"'))
    engine.dispose()
    return address.set(database=twin_name).render_as_string(hide_password=False)


def _record(engine: Engine, writes: list[list[Write]]) -> None:
    open_now: list[Write] = []

    def note(*about: Any) -> None:
        _, _, statement, parameters, *_ = about
        if statement.startswith(("INSERT", "UPDATE", "DELETE")):
            open_now.append((statement, parameters))

    def commit(_: Any) -> None:
        if open_now:
            writes.append(list(open_now))
            open_now.clear()

    event.listen(engine, "before_cursor_execute", note)
    event.listen(engine, "commit", commit)


def _replay(url: str, writes: list[list[Write]]) -> float:
    engine = make_engine(url).execution_options(writes=True)
    with engine.connect() as connection:
        began = time.perf_counter()
        for some in writes:
            with connection.begin():
                for statement, parameters in some:
                    connection.exec_driver_sql(statement, parameters)
        took = time.perf_counter() - began
    engine.dispose()
    return took
