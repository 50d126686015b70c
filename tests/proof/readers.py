"""What readers do, by the service's own doors and at the provider's page; the model is told what came of it."""

from typing import TYPE_CHECKING, Any

from membership.sandbox import checkout
from membership.sandbox.cards import CARDS
from membership.sandbox.errors import ApiError
from tests.proof.billing import DAY, DECIDED, Order, Price, later
from tests.proof.furnishing import COUPON, COUPON_MONTHS
from tests.proof.oracle import Payment

if TYPE_CHECKING:
    from tests.proof.history import History

Offer = tuple[str, str, str]
MONTHS = {"month": 1, "year": 12}
NUMBERS = {
    "good": "4242424242424242",
    "later": "4000000000000341",
    "declined": "4000000000000002",
    "asks": "4000002500003155",
    "always_asks": "4000002760003184",
    "account": "DE89370400440532013000",
    "empty_account": "DE62370400440532013001",
    "regretted": "DE35370400440532013099",
}
# Whose banks pay what is asked later, and after how many days banks say of a debit that it is paid, or take it back.
PAYING, ACCOUNTS = {"good", "asks", "account"}, {"account", "empty_account"}
REGRETTED = 7 * DAY
DONE = "/account"


class Readers:
    """Whoever is told that something is done must find it done at the provider."""

    def __init__(self, history: "History") -> None:
        self.history, self.model, self.room = history, history.model, history.room
        self.used: set[str] = set()

    def join(self, who: int, offer: Offer = ("friend", "month", "eur"), card: str = "good", **how: Any) -> None:
        """Subscribe; without a card she leaves the provider's page, and does not return."""
        returns, coupon, answer = how.get("returns", False), how.get("coupon", False), how.get("answer", "yes")
        named = dict(zip(("tier", "interval", "currency"), offer, strict=True)) | ({"coupon": COUPON} if coupon else {})
        session = self._pay(self._ask(who, "/subscribe", **named), card, answer)
        if session is None:
            return
        subscription = self.history.world.store.get("subscription", session["subscription"])
        price = Price(offer[0], MONTHS[offer[1]], self.room.prices[tuple(offer)], offer[2])
        now, trial_end = self.model.now, subscription["trial_end"]
        span = (now, trial_end or later(now, price.months))
        order = Order(who, price, trial_end or now, span, card in PAYING, card in ACCOUNTS)
        order.cheaper_until = later(now, COUPON_MONTHS) if coupon else 0
        self.history.billing.join(order, bool(trial_end))
        self.history.wire.orders[subscription["id"]] = order
        self.history.wire.name_payments()
        self._return(who, session, returns)

    def give(
        self, who: int, amount: int = 2000, card: str = "good", returns: bool = False, answer: str = "yes"
    ) -> None:
        """Give once."""
        session = self._pay(self._ask(who, "/donate", amount=str(amount // 100)), card, answer)
        if session is not None:
            self._note(session, card, self.model.pay(who, "donation", amount))
            self._return(who, session, returns)

    def buy_gift(self, who: int, tier: str = "friend", card: str = "good") -> None:
        """Buy three months for somebody else; the code goes out with the next round."""
        told = {"offer": f"{tier}:3", "giver_name": "Taras", "recipient_email": "friend@example.org"}
        session = self._pay(self._ask(who, "/gifts", **told), card)
        if session is not None:
            self._note(session, card, self.model.pay(who, "gift", 3 * self.room.prices[tier, "month", "eur"]))

    def _note(self, session: Any, card: str, payment: Payment) -> None:
        """Tell the model what becomes of what was paid at the provider's page."""
        self.history.ids[session["payment_intent"]] = payment
        if card in {"account", "regretted"}:
            payment.at += DECIDED
            payment.returned_at = payment.at + REGRETTED if card == "regretted" else None
        elif card == "empty_account":
            self.model.payments.remove(payment)
            del self.history.ids[session["payment_intent"]]

    def redeem(self, who: int) -> None:
        """Redeem the oldest code that nobody has used, while nothing is on its way; what she pays herself rests."""
        codes = [code for code in self.room.codes if code not in self.used]
        if not codes or not self.history.is_quiet():
            return
        intent, tier, _ = self.room.gift_behind(codes[0])
        payment = self.history.ids[intent]
        is_good = payment.revoked_at(self.model.now) is None
        if is_good:
            self.model.give(who, "gift", tier, 3, payment)
        answer = self.room.post(who, "/redeem", code=codes[0])
        assert (answer.status_code == 200) == is_good, f"redeemed: {answer.status_code}, of {payment}"
        self.used.add(codes[0])

    def return_gift(self, number: int = 0) -> None:
        """Ask for the money back of a gift that may be used already."""
        if self.room.codes:
            _, _, public_id = self.room.gift_behind(self.room.codes[number % len(self.room.codes)])
            self._ask(0, f"/gifts/{public_id}/return")

    def stop(self, who: int) -> None:
        self._want(who, "stop", lambda order: order.cancel_at or order.ended_at)

    def go_on(self, who: int) -> None:
        self._want(who, "continue", lambda order: not order.cancel_at)

    def pause(self, who: int, months: int = 1) -> None:
        self._want(who, "pause", lambda order: order.rest_until, months=str(months))

    def resume(self, who: int) -> None:
        self._want(who, "resume", lambda order: not order.rest_until)

    def keep(self, who: int) -> None:
        self._want(who, "keep", lambda order: not order.next_price)

    def change(self, who: int, tier: str = "patron") -> None:
        at = str(self.history.world.clock.now())
        self._ask(who, "/account/subscription/change/confirm", tier=tier, interval="month", at=at)

    def change_card(self, who: int, card: str = "good") -> None:
        """Give another card in the provider's portal."""
        order, store = self.model.live(who), self.history.world.store
        if order is not None:
            subscription = next(id for id, one in self.history.wire.orders.items() if one is order)
            customer = store.get("customer", store.get("subscription", subscription)["customer"])
            checkout.change_card(self.history.world, customer, CARDS[NUMBERS[card]])
            order.pays, order.by_debit = card in PAYING, card in ACCOUNTS

    def _want(self, who: int, path: str, is_done: Any, **fields: Any) -> None:
        before = self.model.live(who)
        where = self._ask(who, f"/account/subscription/{path}", **fields)
        if where == DONE and before is not None:
            assert is_done(before), f"{path} is said to be done: {before}"

    def _ask(self, who: int, path: str, **fields: Any) -> str | None:
        """Send a form; return where it leads, None when it was refused or the process ended."""
        answer = self.history.guard(lambda: self.room.post(who, path, **fields))
        return answer.location if answer is not None and answer.status_code == 303 else None

    def _pay(self, where: str | None, card: str, answer: str = "yes") -> Any:
        """Pay at the page to which she was led, and answer her bank if it asks; return the session when it was paid."""
        id = (where or "").rsplit("/", 1)[-1].split("#")[0]
        session = self.history.world.store.find("checkout.session", id)
        if session is None or session["status"] != "open" or card == "none":
            return None
        number, world = CARDS[NUMBERS[card]], self.history.world
        if number.asks:
            checkout.ask(world, session)
        if number.asks and answer != "yes":
            # Whoever says no may pay later in the same session, and so may whoever never answers.
            if answer == "no":
                checkout.fail_confirmation(world, session, number)
            return None
        try:
            checkout.pay(world, session, number, email="reader@example.org", name=None)
        except ApiError:
            return None
        return session

    def _return(self, who: int, session: Any, returns: bool) -> None:
        if returns:
            self.history.guard(lambda: self.room.clients[who].get(f"/thanks?session_id={session['id']}"))


def ends_for_a_reason(order: Order) -> bool:
    """Whether a standing order may be ended at once: it is late, or a bank disputes or warns of what was paid."""
    return order.status == "late" or any(one.dispute or one.warned_at for one in order.payments)
