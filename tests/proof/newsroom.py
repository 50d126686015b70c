"""A whole newsroom in this process: the service, its database, its worker, its provider; emptied in a moment."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest
from sqlalchemy import Engine, event, func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from membership import create_app, db
from membership.app import HANDLERS
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
from membership.terms.service import set_policy
from membership.tiers import handlers as catalogue
from membership.tiers.models import Interval
from membership.webhooks.service import explain
from tests.conftest import WEBHOOK_SECRET, make_settings
from tests.factories import make_patron, make_price, make_tier
from tests.proof import emptying
from tests.proof.provider import Provider

BEGINS = 1_796_119_200  # 1 December 2026, ten o'clock
PEOPLE = 3
FLAGS = {"friend": ["paywall_free"], "patron": ["paywall_free", "vote"]}
PRICES = {("friend", "month"): 500, ("patron", "month"): 900, ("friend", "year"): 5000}
# Whose rows no step of a history writes: their invariants are asked at its end.
UNTOUCHED = {"access", "audit", "idempotency", "patrons", "topics", "voting"}
# What the worker does by the clock, here whenever a round is made.
ROUNDS = ("intents.sweep", "refunds.sweep", "gifts.turn", "renewals.write", "renewals.act")


class Newsroom:
    """One application for all histories; `begin` gives it an empty database and a provider on its first day."""

    def __init__(self, url: str, patch: Callable[..., None]) -> None:
        self.provider = Provider(BEGINS)
        self.provider.follow(patch)
        self.app = create_app(make_settings(database_url=url), self.provider.gateway)
        self.app.config |= {"PROPAGATE_EXCEPTIONS": True, "WTF_CSRF_ENABLED": False}
        self.app.extensions["worker"] = Worker({**HANDLERS, "mail.send": self._send}, {})
        self.engine: Engine = self.app.extensions["engine"]
        self.clients = [self.app.test_client() for _ in range(PEOPLE)]
        self.codes: list[str] = []
        self.written = 0
        event.listen(self.engine, "commit", self._commit)
        Base.metadata.drop_all(self.engine)
        Base.metadata.create_all(self.engine)
        self._furnish()
        self._state, self._rows = self.provider.save(), emptying.keep(self.engine)

    def begin(self) -> None:
        """Go back to the first day."""
        emptying.restore(self.engine, self._rows)
        self.provider.begin(self._state, BEGINS)
        self.codes = []

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

    def reopen_database(self) -> None:
        """Lose every connection, as when the database was started anew."""
        self.engine.dispose()

    def offended(self, all_of_them: bool) -> dict[str, list[str]]:
        """Return the invariants that do not hold, with the rows that offend them: all, or those of money and access."""
        asked = {name: find for name, find in self.app.extensions["invariants"].items() if all_of_them or _moves(find)}
        with self.app.app_context():
            found = {name: find(db.session()) for name, find in asked.items()}
        return {name: rows for name, rows in found.items() if rows}

    def _commit(self, _: Any) -> None:
        self.provider.peril.cross("before a commit")
        self.written += 1

    def _furnish(self) -> None:
        with self.app.app_context():
            with transaction() as session:
                tiers = {slug: make_tier(session, slug=slug, flags=flags) for slug, flags in FLAGS.items()}
                for (slug, interval), minor in PRICES.items():
                    terms = {"interval": Interval(interval), "amount": Money(minor, "eur"), "stripe_price_id": None}
                    make_price(session, tier=tiers[slug], **terms)
                set_policy(session, Money(500, "eur"), "friend", most_months=12, patience_days=5, counts_cards=False)
                for number in range(PEOPLE):
                    self._seat(session, number)
            for slug in FLAGS:
                catalogue.make_product(slug)
                catalogue.make_prices(slug)
            self.provider.gateway.create_endpoint("http://localhost/webhooks/stripe", key="endpoint")

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


def email_of(number: int) -> str:
    return f"reader{number}@example.org"
