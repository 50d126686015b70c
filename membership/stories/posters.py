"""What the picture of a result says: what decided, and what its bars are."""

from collections.abc import Mapping
from typing import Any

from membership.i18n import N_, gettext, ngettext, said
from membership.stories.pictures import Poster, Row
from membership.voting import rules
from membership.voting.models import Round
from membership.voting.rules import Method

_VOTES = N_("The bar: a topic's votes, weighted by tier.")
_BARS = {
    Method.APPROVAL: _VOTES,
    Method.SINGLE: _VOTES,
    Method.RANKED: N_("The bar: a topic's votes when it was chosen or left the count, weighted by tier."),
    Method.SCORE: N_("The bar: a topic's points, weighted by tier."),
    Method.DOTS: N_("The bar: a topic's dots, weighted by tier."),
}


def make_poster(round: Round, publication: str) -> Poster:
    """Say in a picture what a published round chose, in the words that were voted on."""
    told = round.result or {}
    result, titles = rules.read_result(told), {topic["slug"]: said(topic["title"]) for topic in told["topics"]}
    votes = _list_votes(round, result)
    most = max(votes.values(), default=0) or 1
    rows = tuple(
        Row(titles[one.slug], votes[one.slug] / most if one.slug in votes else None, one.is_chosen)
        for one in result.topics
    )
    chosen = gettext("Chosen topics are in yellow.") if result.chosen else gettext("No topic was chosen.")
    note = gettext(_BARS[round.method]) if votes else ""
    return Poster(publication, said(round.title), rows, f"{_say_voted(told, result.ballots)} {chosen}", note)


def _list_votes(round: Round, result: rules.Result) -> dict[str, int]:
    if not result.ballots:
        return {}
    transfers = rules.read_transfers((round.transfers or {}).get("transfers"))
    weighted = {one.slug: one.weighted or 0 for one in result.topics}
    # First choices are where a ranked count began, not what decided.
    return weighted if transfers is None else dict.fromkeys(weighted, 0) | transfers.last_votes


def _say_voted(told: Mapping[str, Any], ballots: int | None) -> str:
    if ballots is None:
        few = "fewer_than" in told
        return gettext("Fewer than five voted.") if few else gettext("Fewer than five voted with one of the weights.")
    return ngettext("%(num)s person voted.", "%(num)s people voted.", ballots) if ballots else gettext("Nobody voted.")
