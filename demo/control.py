"""The sandbox's own levers: its clock and its cards."""

import json
import urllib.request
from typing import Any


class Sandbox:
    """One running sandbox."""

    def __init__(self, url: str) -> None:
        self.url = url

    def advance(self, **by: int) -> None:
        """Move its clock by seconds, days or months, and let all happen that falls due."""
        self._post("/_sandbox/advance", by)

    def pay(self, session_id: str, card: str) -> None:
        """Pay a checkout as its page would."""
        self._post(f"/_sandbox/checkout/{session_id}/pay", {"card": card})

    def deliver(self, mode: str) -> None:
        """Deliver webhooks, hold them, or drop them."""
        self._post("/_sandbox/webhooks", {"mode": mode})

    def _post(self, path: str, body: dict[str, Any]) -> Any:
        request = urllib.request.Request(
            self.url + path, json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=120) as answer:
            return json.load(answer)
