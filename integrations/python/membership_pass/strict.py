"""Reading what strangers send: base64url and JSON without their usual leniency."""

import binascii
import json
from typing import Any

# What stands in the other alphabet, and padding, becomes what stands in none.
_TO_STANDARD = bytes.maketrans(b"-_+/=", b"+/***")

_PADDING = (b"", b"===", b"==", b"=")
_LAST = (b"", b"", b"AQgw", b"AEIMQUYcgkosw048")


def decode(text: str) -> bytes:
    """Decode base64url without padding; ValueError for anything else."""
    return decode_bytes(text.encode("ascii"))


def decode_bytes(text: bytes) -> bytes:
    """Decode the same, as it came over the wire."""
    standard = text.translate(_TO_STANDARD)
    rest = len(standard) % 4
    # One spelling for each pass: the bits that a last letter does not need are none.
    if rest and standard[-1:] not in _LAST[rest]:
        raise ValueError("not base64url")
    return binascii.a2b_base64(standard + _PADDING[rest], strict_mode=True)


def parse_object(data: bytes) -> dict[str, Any]:
    """Parse a JSON object in which no name stands twice; ValueError for anything else."""
    try:
        text = data.decode()
        found, end = _DECODER.raw_decode(text)
        if end != len(text):
            raise ValueError("more than an object")
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    if not isinstance(found, dict):
        raise ValueError("not an object")
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice")
    return found


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


_DECODER = json.JSONDecoder(object_pairs_hook=_once, parse_constant=_refuse)
