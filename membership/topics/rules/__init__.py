"""How topics live, how they are worded and told apart: pure functions over values."""

from membership.topics.rules.life import LAST, NEEDS_REASON, NEXT, admits, is_public, is_worded_freely
from membership.topics.rules.likeness import Known, Likeness, alike
from membership.topics.rules.texts import (
    RESERVED,
    Suggestion,
    Wording,
    check_article,
    check_comment,
    check_signature,
    check_slug,
    clean_line,
    is_slug,
    new_slug,
    read_links,
    word_title,
    word_why,
)

__all__ = [
    "LAST",
    "NEEDS_REASON",
    "NEXT",
    "RESERVED",
    "Known",
    "Likeness",
    "Suggestion",
    "Wording",
    "admits",
    "alike",
    "check_article",
    "check_comment",
    "check_signature",
    "check_slug",
    "clean_line",
    "is_public",
    "is_slug",
    "is_worded_freely",
    "new_slug",
    "read_links",
    "word_title",
    "word_why",
]
