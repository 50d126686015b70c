"""`python -m demo.code`: the newsroom's second factor at this moment, by the demonstration's own clock."""

from datetime import UTC, datetime, timedelta

import pyotp

from demo.seed import TOTP_SECRET
from demo.settings import FOLDER


def current_code() -> str:
    """Return the six digits that the staff's telephones would show."""
    clock = FOLDER / "clock"
    offset = float(clock.read_text() or 0) if clock.exists() else 0.0
    return pyotp.TOTP(TOTP_SECRET).at(datetime.now(UTC) + timedelta(seconds=offset))


if __name__ == "__main__":
    print(current_code())
