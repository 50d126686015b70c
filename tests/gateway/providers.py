"""Two payment providers with the same levers: the one in memory, and Stripe's client over HTTP to the sandbox."""

from datetime import timedelta
from itertools import count

from stripe import StripeClient

from membership.clock import utc_now
from membership.gateway.memory import MemoryGateway
from membership.gateway.stripe_gateway import StripeGateway
from membership.gateway.values import DonationCheckout, SubscriptionCheckout
from membership.money import Money
from tests.conftest import WEBHOOK_SECRET, make_settings

GOOD, DECLINED, FAILS_LATER = "4242424242424242", "4000000000000002", "4000000000000341"
EUR5 = Money(500, "eur")
numbers = count(1)


class InMemory:
    def __init__(self):
        self.gateway = MemoryGateway(webhook_secrets=[WEBHOOK_SECRET])
        self._bad = set()

    def pay(self, session_id, card=GOOD):
        paid = self.gateway.pay_checkout(session_id, fails=card == DECLINED)
        if card == FAILS_LATER:
            self._bad.add(paid.subscription_id)

    def month_passes(self, subscription_id):
        (self.gateway.fail_renewal if subscription_id in self._bad else self.gateway.renew)(subscription_id)

    def worsen(self, subscription_id):
        """Let the card that fails later fail when somebody else than the calendar asks it, too."""
        self.gateway.world.bad_cards.add(self.gateway.world.subscriptions[subscription_id].customer_id)

    def improve(self, subscription_id):
        """Give the subscription a card that works."""
        self._bad.discard(subscription_id)

    def give_up(self, subscription_id):
        self.gateway.end(subscription_id, "payment_failed")

    def settle(self):
        self.gateway.settle()

    def dispute(self, payment_id, **how):
        return self.gateway.dispute(payment_id, **how)

    def close(self, dispute_id, status):
        self.gateway.close_dispute(dispute_id, won=status == "won")

    def warn(self, payment_id):
        self.gateway.warn_of_fraud(payment_id)

    def fail_refund(self, refund_id):
        self.gateway.fail_refund(refund_id)

    def debit(self, session_id):
        self.gateway.pay_checkout(session_id, delayed=True)
        self.gateway.pay_checkout(session_id)
        return self.gateway.get_checkout(session_id).payment_intent_id

    def send_back(self, payment_id):
        self.gateway.send_back(payment_id)

    def pay_out(self):
        for payout_id in self.gateway.pay_out():
            self.gateway.arrive(payout_id)

    def fail_payout(self, payout_id):
        self.gateway.fail_payout(payout_id)


class Sandboxed:
    def __init__(self, sandbox):
        self.sandbox = sandbox
        self.gateway = StripeGateway.from_settings(make_settings(stripe_api_base=sandbox.url))

    def pay(self, session_id, card=GOOD):
        self.sandbox.post(f"/_sandbox/checkout/{session_id}/pay", {"card": card, "email": "reader@example.org"})

    def month_passes(self, subscription_id):
        self.sandbox.post("/_sandbox/advance", {"months": 1})
        self.sandbox.post("/_sandbox/advance", {"seconds": 2 * 3600})

    def worsen(self, subscription_id):
        pass

    def improve(self, subscription_id):
        stripe = StripeClient("sk_test_portal", base_addresses={"api": self.sandbox.url}).v1
        customer = self.gateway.get_subscription(subscription_id).customer_id
        card = stripe.payment_methods.attach("pm_card_visa", {"customer": customer})
        stripe.subscriptions.update(subscription_id, {"default_payment_method": card.id})

    def give_up(self, subscription_id):
        self.sandbox.post("/_sandbox/advance", {"days": 20})

    def settle(self):
        self.sandbox.post("/_sandbox/advance", {"seconds": 60})

    def dispute(self, payment_id, amount=None, inquiry=False):
        how = {"amount": amount.minor} if amount else {}
        return self.sandbox.post(f"/_sandbox/charges/{payment_id}/dispute", how | {"inquiry": inquiry})["id"]

    def close(self, dispute_id, status):
        self.sandbox.post(f"/_sandbox/disputes/{dispute_id}/close", {"status": status})

    def warn(self, payment_id):
        self.sandbox.post(f"/_sandbox/charges/{payment_id}/warn")

    def fail_refund(self, refund_id):
        self.sandbox.post(f"/_sandbox/refunds/{refund_id}/fail")

    def debit(self, session_id):
        self.pay(session_id, "DE89370400440532013000")
        self.sandbox.post("/_sandbox/advance", {"days": 6})
        return self.gateway.get_checkout(session_id).payment_intent_id

    def send_back(self, payment_id):
        self.sandbox.post(f"/_sandbox/charges/{payment_id}/send_back", {})

    def pay_out(self):
        self.sandbox.post("/_sandbox/advance", {"days": 9})

    def fail_payout(self, payout_id):
        self.sandbox.post(f"/_sandbox/payouts/{payout_id}/fail")


def key():
    return f"key-{next(numbers)}-{utc_now().timestamp()}"


def donation(**fields):
    """Make the wish to give 20 euros once."""
    n = next(numbers)
    defaults = {
        "reference": f"donation-{n}",
        "amount": Money(2000, "eur"),
        "email": "donor@example.org",
        "name": "A gift to The Open Daily",
        "locale": "en",
        "success_url": "http://localhost/thanks?session_id={CHECKOUT_SESSION_ID}",
        "cancel_url": "http://localhost/",
        "expires_at": utc_now() + timedelta(hours=1),
    }
    return DonationCheckout(**defaults | fields)


def subscription(customer_id, price_id, **fields):
    """Make the wish to subscribe."""
    n = next(numbers)
    defaults = {
        "reference": f"intent-{n}",
        "customer_id": customer_id,
        "stripe_price_id": price_id,
        "locale": "uk",
        "success_url": "http://localhost/thanks?session_id={CHECKOUT_SESSION_ID}",
        "cancel_url": "http://localhost/",
        "expires_at": utc_now() + timedelta(hours=1),
    }
    return SubscriptionCheckout(**defaults | fields)


def mine(found, ids):
    """Return those of a list that have these ids."""
    return [one for one in found if one.id in ids]
