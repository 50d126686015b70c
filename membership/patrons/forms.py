"""What people type to get in."""

from collections.abc import Mapping
from dataclasses import dataclass

from membership.patrons.service import canonical_email
from membership.web import safe_path

LONGEST_NEXT = 1000


def next_path(form: Mapping[str, str], default: str) -> str:
    """Read where somebody wants to go afterwards; only within our own pages."""
    wanted = safe_path(form.get("next"), default)
    return wanted if len(wanted) <= LONGEST_NEXT else default


@dataclass(frozen=True, slots=True)
class AskForm:
    """The wish to sign in."""

    email: str
    next_path: str

    @classmethod
    def parse(cls, form: Mapping[str, str]) -> "AskForm":
        """Read the fields; raises EmailUnreadable."""
        return cls(canonical_email(form.get("email", "")), next_path(form, "/account"))


@dataclass(frozen=True, slots=True)
class SecondFactorForm:
    """A code of an app, and for the first time the enrolment code."""

    code: str
    enrolment: str
    next_path: str

    @classmethod
    def parse(cls, form: Mapping[str, str]) -> "SecondFactorForm":
        """Read the fields; what is not a digit in a code was typed for reading only."""
        code = "".join(char for char in form.get("code", "") if char in "0123456789")
        return cls(code, form.get("enrolment", ""), next_path(form, "/staff"))
