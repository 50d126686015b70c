"""The kinds of votes that newsrooms hold again and again."""

from collections.abc import Mapping
from dataclasses import dataclass

from membership.i18n import N_
from membership.voting.rules.terms import Method, Terms


@dataclass(frozen=True, slots=True)
class Pattern:
    """How such a vote is held: for how many days, for how many topics, and by which terms."""

    name: str
    days: int
    seats: int
    terms: Terms


PATTERNS: Mapping[str, Pattern] = {
    "three-questions": Pattern(N_("Three questions this month"), 7, 1, Terms(method=Method.SINGLE)),
    "agenda": Pattern(N_("The month's agenda"), 14, 3, Terms(method=Method.APPROVAL)),
    "order": Pattern(N_("What matters most, in order"), 14, 3, Terms(method=Method.RANKED)),
    "dots": Pattern(N_("Ten dots to share out"), 14, 2, Terms(method=Method.DOTS, budget=10)),
    "marks": Pattern(N_("Marks from 0 to 5"), 14, 1, Terms(method=Method.SCORE, top_score=5)),
}
