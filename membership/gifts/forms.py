"""What a giver and a recipient fill in."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from membership.donations.rules import read_message, read_name
from membership.errors import Invalid
from membership.gifts import rules
from membership.gifts.errors import ChoiceUnknown, GiverUnnamed
from membership.i18n import DEFAULT_LOCALE, LOCALES, N_
from membership.patrons.errors import EmailUnreadable
from membership.patrons.service import canonical_email
from membership.web import source_path

T = TypeVar("T")


class GiftRefused(Invalid):
    """What cannot be taken, by the field that it stands at."""

    message = N_("Please look at what is marked.")

    def __init__(self, problems: Mapping[str, Invalid]) -> None:
        super().__init__()
        self.problems = problems


@dataclass(frozen=True, slots=True)
class GiftForm:
    """Which membership, for whom, from whom, on which day; without the recipient's address it is to be printed."""

    offer: str
    email: str | None
    giver_name: str
    recipient_name: str
    recipient_email: str | None
    recipient_locale: str
    words: str
    send_at: datetime
    source: str

    @classmethod
    def parse(cls, fields: Mapping[str, str], *, now: datetime, timezone: str, needs_email: bool) -> "GiftForm":
        """Read the form, or raise GiftRefused with all that must be mended."""
        problems: dict[str, Invalid] = {}
        read = _Reader(problems)
        delivery = read("delivery", lambda text: _one_of(("mail", "print"), text or "mail"), fields.get("delivery", ""))
        form = cls(
            offer=fields.get("offer", ""),
            email=read("email", canonical_email, fields.get("email", "")) if needs_email else None,
            giver_name=read("giver_name", _giver_name, fields.get("giver_name", "")) or "",
            recipient_name=read("recipient_name", read_name, fields.get("recipient_name", "")) or "",
            recipient_email=_recipient(read, fields) if delivery == "mail" else None,
            recipient_locale=read("recipient_locale", _locale, fields.get("recipient_locale", "")) or DEFAULT_LOCALE,
            words=read("words", read_message, fields.get("words", "")) or "",
            send_at=read("send_on", lambda text: rules.send_at(text, now, timezone), fields.get("send_on", "")) or now,
            source=source_path(fields.get("source")),
        )
        if problems:
            raise GiftRefused(problems)
        return form


class _Reader:
    def __init__(self, problems: dict[str, Invalid]) -> None:
        self.problems = problems

    def __call__(self, name: str, read: Callable[[str], T], text: str) -> T | None:
        try:
            return read(text)
        except Invalid as problem:
            self.problems[name] = problem
            return None


def _giver_name(text: str) -> str:
    if name := read_name(text):
        return name
    raise GiverUnnamed


def _locale(text: str) -> str:
    return _one_of(LOCALES, text or DEFAULT_LOCALE)


def _one_of(known: Collection[str], text: str) -> str:
    if text not in known:
        raise ChoiceUnknown
    return text


def _recipient(read: _Reader, fields: Mapping[str, str]) -> str | None:
    return read("recipient_email", canonical_email, fields.get("recipient_email", ""))


@dataclass(frozen=True, slots=True)
class RedeemForm:
    """A code, and the address of whoever redeems it."""

    code: str
    email: str

    @classmethod
    def parse(cls, fields: Mapping[str, str], *, needs_email: bool) -> "RedeemForm":
        """Read the form; raises EmailUnreadable."""
        email = canonical_email(fields.get("email", "")) if needs_email else ""
        return cls(fields.get("code", ""), email)


def read_address(text: str) -> str | None:
    """Read another address for a code, or none when it is to be printed; raises EmailUnreadable at its field."""
    try:
        return canonical_email(text) if text.strip() else None
    except EmailUnreadable as problem:
        problem.field = "recipient_email"
        raise
