"""Stripe's test cards, as far as the sandbox knows them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Decline:
    """Why a bank refuses; the message is Stripe's own."""

    code: str
    decline_code: str | None
    message: str


DECLINED = Decline("card_declined", "generic_decline", "Your card was declined.")
NO_FUNDS = Decline("card_declined", "insufficient_funds", "Your card has insufficient funds.")
NOT_CONFIRMED = Decline(
    "payment_intent_authentication_failure",
    None,
    "The provided PaymentMethod has failed authentication. You can provide payment_method_data or a new PaymentMethod "
    "to attempt to fulfill this PaymentIntent again.",
)


@dataclass(frozen=True)
class Card:
    """What a number does: at its first charge, at every later one, and whether its bank asks for a confirmation.

    `what` is the word of the hosted pages that says so.
    """

    number: str
    what: str
    brand: str = "visa"
    first: Decline | None = None
    later: Decline | None = None
    asks: bool = False

    @property
    def last4(self) -> str:
        return self.number[-4:]


CARDS = {
    card.number: card
    for card in (
        Card("4242424242424242", "pays"),
        Card("5555555555554444", "pays", brand="mastercard"),
        Card("4000002500003155", "asks", asks=True),
        Card("4000000000003220", "asks", asks=True),
        Card("4000000000000341", "fails_later", later=DECLINED),
        Card("4000000000000002", "declined", first=DECLINED, later=DECLINED),
        Card("4000000000009995", "poor", first=NO_FUNDS, later=NO_FUNDS),
    )
}


def find_card(typed: str) -> Card | None:
    """Find a test card by its number, however it is spaced."""
    return CARDS.get("".join(typed.split()).replace("-", ""))
