"""What a donor fills in."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from membership.donations import rules
from membership.errors import Invalid
from membership.money import Money, UnknownCurrency, parse_amount
from membership.web import source_path


@dataclass(frozen=True, slots=True)
class DonationForm:
    """A gift of one amount, as read and as typed; `source` is the path of the article that she came from.

    `cover` is what she chose to add for the fees as she was shown it. Of names and words only what is kept is read.
    """

    amount: Money
    typed: str
    email: str
    source: str
    cover: str = ""
    honouree: str = ""
    message: str = ""
    is_anonymous: bool = False

    @classmethod
    def parse(cls, fields: Mapping[str, str], currencies: Sequence[str]) -> "DonationForm":
        """Read the form; an amount that cannot be given and words too long are refused at their field."""
        typed = fields.get("amount", "")
        return cls(
            amount=read_amount(typed, read_currency(fields, currencies)),
            typed=typed,
            email=fields.get("email", ""),
            source=source_path(fields.get("source")),
            cover=fields.get("cover", ""),
            honouree=read_note("honouree", rules.read_name, fields),
            message=read_note("message", rules.read_message, fields),
            is_anonymous=fields.get("is_anonymous") == "1",
        )


def read_note(field: str, read: Callable[[str], str], fields: Mapping[str, str]) -> str:
    """Read a name or a message, or refuse it at its field."""
    try:
        return read(fields.get(field, ""))
    except Invalid as error:
        error.field = field
        raise


def read_currency(fields: Mapping[str, str], currencies: Sequence[str]) -> str:
    """Return which offered currency is meant, the first when none is named; others are refused at the amount."""
    currency = fields.get("currency", "") or currencies[0]
    if currency not in currencies:
        raise UnknownCurrency(field="amount")
    return currency


def read_amount(text: str, currency: str) -> Money:
    """Read an amount that can be given, or refuse it at its field."""
    try:
        amount = parse_amount(text, currency)
    except Invalid as error:
        error.field = "amount"
        raise
    rules.admit(amount)
    return amount
