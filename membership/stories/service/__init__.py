"""What is told after a vote, and to whom."""

from membership.stories.service.telling import tell_some

__all__ = ["tell_some"]
