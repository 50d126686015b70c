"""What can be done with two accounts of one person."""

from membership.merging.service.uniting import Merged, MergeWish, merge

__all__ = ["MergeWish", "Merged", "merge"]
