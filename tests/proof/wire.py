"""Tells the model what Stripe was asked to do to standing orders and payments, whoever asked, once it is done."""

from typing import TYPE_CHECKING, Any

from membership.sandbox import requests
from membership.sandbox.routes import Call
from membership.sandbox.store import Object
from membership.sandbox.world import World
from tests.proof.billing import Order, Price
from tests.proof.oracle import Payment
from tests.proof.readers import ACCOUNTS, NUMBERS, PAYING, ends_for_a_reason

if TYPE_CHECKING:
    from tests.proof.history import History

_HANDLERS = dict(requests.HANDLERS)


class Wire:
    """Stands between the sandbox's endpoints and those who ask."""

    def __init__(self, history: "History") -> None:
        self.history, self.model, self.billing = history, history.model, history.billing
        self.orders: dict[str, Order] = {}
        for endpoint, told in {
            "POST /v1/subscriptions/<id>": self.updated,
            "DELETE /v1/subscriptions/<id>": self.ended,
            "POST /v1/subscription_schedules/<id>": self.scheduled,
            "POST /v1/subscription_schedules/<id>/release": self.released,
            "POST /v1/invoices/<id>/pay": self.invoice_paid,
            "POST /v1/invoices/<id>/void": self.invoice_void,
            "POST /v1/refunds": self.refunded,
        }.items():
            requests.HANDLERS[endpoint] = _watched(endpoint, told, self)

    def updated(self, params: Object, done: Object) -> None:
        order = self.orders[done["id"]]
        if "billing_cycle_anchor" in params:
            self.billing.start_anew(order)
        if "pause_collection" in params:
            rest = done["pause_collection"]
            order.rest_until = rest["resumes_at"] if rest else None
        order.cancel_at = done["cancel_at"] or (order.span[1] if done["cancel_at_period_end"] else None)
        if "default_payment_method" in params:
            number = self.history.world.store.untold[done["default_payment_method"]]["number"]
            card = next(card for card, one in NUMBERS.items() if one == number)
            order.pays, order.by_debit = card in PAYING, card in ACCOUNTS
        price = _price(self.history, done["items"]["data"][0]["price"]["id"])
        if price != order.price and params.get("proration_behavior") == "none":
            assert may_rise(order, price, self.history.rises), f"asked for more than she was told: {price}, {order}"
            order.price = price
        elif price != order.price:
            self.billing.change(order, price, int(params.get("proration_date", self.model.now)))

    def ended(self, _: Object, done: Object) -> None:
        order = self.orders[done["id"]]
        assert ends_for_a_reason(order), f"ended for no reason: {order}"
        # Whatever a bank has taken by then, and may give again, it has not made her stop.
        order.is_cut_off = any(one.dispute or one.warned_at for one in order.payments)
        self.billing.end(order)

    def scheduled(self, params: Object, done: Object) -> None:
        if len(params.get("phases", [])) > 1:
            self.orders[done["subscription"]].next_price = _price(
                self.history, params["phases"][1]["items"][0]["price"]
            )

    def released(self, _: Object, done: Object) -> None:
        self.orders[done["released_subscription"]].next_price = None

    def invoice_paid(self, _: Object, done: Object) -> None:
        if done["status"] == "paid":
            self.billing.settle_debt(self.orders[done["parent"]["subscription_details"]["subscription"]])

    def invoice_void(self, _: Object, done: Object) -> None:
        self.billing.forgive(self.orders[done["parent"]["subscription_details"]["subscription"]])

    def refunded(self, _: Object, done: Object) -> None:
        payment = self.history.ids[done["payment_intent"]]
        payment.back, payment.back_at = payment.back + done["amount"], self.model.now

    def name_payments(self) -> None:
        """Learn by which ids the provider knows what the model says was paid for standing orders."""
        known = {id(one) for one in self.history.ids.values()}
        known |= {id(one) for before in self.history.tried_before.values() for one in before}
        for subscription, order in self.orders.items():
            for payment in order.payments:
                if id(payment) not in known:
                    self._name(self._intent_of(subscription, payment), payment)

    def _name(self, intent: str, payment: Payment) -> None:
        if before := self.history.ids.get(intent):
            self.history.tried_before[intent].append(before)
        self.history.ids[intent] = payment

    def _intent_of(self, subscription: str, payment: Payment) -> str:
        for one in self.history.world.store.newest("invoice"):
            parent = one["parent"]["subscription_details"]["subscription"]
            if parent == subscription and one["status"] == "paid" and one["amount_paid"]:
                intent = self._paid_by(one)
                named = self.history.ids.get(intent)
                is_open = named is None or named.returned_at is not None
                if is_open and one["status_transitions"]["paid_at"] == payment.at:
                    assert one["amount_paid"] == payment.gross, (one["amount_paid"], payment)
                    return intent
        raise AssertionError(f"nobody paid {payment}")

    def _paid_by(self, invoice: Object) -> str:
        link = self.history.world.store.untold[invoice["id"]]["payments"][-1]
        return self.history.world.store.get("invoice_payment", link)["payment"]["payment_intent"]


def _watched(endpoint: str, told: Any, wire: Wire) -> Any:
    def asked(world: World, call: Call) -> Object:
        if world is not wire.history.world:  # another test's
            return _HANDLERS[endpoint](world, call)
        wire.billing.advance(world.clock.now())
        done = _HANDLERS[endpoint](world, call)
        told(call.params, done)
        wire.name_payments()
        return done

    return asked


def may_rise(order: Order, price: Price, rises: dict[Price, int]) -> bool:
    """Whether a higher price was announced so early that the next payment may be of it."""
    return price in rises and max(order.span[1], order.rest_until or 0) >= rises[price]


def _price(history: "History", price_id: str) -> Price:
    price = history.world.store.get("price", price_id)
    tier = history.world.store.get("product", price["product"])["metadata"]["reference"]
    return Price(
        tier, {"month": 1, "year": 12}[price["recurring"]["interval"]], price["unit_amount"], price["currency"]
    )
