"""What Membership says of its votes, to everybody alike: fetched by our server, kept for a minute."""

import time
import urllib.request
from dataclasses import dataclass

KEPT_SECONDS = 60.0
PATIENCE = 2.0


@dataclass
class Copy:
    """A public answer of Membership; the latest one stands as long as there is no newer one."""

    url: str
    _answer: str = ""
    _asked_at: float = float("-inf")

    def read(self) -> str:
        """Return the answer, asking for it when it has grown old."""
        if time.monotonic() - self._asked_at >= KEPT_SECONDS:
            self._asked_at = time.monotonic()
            self._answer = self._fetch() or self._answer
        return self._answer

    def _fetch(self) -> str:
        try:
            with urllib.request.urlopen(self.url, timeout=PATIENCE) as answer:
                said: bytes = answer.read()
                return said.decode()
        except OSError:
            return ""
