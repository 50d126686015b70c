"""A whole newsroom in this process: the service, its database, its worker, its provider; emptied in a moment."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, func, select, text
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool
from werkzeug.test import TestResponse

from membership import create_app, db
from membership.app import HANDLERS, TOGETHER
from membership.config import Consequence
from membership.db import Base, transaction
from membership.donations.models import Method
from membership.errors import MembershipError
from membership.gateway import signatures
from membership.gifts.models import Gift
from membership.gifts.rules import typed_code
from membership.jobs.models import Job
from membership.jobs.worker import Worker
from membership.mail import service as mail
from membership.mail.models import Letter
from membership.mail.rendering import Words
from membership.money import Money
from membership.offline import service as offline
from membership.patrons.login import KEPT_AS
from membership.patrons.models import SignIn
from membership.patrons.rules import hash_of
from membership.payments import service as payments
from membership.payments.handlers import send_refund
from membership.payments.models import Payment
from membership.reconcile import walk
from membership.tiers import handlers as catalogue
from membership.tiers.models import Interval
from membership.tiers.service import announce_rise
from membership.webhooks.service import explain
from tests.conftest import WEBHOOK_SECRET, make_settings
from tests.factories import make_patron
from tests.proof import emptying
from tests.proof.furnishing import FRAUD_LIMIT, NOTICE, PEOPLE, PRICES, RISE, email_of, furnish
from tests.proof.provider import Provider

BEGINS = 1_796_119_200  # 1 December 2026, ten o'clock
END_ALL = """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()"""
# Whose rows no step of a history writes: their invariants are asked at its end.
UNTOUCHED = {"access", "audit", "idempotency", "patrons", "topics", "voting"}
# What the worker does by the clock, here whenever a round is made.
ROUNDS = ("intents.sweep", "refunds.sweep", "gifts.turn", "renewals.write", "renewals.act")


class Newsroom:
    """One application for all histories; `begin` gives it an empty database and a provider on its first day."""

    def __init__(self, url: str, patch: Callable[..., None]) -> None:
        self.provider = Provider(BEGINS)
        self.provider.follow(patch)
        on_warning = {Consequence.ACCESS, Consequence.SUBSCRIPTION, Consequence.REFUND}
        policy = {"on_fraud_warning": on_warning, "fraud_refund_limit": FRAUD_LIMIT}
        self.app = create_app(make_settings(database_url=url, **policy), self.provider.gateway)
        self.app.config |= {"PROPAGATE_EXCEPTIONS": True, "WTF_CSRF_ENABLED": False}
        self.app.extensions["worker"] = Worker({**HANDLERS, "mail.send": self._send}, {}, TOGETHER)
        self.engine: Engine = self.app.extensions["engine"]
        self._outside = create_engine(url, poolclass=NullPool)
        self.clients = [self.app.test_client() for _ in range(PEOPLE)]
        self.codes: list[str] = []
        self.prices = dict(PRICES)
        self.written = 0
        self.engine.dialect.do_commit = self._commit(self.engine.dialect.do_commit)
        Base.metadata.drop_all(self.engine)
        Base.metadata.create_all(self.engine)
        with self.app.app_context():
            furnish(self.provider, self._seat)
        self._state, self._rows = self.provider.save(), emptying.keep(self.engine)

    def begin(self) -> None:
        """Go back to the first day."""
        emptying.restore(self.engine, self._rows)
        self.provider.begin(self._state, BEGINS)
        self.codes, self.prices = [], dict(PRICES)

    def post(self, who: int, path: str, **fields: Any) -> TestResponse:
        """Send a form as a signed-in reader."""
        return self.clients[who].post(path, data=fields)

    def deliver(self, body: str) -> bool:
        """Post an event as Stripe does; return whether it was taken."""
        now = self.provider.now()
        headers = {"Stripe-Signature": signatures.sign(body.encode(), WEBHOOK_SECRET, now)}
        answer = self.clients[0].post("/webhooks/stripe", data=body, headers=headers, content_type="application/json")
        return answer.status_code == 204

    def work(self) -> None:
        """Do what is due."""
        with self.app.app_context():
            self.app.extensions["worker"].drain()

    def round(self, *kinds: str) -> None:
        """Do once what the worker does by the clock, or some of it; what fails is done in the next round."""
        for kind in kinds or ROUNDS:
            with self.app.app_context(), suppress(MembershipError):
                HANDLERS[kind]({})

    def reconcile(self) -> walk.Report | None:
        """Compare with the provider and repair; None while somebody else does, or the provider does not answer."""
        with self.app.app_context(), suppress(MembershipError):
            return walk.reconcile(explain)
        return None

    def refund(self, payment_intent_id: str, minor: int | None = None) -> None:
        """Give a payment back, or a part of it, as staff do."""
        with self.app.app_context(), suppress(MembershipError):
            payment = db.session().scalar(select(Payment).filter_by(stripe_payment_intent_id=payment_intent_id))
            if payment is not None:
                receipt, amount = payment.receipt_number, Money(minor, "eur") if minor else None
                with transaction() as session:
                    plan = payments.intend_refund(session, receipt, reason="asked for", actor="staff", amount=amount)
                send_refund(plan)

    def enter_offline(self, who: int, minor: int) -> None:
        """Enter money that came by bank, as staff do."""
        draft = offline.OfflineDraft(
            amount=Money(minor, "eur"), method=Method.BANK, received_at=self.provider.now(), email=email_of(who)
        )
        with self.app.app_context(), transaction() as session:
            offline.enter(session, draft)

    def bounce(self, receipt_number: str, minor: int | None = None) -> None:
        """Record that money went back the way it came."""
        amount = Money(minor, "eur") if minor else None
        with self.app.app_context(), suppress(MembershipError), transaction() as session:
            payments.record_return(session, receipt_number, reason="bounced", actor="staff", amount=amount)

    def bounced(self, receipt_number: str) -> int:
        with self.app.app_context():
            return payments.get_payment(db.session(), receipt_number).refunded_minor

    def receipts_offline(self) -> list[str]:
        with self.app.app_context():
            past = select(Payment.receipt_number).where(Payment.stripe_payment_intent_id.is_(None))
            return list(db.session().scalars(past.order_by(Payment.id)))

    def gift_behind(self, code: str) -> tuple[str, str, str]:
        """Return what paid for the gift of a code, its tier, and by what its giver knows it."""
        with self.app.app_context():
            gift = db.session().scalars(select(Gift).filter_by(code_hash=hash_of(typed_code(code)))).one()
            return gift.donation.stripe_payment_intent_id or "", gift.tier.slug, gift.public_id

    def is_quiet(self) -> bool:
        """Whether nothing waits to be done."""
        with self.app.app_context():
            waiting = select(func.count()).select_from(Job).where(Job.done_at.is_(None))
            return db.session().scalar(waiting) == 0

    def raise_price(self, slug: str, months: str = "month", currency: str = "eur") -> None:
        """Announce that a tier costs more a month from now, for those who are in it, too."""
        with self.app.app_context():
            now, minor = self.provider.now(), self.prices[slug, months, currency] + RISE
            with transaction() as session:
                price = (Interval(months), Money(minor, currency))
                announce_rise(session, slug, price, now + timedelta(days=NOTICE), now)
            catalogue.make_prices(slug)
        self.prices[slug, months, currency] = minor

    def restart_database(self, where: str = "") -> None:
        """End every connection on the server's side, as a restart does; a file is closed, and opened anew."""
        if self.engine.dialect.name == "sqlite":
            self.engine.dispose()
            return
        with self._outside.connect() as connection:
            connection.execute(text(END_ALL))

    def offended(self, all_of_them: bool) -> dict[str, list[str]]:
        """Return the invariants that do not hold, with the rows that offend them: all, or those of money and access."""
        asked = {name: find for name, find in self.app.extensions["invariants"].items() if all_of_them or _moves(find)}
        with self.app.app_context():
            found = {name: find(db.session()) for name, find in asked.items()}
        return {name: rows for name, rows in found.items() if rows}

    def _commit(self, commit: Callable[[Any], None]) -> Callable[[Any], None]:
        def watched(connection: Any) -> None:
            self.provider.peril.cross("before a commit")
            commit(connection)
            self.written += 1
            self.provider.peril.cross("after a commit")

        return watched

    def _seat(self, session: Session, number: int) -> None:
        now, token = self.provider.now(), secrets.token_urlsafe(32)
        patron = make_patron(session, email=email_of(number), created_at=now)
        ends_at = now.replace(year=now.year + 50)
        session.add(SignIn(patron_id=patron.id, token_hash=hash_of(token), created_at=now, expires_at=ends_at))
        with self.clients[number].session_transaction() as cookie:
            cookie[KEPT_AS] = token

    def _send(self, payload: dict[str, Any]) -> None:
        # What letters say is proven elsewhere; here it costs more than all the rest.
        letter = db.session().get_one(Letter, payload["letter_id"])
        code = letter.values.get("code")
        db.release()
        with transaction() as session:
            mail.record_sent(session, payload["letter_id"], Words("", "", ""))
        self.codes += [code] if code else []


@contextmanager
def making_newsroom(url: str) -> Iterator[Newsroom]:
    """Make a newsroom on an empty database; whoever plays in it lets the application follow its provider's clock."""
    with pytest.MonkeyPatch.context() as patch:
        room = Newsroom(url, patch.setattr)
    yield room
    room.engine.dispose()


def _moves(find: Callable[..., Any]) -> bool:
    return find.__module__.split(".")[1] not in UNTOUCHED
