"""What a patron tells about herself."""

from collections.abc import Mapping
from dataclasses import dataclass

from membership.errors import Invalid
from membership.i18n import LOCALES, N_
from membership.patrons.models import Patron
from membership.privacy.errors import ErasureUnconfirmed


class LanguageUnknown(Invalid):
    field = "locale"
    message = N_("Please choose one of these languages.")


@dataclass(frozen=True, slots=True)
class DetailsForm:
    """How she wants to be called, and in which language."""

    name: str
    locale: str

    @classmethod
    def parse(cls, form: Mapping[str, str]) -> "DetailsForm":
        """Read the fields; raises LanguageUnknown."""
        locale = form.get("locale", "")
        if locale not in LOCALES:
            raise LanguageUnknown
        return cls(form.get("name", ""), locale)


def confirm_erasure(patron: Patron, form: Mapping[str, str]) -> None:
    """Insist that she has written her own address; raises ErasureUnconfirmed."""
    if form.get("email", "").strip().lower() != patron.email:
        raise ErasureUnconfirmed
