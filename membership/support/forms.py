"""What a reader chooses on the support page, and where she came from."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

from membership.donations import rules
from membership.donations.forms import read_amount, read_currency
from membership.edge import is_at
from membership.errors import Invalid
from membership.i18n import N_, gettext
from membership.patrons.service import canonical_email
from membership.web import source_path


class Frequency(StrEnum):
    ONCE = "once"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


_OFTEN = {
    Frequency.MONTH: N_("every month"),
    Frequency.QUARTER: N_("every three months"),
    Frequency.YEAR: N_("every year"),
}


class ChoiceRefused(Invalid):
    """What cannot be taken, by the field that it stands at."""

    message = N_("Please look at what is marked.")

    def __init__(self, problems: Mapping[str, Invalid]) -> None:
        super().__init__()
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Choice:
    """How often, and which tier or which amount."""

    frequency: Frequency
    is_confirmed: bool

    @classmethod
    def parse(
        cls,
        fields: Mapping[str, str],
        *,
        currencies: Sequence[str],
        offered: Collection[tuple[str, str]],
        needs_email: bool,
    ) -> "Choice":
        """Read the form, or raise ChoiceRefused with all that must be mended; `offered` pairs tiers and intervals."""
        frequency = fields.get("interval", "")
        problems = dict(_problems(fields, currencies, offered))
        if needs_email and (problem := _refusal(canonical_email, fields.get("email", ""))):
            problems["email"] = problem
        if problems:
            raise ChoiceRefused(problems)
        return cls(Frequency(frequency), fields.get("confirmed") == "1")


def _problems(
    fields: Mapping[str, str], currencies: Sequence[str], offered: Collection[tuple[str, str]]
) -> Mapping[str, Invalid]:
    frequency = fields.get("interval", "")
    if frequency not in list(Frequency):
        return {"interval": Invalid(N_("Please choose how often."))}
    if frequency == Frequency.ONCE:
        readers = {
            "amount": lambda text: read_amount(text, read_currency(fields, currencies)),
            "honouree": rules.read_name,
            "message": rules.read_message,
        }
        found = {name: _refusal(read, fields.get(name, "")) for name, read in readers.items()}
        return {name: problem for name, problem in found.items() if problem}
    if (fields.get("tier", ""), frequency) not in offered:
        return {"tier": _not_offered(fields.get("tier", ""), offered)}
    return {}


def _not_offered(tier: str, offered: Collection[tuple[str, str]]) -> Invalid:
    often = [gettext(words) for interval, words in _OFTEN.items() if (tier, interval) in offered]
    if not often:
        return Invalid(N_("Please choose one of these."))
    return Invalid(N_("In this currency this tier can be given: %(often)s."), often=", ".join(often))


def _refusal(read: Callable[[str], object], text: str) -> Invalid | None:
    try:
        read(text)
    except Invalid as problem:
        return problem
    return None


def source_of(address: str, homes: Collection[str]) -> str:
    """Return the path of the article that she came from, at one of these sites; nothing for any other address."""
    return source_path(urlsplit(address).path) if is_at(address, homes) else ""
