"""The public record of a round: enough to count it again, and the same bytes for everyone who does."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from membership.voting.errors import BallotsUnlisted, RecordUnreadable
from membership.voting.rules.counting import SHIELDED_BELOW, Paper, tally
from membership.voting.rules.few import TOO_FEW_TO_COUNT, is_too_few, keep_back
from membership.voting.rules.reading import read_record
from membership.voting.rules.terms import Method, Terms

# In a smaller round a list of ballots would tell too much about single voters.
LISTED_FROM = 20
TRANSFERS = ("transfers", "transfers_by_persons")


def record(facts: Mapping[str, Any], ballots: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Count a round and put the outcome beside its facts; of ballots that are few and not listed, what can be told.

    Those that count: `method`, `quorum_percent`, `topics` (each with a slug), `seats`, `tie_seed`, `roll` (`members`),
    `listed`.
    """
    topics = [topic["slug"] for topic in facts["topics"]]
    papers = (Paper(ballot["weight"], ballot["marks"]) for ballot in ballots)
    result = tally(
        papers,
        topics,
        seats=facts["seats"],
        seed=facts["tie_seed"],
        terms=Terms(method=Method(facts["method"]), quorum_percent=facts["quorum_percent"]),
        members=facts["roll"]["members"],
    )
    if is_too_few(Counter(ballot["weight"] for ballot in ballots)) and not facts["listed"]:
        why = "fewer_than" if len(ballots) < TOO_FEW_TO_COUNT else "fewer_with_a_weight_than"
        # Who came to vote, by tier, would be the count once more.
        few = {why: TOO_FEW_TO_COUNT, "turnout": []}
        return {**facts, **few, "tally": asdict(keep_back(result, topics))}
    return {**facts, "tally": asdict(result)}


def part(told: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """Part a record into what every page reads and the transfers of ranked ballots, which are many and seldom read."""
    counted = dict(told["tally"])
    transfers = {name: counted.pop(name) for name in TRANSFERS}
    steps = len(transfers["transfers"]["steps"]) if transfers["transfers"] else 0
    return {**told, "tally": counted, "steps": steps}, transfers if steps else None


def whole(result: Mapping[str, Any], transfers: Mapping[str, Any] | None) -> dict[str, Any]:
    """Put a record that was parted together again."""
    told = {name: value for name, value in result.items() if name != "steps"}
    return {**told, "tally": {**told["tally"], **(transfers or dict.fromkeys(TRANSFERS))}}


def may_list(weights: Mapping[int, int], *, is_anonymous: bool) -> bool:
    """Whether ballots, so many of each weight, can be listed without telling whose they are; signed ones always."""
    return not is_anonymous or (sum(weights.values()) >= LISTED_FROM and min(weights.values()) >= SHIELDED_BELOW)


def publish(stored: Mapping[str, Any], ballots: Sequence[Mapping[str, Any]] | None) -> bytes:
    """Write the public export of a stored result with its ballots; None where they are not listed."""
    listed = None if ballots is None else sorted(ballots, key=lambda ballot: str(ballot["receipt"]))
    return canonical({**stored, "ballots": listed})


def recount(export: bytes) -> bytes:
    """Count a public export again; an honest one comes back byte for byte.

    Raises RecordUnreadable or BallotsUnlisted.
    """
    published = read_record(export)
    if published["ballots"] is None:
        raise BallotsUnlisted
    try:
        return canonical(record(published, published["ballots"]))
    except UnicodeEncodeError:
        raise RecordUnreadable(place="JSON") from None


def canonical(value: Mapping[str, Any]) -> bytes:
    """Write JSON in the one way that gives everyone the same bytes: sorted keys, no spaces, UTF-8, one line."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"
