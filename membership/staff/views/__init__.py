"""The newsroom's pages; each begins by asking for a role."""

from membership.staff.views import (
    bans,
    drafts,
    flags,
    groups,
    hooks,
    letters,
    moderation,
    money,
    offline,
    outcomes,
    overview,
    patrons,
    payments,
    signals,
    sites,
    topics,
    votes,
)
from membership.staff.views.desk import bp

__all__ = [
    "bans",
    "bp",
    "drafts",
    "flags",
    "groups",
    "hooks",
    "letters",
    "moderation",
    "money",
    "offline",
    "outcomes",
    "overview",
    "patrons",
    "payments",
    "signals",
    "sites",
    "topics",
    "votes",
]
