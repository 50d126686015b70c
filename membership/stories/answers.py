"""What the public API answers about rounds and topics."""

from datetime import datetime

from pydantic import BaseModel, Field


class Candidate(BaseModel):
    topic: str = Field(description="The topic's name in its address.")
    title: str


class RoundTold(BaseModel):
    """What everybody may know of a round; how it stands is not among it."""

    round: str = Field(description="The round's name in its address.")
    title: str
    intro: str
    state: str
    is_open: bool
    method: str
    seats: int
    opened_at: datetime | None
    closes_at: datetime | None
    closed_at: datetime | None
    topics: list[Candidate]
    chosen: list[str] | None = Field(description="Once the result is published.")
    url: str


class RoundsTold(BaseModel):
    rounds: list[RoundTold]


class TopicTold(BaseModel):
    topic: str
    title: str
    why: str
    state: str
    supporters: int
    article_url: str | None
    url: str


class TopicsTold(BaseModel):
    topics: list[TopicTold]
