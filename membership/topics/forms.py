"""What members fill in about topics."""

from collections.abc import Mapping

from membership.topics.rules import Suggestion, read_links

LONGEST_FIELD = 4000


def read_suggestion(fields: Mapping[str, str], locale: str) -> Suggestion:
    """Read a suggestion; raises LinkUnreadable, and its own check says the rest."""
    return Suggestion(read_title(fields), _text(fields, "why"), read_links(_text(fields, "links")), locale)


def read_title(fields: Mapping[str, str]) -> str:
    """Read a title, in one line and without what cannot be printed."""
    text = "".join(sign if sign.isprintable() else " " for sign in _text(fields, "title"))
    return " ".join(text.split())


def is_from_a_robot(fields: Mapping[str, str]) -> bool:
    """Whether the field that no person sees was filled in."""
    return bool(fields.get("website"))


def _text(fields: Mapping[str, str], name: str) -> str:
    return fields.get(name, "").strip()[:LONGEST_FIELD]
