"""Stripe's test cards and the words that stand for them: https://docs.stripe.com/testing."""

from dataclasses import dataclass

from membership.sandbox.terms import Outcome


@dataclass(frozen=True)
class Decline:
    """Why a bank refuses, or Radar (`is_blocked`); the message is Stripe's own."""

    code: str
    decline_code: str | None
    message: str
    is_blocked: bool = False


DECLINED = Decline("card_declined", "generic_decline", "Your card was declined.")
NO_FUNDS = Decline("card_declined", "insufficient_funds", "Your card has insufficient funds.")
LOST = Decline("card_declined", "lost_card", "Your card was declined.")
STOLEN = Decline("card_declined", "stolen_card", "Your card was declined.")
TOO_OFTEN = Decline(
    "card_declined", "card_velocity_exceeded", "Your card was declined for making repeated attempts too frequently."
)
FRAUDULENT = Decline("card_declined", "fraudulent", "Your card was declined.", is_blocked=True)
EXPIRED = Decline("expired_card", "expired_card", "Your card has expired.")
WRONG_CVC = Decline("incorrect_cvc", "incorrect_cvc", "Your card's security code is incorrect.")
BROKEN = Decline("processing_error", "processing_error", "An error occurred while processing your card.")
WRONG_NUMBER = Decline("incorrect_number", None, "Your card number is incorrect.")
ASKED_FOR = Decline(
    "authentication_required",
    "authentication_required",
    "Your card was declined. This transaction requires authentication.",
)
NOT_DEBITED = Decline(
    "insufficient_funds",
    None,
    "The customer's account has insufficient funds to cover this payment.",
)
CLOSED = Decline("account_closed", None, "The customer's bank account has been closed.")
NOT_CONFIRMED = Decline(
    "payment_intent_authentication_failure",
    None,
    "The provided PaymentMethod has failed authentication. You can provide payment_method_data or a new PaymentMethod "
    "to attempt to fulfill this PaymentIntent again.",
)


@dataclass(frozen=True)
class Card:
    """What a number does: at its first charge, at every later one, and whether its bank asks for a confirmation.

    `what` is the word of the hosted pages that says so; `then` is work that follows a charge, `refunds` how those end.
    A card that `attaches` is refused only when it is charged; the others cannot even be kept.
    A bank account that can be debited stands beside the cards; `at_last` is why it refuses, days later.
    """

    number: str
    what: str
    brand: str = "visa"
    funding: str = "credit"
    country: str = "US"
    first: Decline | None = None
    later: Decline | None = None
    asks: bool = False
    attaches: bool = True
    then: str = ""
    refunds: Outcome | None = None
    is_available_at_once: bool = False
    is_set_up: bool = False
    risk: str = "normal"
    cvc_check: str = "pass"
    is_account: bool = False
    at_last: Decline | None = None

    @property
    def last4(self) -> str:
        return self.number[-4:]

    @property
    def spaced(self) -> str:
        """Return the number as it stands on the card."""
        return " ".join(self.number[at : at + 4] for at in range(0, len(self.number), 4))


def _refused(number: str, what: str, decline: Decline) -> Card:
    return Card(number, what, first=decline, later=decline, attaches=False)


CARDS = {
    card.number: card
    for card in (
        Card("4242424242424242", "pays"),
        Card("5555555555554444", "pays", brand="mastercard"),
        Card("4000002500003155", "asks", asks=True),
        Card("4000000000000341", "fails_later", later=DECLINED),
        _refused("4000000000000002", "declined", DECLINED),
        _refused("4000000000009995", "poor", NO_FUNDS),
        Card("4000000000000259", "disputes", then="dispute"),
        Card("DE89370400440532013000", "debited", country="DE", is_account=True),
        Card("DE62370400440532013001", "sent_back", country="DE", is_account=True, at_last=NOT_DEBITED),
        # The rest is folded away on the pages.
        Card("4000056655665556", "pays", funding="debit"),
        Card("2223003122003222", "pays", brand="mastercard"),
        Card("5200828282828210", "pays", brand="mastercard", funding="debit"),
        Card("378282246310005", "pays", brand="amex"),
        Card("6011111111111117", "pays", brand="discover"),
        Card("3056930009020004", "pays", brand="diners"),
        Card("3566002020360505", "pays", brand="jcb"),
        Card("6200000000000005", "pays", brand="unionpay"),
        Card("4000002760000016", "pays", country="DE"),
        Card("4000008040000003", "pays", country="UA"),
        Card("4000000000003220", "asks", asks=True),
        Card("4000002760003184", "always_asks", asks=True, later=ASKED_FOR),
        Card("4000003800000446", "asks", asks=True, is_set_up=True),
        Card("4000008260003178", "asks_then_poor", asks=True, first=NO_FUNDS, later=NO_FUNDS),
        Card("4000008400001629", "asks_then_declined", asks=True, first=DECLINED, later=DECLINED),
        Card("4000000000003055", "pays"),
        _refused("4000000000009987", "lost", LOST),
        _refused("4000000000009979", "stolen", STOLEN),
        _refused("4000000000000069", "too_old", EXPIRED),
        _refused("4000000000000127", "wrong_cvc", WRONG_CVC),
        _refused("4000000000000119", "broken", BROKEN),
        _refused("4000000000006975", "too_often", TOO_OFTEN),
        _refused("4242424242424241", "wrong_number", WRONG_NUMBER),
        Card("4100000000000019", "blocked", first=FRAUDULENT, later=FRAUDULENT, attaches=False, risk="highest"),
        Card("4000000000004954", "blocked", first=FRAUDULENT, later=FRAUDULENT, attaches=False, risk="highest"),
        Card("4000000000009235", "elevated", risk="elevated"),
        Card("4000000000000101", "cvc_fails", cvc_check="fail"),
        Card("4000000000002685", "not_received", then="dispute_not_received"),
        Card("4000000000001976", "inquires", then="inquire"),
        Card("4000000000005423", "warns", then="warn"),
        Card("4000000000007726", "refunds_late", refunds=Outcome.PEND),
        Card("4000000000005126", "refund_fails", refunds=Outcome.FAIL),
        Card("4000000000000077", "available", is_available_at_once=True),
        # Of our own making: Stripe has no test account whose debit comes back after it was paid.
        Card("DE35370400440532013099", "comes_back", country="DE", is_account=True, then="send_back"),
    )
}
COMMON = 9

# `pm_card_…` and `tok_…` of the API, by what comes after the prefix.
WORDS = {
    "visa": "4242424242424242",
    "visa_debit": "4000056655665556",
    "mastercard": "5555555555554444",
    "mastercard_debit": "5200828282828210",
    "amex": "378282246310005",
    "discover": "6011111111111117",
    "diners": "3056930009020004",
    "jcb": "3566002020360505",
    "unionpay": "6200000000000005",
    "de": "4000002760000016",
    "chargeCustomerFail": "4000000000000341",
    "chargeDeclined": "4000000000000002",
    "visa_chargeDeclined": "4000000000000002",
    "chargeDeclinedInsufficientFunds": "4000000000009995",
    "visa_chargeDeclinedInsufficientFunds": "4000000000009995",
    "chargeDeclinedLostCard": "4000000000009987",
    "visa_chargeDeclinedLostCard": "4000000000009987",
    "visa_chargeDeclinedStolenCard": "4000000000009979",
    "chargeDeclinedStolenCard": "4000000000009979",
    "chargeDeclinedExpiredCard": "4000000000000069",
    "chargeDeclinedIncorrectCvc": "4000000000000127",
    "chargeDeclinedProcessingError": "4000000000000119",
    "visa_chargeDeclinedVelocityLimitExceeded": "4000000000006975",
    "chargeDeclinedFraudulent": "4100000000000019",
    "radarBlock": "4100000000000019",
    "riskLevelElevated": "4000000000009235",
    "cvcCheckFail": "4000000000000101",
    "authenticationRequired": "4000002500003155",
    "authenticationRequiredOnSetup": "4000002500003155",
    "authenticationRequiredSetupForOffSession": "4000003800000446",
    "authenticationRequiredChargeDeclinedInsufficientFunds": "4000008260003178",
    "threeDSecureRequired": "4000000000003220",
    "threeDSecureOptional": "4000000000003055",
    "createDispute": "4000000000000259",
    "createDisputeProductNotReceived": "4000000000002685",
    "createDisputeInquiry": "4000000000001976",
    "createIssuerFraudRecord": "4000000000005423",
    "pendingRefund": "4000000000007726",
    "refundFail": "4000000000005126",
    "bypassPending": "4000000000000077",
}


def find_card(typed: str) -> Card | None:
    """Find a test card by its number, however it is spaced, or by the word that stands for it (`pm_card_visa`)."""
    for prefix in ("pm_card_", "tok_"):
        if typed.startswith(prefix):
            return CARDS.get(WORDS.get(typed.removeprefix(prefix), ""))
    return CARDS.get("".join(typed.split()).replace("-", "").upper())
