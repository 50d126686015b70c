"""What readers do, told in one line each: they subscribe and give through the gateway in memory."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from membership.clock import utc_now
from membership.db import transaction
from membership.donations import service as donations
from membership.gateway.memory import MemoryGateway
from membership.gateway.values import CheckoutSnapshot, DonationCheckout, SubscriptionCheckout
from membership.money import Money
from membership.patrons.models import Patron
from membership.payments.fulfilment import Facts, Outcome, look_up_checkout, record
from membership.subscriptions import service as subscriptions
from membership.tiers.models import Price
from tests.factories import make_patron, make_price

FIVE, TWENTY = Money(500, "eur"), Money(2000, "eur")
URLS = {"success_url": "http://localhost/thanks?session_id={CHECKOUT_SESSION_ID}", "cancel_url": "http://localhost/"}


@dataclass
class Story:
    """Readers of one newsroom; works inside an application context."""

    gateway: MemoryGateway

    def patron(self, **fields: object) -> Patron:
        customer_id = self.gateway.create_customer(
            email="x@example.org", name="", reference=secrets.token_hex(4), key=secrets.token_hex(4)
        )
        with transaction() as session:
            return make_patron(session, stripe_customer_id=customer_id, **fields)

    def price(self) -> Price:
        product_id = self.gateway.sync_product(None, name="Friend", reference="friend", key=secrets.token_hex(4))
        key = secrets.token_hex(4)
        price_id = self.gateway.sync_price(
            product_id=product_id, amount=FIVE, interval="month", lookup_key=key, key=key
        )
        with transaction() as session:
            return make_price(session, stripe_price_id=price_id)

    def open_subscription(
        self, patron: Patron | None = None, price: Price | None = None, *, remembered: bool = True
    ) -> CheckoutSnapshot:
        """Open a checkout for a patron; unless it is `remembered`, the answer was lost."""
        patron, price = patron or self.patron(), price or self.price()
        with transaction() as session:
            intent = subscriptions.intend(
                session, session.merge(patron), session.merge(price), source="/north", locale="en"
            )
            reference = intent.reference
        wish = SubscriptionCheckout(
            reference=reference,
            customer_id=patron.stripe_customer_id,
            stripe_price_id=price.stripe_price_id,
            locale="en",
            expires_at=utc_now() + timedelta(hours=2),
            **URLS,
        )
        checkout = self.gateway.open_subscription_checkout(wish, key=reference)
        if remembered:
            with transaction() as session:
                subscriptions.record_checkout(session, reference, checkout)
        return checkout

    def open_donation(
        self,
        amount: Money = TWENTY,
        *,
        patron: Patron | None = None,
        remembered: bool = True,
        email: str = "",
        **more: Any,
    ) -> CheckoutSnapshot:
        with transaction() as session:
            donation = donations.intend(
                session,
                donations.DonationDraft(
                    amount=amount,
                    email=email or f"{secrets.token_hex(4)}@example.org",
                    patron_id=patron.id if patron else None,
                    source="/south",
                    locale="en",
                    **more,
                ),
            )
        wish = DonationCheckout(
            reference=donation.reference,
            amount=donation.amount,
            email=donation.email,
            name="A gift",
            locale="en",
            expires_at=utc_now() + timedelta(hours=2),
            **URLS,
        )
        checkout = self.gateway.open_donation_checkout(wish, key=donation.reference)
        if remembered:
            with transaction() as session:
                donations.record_checkout(session, donation.id, checkout)
        return checkout

    def subscribe(self, **wish: object) -> str:
        """Subscribe and pay; return the subscription's id at Stripe. Nothing of it is recorded yet."""
        checkout = self.gateway.pay_checkout(self.open_subscription(**wish).id)
        return checkout.subscription_id

    def give(self, **wish: object) -> str:
        """Give once; return the checkout session. Nothing of it is recorded yet."""
        return self.gateway.pay_checkout(self.open_donation(**wish).id).id

    def life(self, patron: Patron) -> Iterator[None]:
        """Let two years happen to a patron, as far as money goes; pauses after each thing that happens."""
        gateway = self.gateway
        checkout = self.open_subscription(patron)
        gateway.pay_checkout(checkout.id)
        yield
        subscription_id = gateway.get_checkout(checkout.id).subscription_id
        gift = gateway.get_checkout(self.give(patron=patron))
        yield
        gateway.settle()
        yield
        gateway.fail_renewal(subscription_id)
        yield
        gateway.renew(subscription_id)
        yield
        gateway.refund(gift.payment_intent_id, FIVE, reference="", key=f"part:{gift.id}")
        gateway.renew(subscription_id)
        yield
        latest = next(gateway.list_invoices_of(subscription_id))
        gateway.refund(latest.payment_intent_ids[0], FIVE, reference="", key=f"all:{gift.id}")
        yield
        gateway.cancel_at_period_end(subscription_id, key=f"cancel:{gift.id}")
        gateway.settle()
        yield
        gateway.renew(subscription_id)

    def record(self, facts: Facts, *, quiet: bool = False) -> Outcome:
        with transaction() as session:
            return record(session, facts, quiet=quiet)

    def fulfil(self, session_id: str) -> Outcome:
        return self.record(look_up_checkout(self.gateway, session_id))
