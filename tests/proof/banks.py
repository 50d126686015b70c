"""What banks and staff do to money: give back, dispute, decide, send back, and what comes past the provider."""

from typing import TYPE_CHECKING, Any

from membership.sandbox.billing import balance, disputing, refunding
from tests.proof.standing import Payment

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
        if payment is not None and charge and not charge["disputed"]:
            amount = charge["amount"] - disputing.held_of(self.history.world, charge)
            disputing.start(self.history.world, charge, amount=amount, reason="fraudulent")
            payment.dispute, payment.dispute_at = "open", self.model.now
            self.model.disputes += 1

    def decide(self, number: int, verdict: str = "won") -> None:
        """Let a bank say who was right."""
        id, payment = self._payment(number)
        charge = self._charge(id)
        dispute = disputing.open_of(self.history.world, charge) if charge else None
        if payment is not None and dispute:
            disputing.close(self.history.world, dispute, verdict)
            payment.dispute = verdict

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
        return known[number % len(known)] if known else ("", None)

    def _charge(self, id: str) -> Any:
        intent = self.history.world.store.find("payment_intent", id)
        return self.history.world.store.get("charge", intent["latest_charge"]) if intent else None
