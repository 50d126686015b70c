"""What a voter fills in."""

from collections.abc import Mapping

from werkzeug.datastructures import MultiDict

from membership.voting.errors import RankUnreadable, ScoreUnreadable
from membership.voting.rules import Method, Terms, rank

LONGEST_NUMBER = 3
NUMBER = "number-"


def read_marks(form: MultiDict[str, str], terms: Terms) -> list[str] | dict[str, int]:
    """Read the marks of a ballot, by method; raises RankUnreadable, NumberGivenTwice or ScoreUnreadable."""
    if terms.method is Method.RANKED:
        return rank({slug: _whole(text, RankUnreadable) for slug, text in read_numbers(form).items()})
    if terms.method in (Method.SCORE, Method.DOTS):
        return {slug: _whole(text, ScoreUnreadable) for slug, text in read_numbers(form).items()}
    return form.getlist("marks")


def read_numbers(form: Mapping[str, str]) -> dict[str, str]:
    """Return what was written at the topics, as it was written; empty places are left out."""
    fields = ((name.removeprefix(NUMBER), text.strip()) for name, text in form.items() if name.startswith(NUMBER))
    return {slug: text for slug, text in fields if text}


def _whole(text: str, refusal: type[RankUnreadable] | type[ScoreUnreadable]) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= LONGEST_NUMBER):
        raise refusal
    return int(text)
