"""Givers and recipients in a line each: bought through the gateway in memory, sent by the worker."""

import secrets
from dataclasses import dataclass
from typing import Any

from membership.db import transaction
from membership.gifts import handlers
from membership.gifts.models import Gift
from membership.mail.models import Letter
from membership.payments.fulfilment import look_up_checkout, record
from tests.browsing import post
from tests.subscriptions.making import rows

GIVER, RECIPIENT = "giver@example.org", "olena@example.org"
FORM = {"offer": "friend:3", "email": GIVER, "giver_name": "Taras", "recipient_name": "Olena", "words": "For you"}


@dataclass
class Giving:
    app: Any
    session: Any
    gateway: Any
    drain: Any

    def order(self, client=None, **fields: Any) -> Any:
        told = {**FORM, "recipient_email": RECIPIENT, "recipient_locale": "uk"} | fields
        return post(client or self.app.test_client(), "/gifts", told)

    def pay(self) -> Gift:
        """Pay the gift that was ordered last."""
        gift = rows(self.session, Gift)[-1]
        session_id = gift.donation.stripe_session_id
        self.gateway.pay_checkout(session_id)
        with self.app.app_context():
            facts = look_up_checkout(self.gateway, session_id)
            with transaction() as current:
                record(current, facts)
        return gift

    def turn(self) -> None:
        with self.app.app_context():
            handlers.turn({})

    def give(self, **fields: Any) -> Gift:
        """Order, pay and let the worker write what is due."""
        self.order(**fields)
        self.pay()
        self.turn()
        return rows(self.session, Gift)[-1]

    def letters(self, kind: str) -> list[Letter]:
        return [letter for letter in rows(self.session, Letter) if letter.kind == kind]

    def code(self) -> str:
        """Read the code in the last letter, as its recipient does."""
        return self.letters("gift_code")[-1].values["code"]

    def redeem(self, code: str, client=None, **fields: Any) -> Any:
        told = {"code": code, "email": f"{secrets.token_hex(4)}@example.org"} | fields
        return post(client or self.app.test_client(), "/redeem", told)
