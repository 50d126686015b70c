"""What telling sites can do and answer: notice changes, compare, send, and keep where and with which secret."""

from membership.notifications.service.delivering import (
    SEND,
    Outcome,
    find_sendable,
    forget_old,
    list_notifications,
    put,
    record,
    send_again,
    send_once_more,
)
from membership.notifications.service.endpoints import (
    enable,
    find_endpoint,
    get_endpoint,
    remove_endpoint,
    rotate_secret,
    secrets_of,
    set_endpoint,
)
from membership.notifications.service.following import SWEEP, TELL, follow
from membership.notifications.service.telling import BATCH, find_due, look_again, tell_changes, tell_gone

__all__ = [
    "BATCH",
    "SEND",
    "SWEEP",
    "TELL",
    "Outcome",
    "enable",
    "find_due",
    "find_endpoint",
    "find_sendable",
    "follow",
    "forget_old",
    "get_endpoint",
    "list_notifications",
    "look_again",
    "put",
    "record",
    "remove_endpoint",
    "rotate_secret",
    "secrets_of",
    "send_again",
    "send_once_more",
    "set_endpoint",
    "tell_changes",
    "tell_gone",
]
