"""The sandbox's clock: real time plus an offset that only grows, shared with others through a file."""

import os
import time
from pathlib import Path

ROUNDING = 0.001


class Clock:
    """Tells the sandbox's time in whole seconds since the epoch."""

    def __init__(self, file: Path | None = None, offset: float = 0.0) -> None:
        self.file = file
        words = file.read_text().strip() if file and file.exists() else ""
        self.offset = float(words) if words else offset
        self._tell()

    def now(self) -> int:
        """Return the present second."""
        return int(time.time() + self.offset)

    def move_to(self, moment: int) -> None:
        """Go forward to a moment and tell the file; a moment that has passed changes nothing."""
        offset = moment - time.time() + ROUNDING
        if offset > self.offset + ROUNDING:
            self.offset = offset
            self._tell()

    def _tell(self) -> None:
        if self.file is None:
            return
        draft = self.file.with_name(f"{self.file.name}.new")
        draft.write_text(f"{self.offset:.3f}")
        os.replace(draft, self.file)
