"""What access can do and answer."""

from membership.access.service.decisions import Member, decide_for, flags_of, list_members

__all__ = ["Member", "decide_for", "flags_of", "list_members"]
