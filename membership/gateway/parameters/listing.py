"""Pages of lists."""

from datetime import datetime
from typing import Any

PAGE = 100


def page(*expand: str, since: datetime | None = None, after: str | None = None, **filters: Any) -> Any:
    """Describe a page of a list, newest first: the first one, or the one after an object."""
    asked = {"limit": PAGE, **filters}
    if since is not None:
        asked["created"] = {"gte": int(since.timestamp())}
    if after is not None:
        asked["starting_after"] = after
    if expand:
        asked["expand"] = [f"data.{path}" for path in expand]
    return asked
