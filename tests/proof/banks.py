"""What banks and staff do to money: give back, dispute, decide, send back, and what comes past the provider."""

from typing import TYPE_CHECKING, Any

from membership.sandbox.billing import balance, debiting, disputing, refunding
from membership.sandbox.cards import CLOSED
from tests.proof.billing import DECIDED, TRIES, Order
from tests.proof.oracle import Payment

if TYPE_CHECKING:
    from tests.proof.history import History


class Banks:
    def __init__(self, history: "History") -> None:
        self.history, self.model, self.room = history, history.model, history.room

    def refund(self, number: int, part: int | None = None) -> None:
        """Give back a payment, or a part of it, as staff do; what came past the provider went back by itself."""
        id, payment = self._payment(number)
        if payment is None:
            return
        if payment.kind != "offline":
            self.history.guard(lambda: self.room.refund(id, part))
            return
        self.history.guard(lambda: self.room.bounce(id, part))
        # The process may have ended before it told, but not half of it: what is written down counts.
        back = self.room.bounced(id)
        payment.back_at = self.model.now if back != payment.back else payment.back_at
        payment.back = back

    def fail_refund(self, number: int) -> None:
        """Send the last refund of a payment back to the account that it came from."""
        id, payment = self._payment(number)
        found = self.history.world.store.where("refund", payment_intent=id)
        refund = next((one for one in found if one["status"] in {"pending", "succeeded"}), None)
        if payment is not None and refund is not None:
            refunding.fail(self.history.world, refund, "lost_or_stolen_card")
            payment.back -= refund["amount"]

    def dispute(self, number: int) -> None:
        """Let a bank take a payment back."""
        id, payment = self._payment(number)
        charge = self._charge(id)
        if payment is not None and _is_by_card(charge) and not charge["disputed"]:
            amount = charge["amount"] - disputing.held_of(self.history.world, charge)
            disputing.start(self.history.world, charge, amount=amount, reason="fraudulent")
            payment.dispute, payment.dispute_at = "open", self.model.now
            self.model.disputes[payment.currency] += 1

    def decide(self, number: int, verdict: str = "won") -> None:
        """Let a bank say who was right."""
        id, payment = self._payment(number)
        charge = self._charge(id)
        dispute = disputing.open_of(self.history.world, charge) if charge else None
        if payment is not None and dispute:
            disputing.close(self.history.world, dispute, verdict)
            payment.dispute = verdict

    def warn(self, number: int) -> None:
        """Let a card network say that a payment which nobody has touched yet is probably fraud."""
        id, payment = self._payment(number)
        charge = self._charge(id)
        if payment is not None and _is_by_card(charge) and not (payment.back or payment.dispute or payment.warned_at):
            disputing.warn(self.history.world, charge, "made_with_stolen_card")
            payment.warned_at = self.model.now

    def send_back(self, number: int) -> None:
        """Let a bank send back a debit that was paid, soon enough that it is decided before the next renewal.

        The model follows one debt at a time.
        """
        id, payment = self._payment(number)
        charge = self._charge(id)
        if payment is not None and charge and debiting.can_be_sent_back(charge):
            order = next((one for one in self.model.orders if payment in one.payments), None)
            if order and (order.payments[-1] is not payment or order.debt or not self._is_soon(order, payment)):
                return
            debiting.send_back(self.history.world, charge, CLOSED)
            payment.returned_at = self.model.now
            if order:
                self.history.billing.send_back(order, payment)

    def _is_soon(self, order: Order, payment: Payment) -> bool:
        decided_by = self.model.now + sum(TRIES) + DECIDED
        return order.span == payment.span and (bool(order.ended_at) or decided_by < order.span[1])

    def fail_payout(self) -> None:
        """Send the last payout back."""
        sent = next((one for one in self.history.world.store.newest("payout") if one["status"] != "failed"), None)
        if sent is not None:
            balance.fail(self.history.world, sent, "account_closed")

    def give_offline(self, who: int, amount: int = 1000) -> None:
        """Let money come by bank transfer, and staff enter it."""
        known = self.room.receipts_offline()
        self.history.guard(lambda: self.room.enter_offline(who, amount))
        for receipt in self.room.receipts_offline()[len(known) :]:
            self.model.give_offline(who, amount)
            self.history.ids[receipt] = self.model.payments[-1]

    def _payment(self, number: int) -> tuple[str, Payment | None]:
        known = list(self.history.ids.items())
        id, payment = known[number % len(known)] if known else ("", None)
        return id, payment if payment and payment.at <= self.model.now else None

    def _charge(self, id: str) -> Any:
        intent = self.history.world.store.find("payment_intent", id)
        return self.history.world.store.get("charge", intent["latest_charge"]) if intent else None


def _is_by_card(charge: Any) -> bool:
    return bool(charge) and charge["payment_method_details"]["type"] == "card"
