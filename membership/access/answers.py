"""What the access API answers, as it goes over the wire."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from membership.access.rules import Ask, Decision, State
from membership.access.service import PASS_LIFE, Answer, KnownReader, Pass


class DecisionTold(BaseModel):
    """What a reader may have."""

    subject: str = Field(description="The site's own random name for her; no other site has it.")
    state: State
    sources: list[str] = Field(description="What gives her access: subscription, comp, gift, offline, donation, group.")
    tier: str | None
    flags: list[str] = Field(description="What she may, such as paywall_free, no_ads, no_appeals, vote.")
    ask: Ask = Field(description="How the site may appeal to her.")
    valid_until: datetime | None = Field(description="None when she has nothing, or no end is set.")
    fresh_until: datetime = Field(description="Until then nothing changes that is known now; keep the answer.")


class ReaderTold(DecisionTold):
    external_id: str | None = Field(description="What she is called in the site's database, if it told us.")


class NamesUnknown(BaseModel):
    """Names that are nobody's, or another site's."""

    subjects: list[str]
    external_ids: list[str]


class ReadersTold(BaseModel):
    readers: list[ReaderTold]
    unknown: NamesUnknown


class PassTold(BaseModel):
    pass_: str = Field(alias="pass", description="The signed pass, a JWT.")
    expires_in: int = Field(description="Seconds.")
    subject: str


class LinkTold(BaseModel):
    subject: str
    external_id: str


class Jwks(BaseModel):
    keys: list[dict[str, str]]


def describe(subject: str, decision: Decision) -> Answer:
    """Write a decision about the reader whom the site knows by this name."""
    told = json.dumps(_tell(subject, decision))
    # Not over `fresh_until`, which moves on while nothing else changes.
    etag = hashlib.sha256(told.encode()).hexdigest()[:32]
    body = f'{told[:-1]}, "fresh_until": "{decision.fresh_until.isoformat()}"}}'
    return Answer(body.encode(), f'W/"{etag}"', decision.fresh_until)


def write_pass(signed: Pass) -> bytes:
    """Write a pass, for how many seconds it is good, and the site's name for its reader."""
    told = {"expires_in": int(PASS_LIFE.total_seconds()), "pass": signed.token, "subject": signed.subject}
    return json.dumps(told).encode()


def describe_many(readers: Iterable[KnownReader], decisions: Mapping[int, Decision]) -> list[dict[str, Any]]:
    """Write decisions about readers, each with both of her names."""
    return [
        _tell(reader.subject, decisions[reader.patron_id])
        | {"fresh_until": decisions[reader.patron_id].fresh_until.isoformat(), "external_id": reader.external_id}
        for reader in readers
    ]


def _tell(subject: str, decision: Decision) -> dict[str, Any]:
    return {
        "subject": subject,
        "state": decision.state,
        "sources": decision.sources,
        "tier": decision.tier,
        "flags": sorted(decision.flags),
        "ask": decision.ask,
        "valid_until": decision.valid_until and decision.valid_until.isoformat(),
    }
