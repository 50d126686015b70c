import pytest

from membership.sandbox.cards import CARDS, WORDS, find_card
from membership.sandbox.words import LANGUAGES
from membership.sandbox.words import WORDS as SAID
from tests.sandbox.test_pages import visit

REFUSED = {
    "4000000000000002": ("card_declined", "generic_decline", "was declined"),
    "4000000000009995": ("card_declined", "insufficient_funds", "not enough money"),
    "4000000000009987": ("card_declined", "lost_card", "was declined"),
    "4000000000009979": ("card_declined", "stolen_card", "was declined"),
    "4000000000006975": ("card_declined", "card_velocity_exceeded", "was declined"),
    "4100000000000019": ("card_declined", "fraudulent", "was declined"),
    "4000000000000069": ("expired_card", "expired_card", "has expired"),
    "4000000000000127": ("incorrect_cvc", "incorrect_cvc", "security code is not right"),
    "4000000000000119": ("processing_error", "processing_error", "could not be processed"),
    "4242424242424241": ("incorrect_number", None, "not the number of a card"),
}


@pytest.mark.parametrize("number", REFUSED)
def test_each_refusal_is_said_to_the_buyer_and_kept_on_the_intent(sandbox, number):
    code, decline_code, words = REFUSED[number]

    page = visit(sandbox.open_gift().url, {"card": number, "email": "d@example.org"})

    assert (page.status, words in page.text) == (402, True)
    (intent,) = sandbox.v1.payment_intents.list().data
    error = intent.last_payment_error
    assert (error.code, error.to_dict().get("decline_code")) == (code, decline_code)


def test_what_radar_blocks_never_reaches_the_bank(sandbox):
    sandbox.pay(sandbox.open_gift(), "4100000000000019")

    outcome = sandbox.v1.charges.list().data[0].outcome

    assert (outcome.type, outcome.network_status, outcome.reason, outcome.risk_level) == (
        "blocked",
        "not_sent_to_network",
        "highest_risk_level",
        "highest",
    )


def test_a_card_shows_what_its_number_says(sandbox):
    charge = sandbox.charge(card="5200828282828210")
    risky = sandbox.charge(card="4000000000009235")

    card = charge.payment_method_details.card
    assert (card.brand, card.funding, card.last4) == ("mastercard", "debit", "8210")
    assert risky.outcome.risk_level == "elevated"


def test_a_card_is_found_by_number_or_by_word():
    assert find_card("4242 4242-4242 4242") is find_card("pm_card_visa") is find_card("tok_visa")
    assert find_card("pm_card_nothing") is None
    assert {CARDS[number].number for number in WORDS.values()} <= CARDS.keys()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_card_is_explained_in_every_language(language):
    assert {card.what for card in CARDS.values()} <= SAID[language].keys()


def test_a_bank_that_asks_every_time_holds_up_the_renewal(sandbox):
    subscription = sandbox.member("4000002760003184")
    sandbox.advance(months=1)
    sandbox.advance(seconds=7200)

    told = sandbox.told()
    assert told.index("invoice.payment_action_required") < told.index("invoice.payment_failed")
    assert sandbox.v1.subscriptions.retrieve(subscription.id).status == "past_due"
    intent = sandbox.v1.payment_intents.list().data[0]
    assert intent.last_payment_error.code == "authentication_required"
