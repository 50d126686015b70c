"""What a round may be like."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from membership.voting.errors import (
    BudgetUnreadable,
    FlagMissing,
    HoldUnreadable,
    MonthsUnreadable,
    QuorumUnreadable,
    TopScoreUnreadable,
    WeightUnreadable,
)
from membership.voting.rules import Electorate, Method, RoundDraft, Terms

NOON = datetime(2026, 11, 3, 12, tzinfo=UTC)
DRAFT = RoundDraft(
    slug="november",
    title={"en": "What next?"},
    intro={"en": ""},
    seats=1,
    opens_at=NOON,
    closes_at=NOON + timedelta(days=7),
    topics=["water", "roads"],
)


@pytest.mark.parametrize(
    "terms",
    [
        Terms(),
        Terms(method=Method.RANKED),
        Terms(method=Method.DOTS, budget=10),
        Terms(method=Method.SCORE, top_score=5),
    ],
)
def test_every_method_has_terms_that_are_taken(terms):
    replace(DRAFT, terms=terms).check()


@pytest.mark.parametrize(
    ("terms", "refusal"),
    [
        (Terms(method=Method.DOTS), BudgetUnreadable),
        (Terms(method=Method.DOTS, budget=0), BudgetUnreadable),
        (Terms(method=Method.DOTS, budget=101), BudgetUnreadable),
        (Terms(budget=5), BudgetUnreadable),
        (Terms(method=Method.SCORE), TopScoreUnreadable),
        (Terms(method=Method.SCORE, top_score=0), TopScoreUnreadable),
        (Terms(method=Method.SCORE, top_score=11), TopScoreUnreadable),
        (Terms(top_score=5), TopScoreUnreadable),
        (Terms(quorum_percent=101), QuorumUnreadable),
        (Terms(quorum_percent=-1), QuorumUnreadable),
        (Terms(hold_hours=169), HoldUnreadable),
        (Terms(hold_hours=-1), HoldUnreadable),
    ],
)
def test_terms_that_nothing_can_be_counted_by_are_refused(terms, refusal):
    with pytest.raises(refusal):
        replace(DRAFT, terms=terms).check()


@pytest.mark.parametrize(
    ("electorate", "refusal"),
    [
        (Electorate(flags=()), FlagMissing),
        (Electorate(min_months=-1), MonthsUnreadable),
        (Electorate(min_months=121), MonthsUnreadable),
        (Electorate(weights={"patron": 4}), WeightUnreadable),
        (Electorate(weights={"patron": 0}), WeightUnreadable),
    ],
)
def test_an_electorate_that_is_none_is_refused(electorate, refusal):
    with pytest.raises(refusal):
        replace(DRAFT, electorate=electorate).check()
