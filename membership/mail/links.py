"""Links in letters that need no sign-in: a number of ours and a seal, so that nobody can write one herself."""

import hmac
import re
from collections.abc import Iterable
from hashlib import sha256

_KEPT = re.compile(r"/letter/[0-9]+-[0-9a-f]+")


def path_of(number: int, secret: str) -> str:
    """Return the path of a link."""
    return f"/letter/{number}-{_seal(number, secret)}"


def number_of(token: str, secrets: Iterable[str]) -> int | None:
    """Return the number behind a token, if one of the secrets sealed it."""
    number, _, seal = token.partition("-")
    if not (number.isascii() and number.isdigit() and len(number) < 18 and seal.isascii()):
        return None
    is_ours = [hmac.compare_digest(seal, _seal(int(number), secret)) for secret in secrets]
    return int(number) if any(is_ours) else None


def without_links(text: str) -> str:
    """Return a letter as it is kept: whoever reads it later must not be able to use its links."""
    return _KEPT.sub("/letter/…", text)


def _seal(number: int, secret: str) -> str:
    return hmac.new(secret.encode(), f"letter:{number}".encode(), sha256).hexdigest()[:40]
