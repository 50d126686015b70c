"""What is told after a vote, to whom, and how the newsroom kept its word."""

from membership.stories.service.reported import Story, compare_stay, count_promises, list_stories
from membership.stories.service.telling import tell_some

__all__ = ["Story", "compare_stay", "count_promises", "list_stories", "tell_some"]
