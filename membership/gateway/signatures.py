"""Signed messages: proven on their raw bytes, then believed for their id, type and object only.

The scheme: https://docs.stripe.com/webhooks#verify-manually
"""

import hmac
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from membership.gateway.errors import ForgedEvent
from membership.gateway.values import GatewayEvent

TOLERANCE = timedelta(minutes=5)
_LATEST = 253402300799  # the last second that a datetime can hold

Word = Annotated[str, Field(min_length=1, max_length=255, pattern=r"^[^\x00-\x1f]+$")]


class _Object(BaseModel):
    id: Word | None = None


class _Data(BaseModel):
    object: _Object


class _Envelope(BaseModel):
    model_config = ConfigDict(strict=True)

    id: Word
    object: Literal["event"]
    type: Word
    api_version: Word | None = None
    livemode: bool
    created: Annotated[int, Field(ge=0, le=_LATEST)]
    data: _Data


def sign(payload: bytes, secret: str, at: datetime) -> str:
    """Return the header that proves a payload."""
    moment = int(at.timestamp())
    return f"t={moment},v1={_mac(payload, secret, str(moment))}"


def read_signed(payload: bytes, header: str, secrets: Iterable[str], now: datetime) -> GatewayEvent:
    """Verify and read a message; anything wrong with it is ForgedEvent."""
    verify(payload, header, secrets, now)
    return read(payload)


def verify(payload: bytes, header: str, secrets: Iterable[str], now: datetime) -> None:
    """Raise ForgedEvent unless one of the secrets signed these very bytes within five minutes of now."""
    moment, given = _parts(header)
    if abs(int(moment) - now.timestamp()) > TOLERANCE.total_seconds():
        raise ForgedEvent
    expected = [_mac(payload, secret, moment) for secret in secrets if secret.strip()]
    if not any(hmac.compare_digest(mac, one) for mac in expected for one in given):
        raise ForgedEvent


def read(payload: bytes) -> GatewayEvent:
    """Read a message that is known to be real."""
    try:
        envelope = _Envelope.model_validate_json(payload)
        text = payload.decode()
    except (ValidationError, UnicodeDecodeError):
        raise ForgedEvent from None
    return GatewayEvent(
        id=envelope.id,
        type=envelope.type,
        api_version=envelope.api_version,
        livemode=envelope.livemode,
        object_id=envelope.data.object.id,
        created_at=datetime.fromtimestamp(envelope.created, UTC),
        payload=text,
    )


def _parts(header: str) -> tuple[str, list[str]]:
    pairs = [part.strip().partition("=") for part in header.split(",")]
    moments = [value for name, _, value in pairs if name == "t"]
    given = [value for name, _, value in pairs if name == "v1" and value.isascii()]
    # Two times mean two headers that a proxy has joined: nobody can say which of them counts.
    if len(moments) != 1 or not moments[0].isascii() or not moments[0].isdigit() or len(moments[0]) > 12:
        raise ForgedEvent
    return moments[0], given


def _mac(payload: bytes, secret: str, moment: str) -> str:
    return hmac.new(secret.encode(), moment.encode() + b"." + payload, sha256).hexdigest()
