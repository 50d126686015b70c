"""A public record as somebody brings it: whole, or refused with the first place that is not as it should be."""

import json
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from membership.voting.errors import RecordUnreadable
from membership.voting.rules.terms import HEAVIEST, MOST_DOTS, Method

FORMAT = "membership.round/2"
Slug = Annotated[str, Field(min_length=1)]


class _Part(BaseModel):
    model_config = ConfigDict(strict=True)


class _Topic(_Part):
    slug: Slug


class _Roll(_Part):
    members: Annotated[int, Field(ge=0)]


class _Ballot(_Part):
    receipt: str
    weight: Annotated[int, Field(ge=1, le=HEAVIEST)]
    marks: list[Slug] | dict[Slug, Annotated[int, Field(ge=1, le=MOST_DOTS)]] = Field(min_length=1)


class _Record(_Part):
    """What of a record is counted; the rest is told and not looked at."""

    format: Annotated[str, Field(pattern=f"^{FORMAT}$")]
    method: Literal["approval", "single", "ranked", "score", "dots"]
    seats: Annotated[int, Field(ge=1)]
    quorum_percent: Annotated[int, Field(ge=0, le=100)]
    tie_seed: str
    topics: Annotated[list[_Topic], Field(min_length=1)]
    roll: _Roll
    listed: bool
    ballots: list[_Ballot] | None


def read_record(export: bytes) -> dict[str, Any]:
    """Read a public record. Raises RecordUnreadable for all that cannot be counted."""
    try:
        told: dict[str, Any] = json.loads(export)
        record = _Record.model_validate(told)
    except ValidationError as wrong:
        raise RecordUnreadable(place=_say_place(wrong.errors()[0]["loc"])) from None
    except (ValueError, RecursionError):
        raise RecordUnreadable(place="JSON") from None
    topics = [topic.slug for topic in record.topics]
    for number, ballot in enumerate(record.ballots or []):
        if not _fits(ballot.marks, topics, Method(record.method)):
            raise RecordUnreadable(place=_say_place(("ballots", number, "marks")))
    return told


def _say_place(parts: Sequence[str | int]) -> str:
    return ".".join(map(str, parts)) or "JSON"


def _fits(marks: list[str] | Mapping[str, int], topics: Sequence[str], method: Method) -> bool:
    has_numbers = method in (Method.SCORE, Method.DOTS)
    return isinstance(marks, dict) is has_numbers and set(marks) <= set(topics) and len(set(marks)) == len(marks)
