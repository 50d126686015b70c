"""The open vote on the front page: a piece of a page from Membership, fetched by our server, kept for a minute."""

import time
import urllib.request
from dataclasses import dataclass

KEPT_SECONDS = 60.0
PATIENCE = 2.0


@dataclass
class Votes:
    """What Membership says of its votes; the latest answer stands as long as there is no newer one."""

    membership: str
    _piece: str = ""
    _asked_at: float = float("-inf")

    def read(self) -> str:
        """Return the piece, asking for it when it has grown old."""
        if time.monotonic() - self._asked_at >= KEPT_SECONDS:
            self._asked_at = time.monotonic()
            self._piece = self._fetch() or self._piece
        return self._piece

    def _fetch(self) -> str:
        try:
            with urllib.request.urlopen(f"{self.membership}/api/v1/embed/votes?lang=en", timeout=PATIENCE) as answer:
                piece: bytes = answer.read()
                return piece.decode()
        except OSError:
            return ""
