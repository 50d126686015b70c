"""Pages of lists."""

from datetime import datetime
from typing import Any

PAGE = 100


def page(*expand: str, since: datetime | None = None, **filters: Any) -> Any:
    """Describe the first page of a list, newest first."""
    asked = {"limit": PAGE, **filters}
    if since is not None:
        asked["created"] = {"gte": int(since.timestamp())}
    if expand:
        asked["expand"] = [f"data.{path}" for path in expand]
    return asked
