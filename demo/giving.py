"""What comes past the cards: other ways to support, gifts to others, and a statement of the bank that waits."""

import csv
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from demo import paying
from demo.control import Sandbox
from demo.past_cards import BANK, FEES, GIFTS, PAST_THE_CARDS, TRANSFERS, WAYS, GiftPlan
from membership.clock import utc_now
from membership.db import session, transaction
from membership.donations import handlers as donation_handlers
from membership.donations import service as donations
from membership.gifts import handlers as gift_handlers
from membership.gifts import service as gifts
from membership.mail.models import Letter
from membership.patrons import service as patrons

CARD = "4242424242424242"


@dataclass(frozen=True)
class Statement:
    """A file of the bank: where it is written to, and the command that takes it."""

    path: Path

    def command(self) -> list[str]:
        return ["bank", "import", str(self.path)]


def commands() -> list[list[str]]:
    """List the commands that open the other ways and say what the provider takes."""
    return [
        *(_way(position, *way) for position, way in enumerate(WAYS)),
        *(_fee(position, *fee) for position, fee in enumerate(FEES)),
    ]


def _way(position: int, kind: str, english: str, ukrainian: str, details: dict[str, str]) -> list[str]:
    told = [part for name, value in details.items() for part in ("--detail", f"{name}={value}")]
    return ["ways", "set", kind, "--text-en", english, "--text-uk", ukrainian, "--position", str(position), *told]


def _fee(position: int, kind: str, percent: str, fixed: str, english: str, ukrainian: str) -> list[str]:
    named = ["--name-en", english, "--name-uk", ukrainian, "--position", str(position)]
    return ["fees", "set", "eur", kind, "--percent", percent, "--fixed", fixed, *named]


def entries(now: datetime) -> list[list[str]]:
    """List the commands that enter what came past the cards, each some days ago."""
    return [
        [
            *("offline", "enter", "--method", one.method, "--amount", one.amount, "--currency", "eur"),
            *("--received-on", (now - timedelta(days=one.days_ago)).date().isoformat()),
            *("--name", one.name, "--email", one.email),
        ]
        for one in PAST_THE_CARDS
    ]


def statement(folder: Path, now: datetime) -> Statement:
    """Write what the bank tells of the last days, as its customers download it."""
    path = folder / "bank.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, delimiter=";")
        rows.writerow(["date", "amount", "currency", "payer", "iban", "text", "id"])
        for number, one in enumerate(TRANSFERS, 1):
            day = (now - timedelta(days=one.days_ago)).strftime("%d.%m.%Y")
            rows.writerow([day, one.amount, "EUR", one.payer, BANK["iban"], one.text, f"demo-{number}"])
    return Statement(path)


def give_all(sandbox: Sandbox) -> None:
    """Let memberships be given to others: one waits for its day, one was sent, one was accepted."""
    for plan in GIFTS:
        _buy(sandbox, plan)
    gift_handlers.turn({})
    for plan in GIFTS:
        if plan.is_accepted:
            _accept(plan)


def _buy(sandbox: Sandbox, plan: GiftPlan) -> None:
    draft = gifts.GiftDraft(
        offer=plan.offer,
        giver_email=plan.giver_email,
        giver_id=None,
        giver_name=plan.giver,
        recipient_name=plan.recipient,
        recipient_email=plan.recipient_email,
        recipient_locale=plan.locale,
        words=plan.words,
        send_at=utc_now() + timedelta(days=plan.days_ahead),
        locale=plan.locale,
        source="",
    )
    with transaction() as current:
        donation = gifts.buy(current, draft, "eur").donation
    donation_handlers.open_checkout(donation.id)
    paying.pay(sandbox, donations.get_donation(session(), donation.id).stripe_session_id, CARD)


def _accept(plan: GiftPlan) -> None:
    sent = session().query(Letter).filter_by(kind="gift_code", recipient=plan.recipient_email).one()
    with transaction() as current:
        recipient = patrons.register(current, plan.recipient_email, locale=plan.locale, name=plan.recipient)
        gifts.redeem(current, sent.values["code"], recipient, utc_now())
