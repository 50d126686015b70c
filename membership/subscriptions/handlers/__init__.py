"""Take committed wishes to the payment provider and keep its answers; nothing is open in between.

The same functions serve the reader who waits and the sweeper who comes after a crash: same key, same bytes.
"""

from membership.subscriptions.handlers.changes import (
    change,
    finish_change,
    go_on,
    keep_price,
    pause,
    preview,
    resume,
)
from membership.subscriptions.handlers.checkouts import close_checkout, open_checkout, thanks_url
from membership.subscriptions.handlers.standing import end_now, mark_versions, mirror, stop

__all__ = [
    "change",
    "close_checkout",
    "end_now",
    "finish_change",
    "go_on",
    "keep_price",
    "mark_versions",
    "mirror",
    "open_checkout",
    "pause",
    "preview",
    "resume",
    "stop",
    "thanks_url",
]
