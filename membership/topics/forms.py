"""What members fill in about topics."""

from collections.abc import Mapping

from membership.topics.rules import Suggestion, clean_line, read_links
from membership.words import clean_text

LONGEST_FIELD = 8000


def read_suggestion(fields: Mapping[str, str], locale: str) -> Suggestion:
    """Read a suggestion; raises LinkUnreadable, and its own check says the rest."""
    why, links = clean_text(_text(fields, "why")), read_links(_text(fields, "links"))
    return Suggestion(read_title(fields), why, links, locale)


def read_title(fields: Mapping[str, str]) -> str:
    """Read a title, in one line and without what cannot be seen."""
    return clean_line(_text(fields, "title"))


def is_from_a_robot(fields: Mapping[str, str]) -> bool:
    """Whether the field that no person sees was filled in."""
    return bool(fields.get("website"))


def _text(fields: Mapping[str, str], name: str) -> str:
    return fields.get(name, "").strip()[:LONGEST_FIELD]
