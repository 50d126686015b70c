"""What topics say: titles, reasons, links, short names, comments."""

import re
import secrets
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from membership.topics.errors import (
    ArticleElsewhere,
    ArticleUnreadable,
    CommentHasLink,
    CommentMissing,
    CommentTooLong,
    LinkUnreadable,
    NotTheHouse,
    SlugReserved,
    SlugUnreadable,
    TitleHasLink,
    TitleMissing,
    TitleTooLong,
    TitleTooShort,
    TooManyLinks,
    WhyMissing,
    WhyTooLong,
)
from membership.words import clean_text

LONGEST_URL = 2000
LONGEST_TITLE, SHORTEST_TITLE = 120, 8
LONGEST_WHY, LONGEST_COMMENT = 1000, 500
MOST_LINKS = 3
LONGEST_SLUG, LONGEST_READABLE = 80, 48
# What stands beside `<slug>` in addresses of ours.
RESERVED = frozenset({"comments", "kept", "new", "rules", "similar", "suggest"})
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_ADDRESS = re.compile(r"https?:|www\.|\b[\w-]+\.(?:com|net|org|ru|info|biz|io|co|ua)\b", re.IGNORECASE)
# The official Latin spelling of Ukrainian: resolution 55 of the Cabinet of Ministers, 27 January 2010.
_LATIN = str.maketrans(
    dict(zip("абвгґдезиіїйклмнопрстуфь", [*"abvhgdezyi", "i", "i", *"klmnoprstuf", ""], strict=True))
    | {"є": "ie", "ж": "zh", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ю": "iu", "я": "ia"}
)
_UNAMBIGUOUS = "abcdefghjkmnpqrstvwxyz23456789"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What a member suggests, in her own language."""

    title: str
    why: str
    links: Sequence[str]
    locale: str

    def check(self) -> None:
        """Raise the first reason why this cannot become a topic."""
        _check_words(self.title)
        if len(self.why.split()) < 2:
            raise WhyMissing
        if len(self.why) > LONGEST_WHY:
            raise WhyTooLong
        if len(self.links) > MOST_LINKS:
            raise TooManyLinks


@dataclass(frozen=True, slots=True)
class Wording:
    """How a topic is worded, texts per language."""

    title: Mapping[str, str]
    why: Mapping[str, str]
    links: Sequence[str]


def _check_words(title: str) -> None:
    if len(title) < SHORTEST_TITLE:
        raise TitleTooShort
    if len(title) > LONGEST_TITLE:
        raise TitleTooLong
    if _ADDRESS.search(title):
        raise TitleHasLink


def is_slug(slug: str) -> bool:
    """Whether a slug fits an address."""
    return len(slug) <= LONGEST_SLUG and _SLUG.fullmatch(slug) is not None


def check_slug(slug: str) -> None:
    """Raise SlugUnreadable unless the slug fits an address, or SlugReserved if a page of ours has it."""
    if not is_slug(slug):
        raise SlugUnreadable
    if slug in RESERVED:
        raise SlugReserved


def word_title(title: Mapping[str, str]) -> dict[str, str]:
    """Return a title per language as it is kept. Raises TitleMissing without one to fall back on, or TitleTooLong."""
    worded = {locale: clean_line(text) for locale, text in title.items()}
    if not worded.get("en"):
        raise TitleMissing
    for locale, text in worded.items():
        if len(text) > LONGEST_TITLE:
            raise TitleTooLong(field=_field("title", locale))
    return worded


def word_why(why: Mapping[str, str], field: str = "why") -> dict[str, str]:
    """Return some sentences per language as they are kept. Raises WhyTooLong at this field."""
    worded = {locale: clean_text(text) for locale, text in why.items()}
    for locale, text in worded.items():
        if len(text) > LONGEST_WHY:
            raise WhyTooLong(field=_field(field, locale))
    return worded


def _field(name: str, locale: str) -> str:
    return name if locale == "en" else f"{name}_{locale}"


def clean_line(text: str) -> str:
    """Return a text in one line, without signs that nobody sees, or that turn the direction of what follows."""
    return " ".join(clean_text(text).split())


def new_slug(title: str) -> str:
    """Make a short name that reads like its title, with an end that nobody has by chance."""
    plain = unicodedata.normalize("NFKC", title).lower().translate(_LATIN)
    letters = unicodedata.normalize("NFKD", plain).encode("ascii", "ignore").decode()
    words = "-".join(re.findall(r"[a-z0-9]+", letters))[:LONGEST_READABLE].strip("-")
    end = "".join(secrets.choice(_UNAMBIGUOUS) for _ in range(6))
    return f"{words}-{end}" if words else f"topic-{end}"


def read_links(text: str) -> list[str]:
    """Read addresses, one a line. Raises LinkUnreadable."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not all(_split(line) for line in lines):
        raise LinkUnreadable
    return lines


def check_article(url: str, home: str = "", *, elsewhere: bool = False) -> str:
    """Return the address of an article at home, or of one that is knowingly `elsewhere`; only its form is looked at.

    Raises ArticleUnreadable, or ArticleElsewhere for an address on another host than that of `home`.
    """
    parts = _split(url)
    if parts is None or (home.startswith("https://") and parts.scheme != "https"):
        raise ArticleUnreadable
    host = (urlsplit(home).hostname or "").removeprefix("www.")
    if host and not elsewhere and not f".{parts.hostname}".endswith(f".{host}"):
        raise ArticleElsewhere
    return url


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    is_plain = url.isprintable() and not set(url) & set(' "<>\\^`{|}') and len(url) <= LONGEST_URL
    is_web = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.username is None
    return parts if is_plain and is_web else None


def check_comment(text: str) -> str:
    """Return a comment without what cannot be seen. Raises CommentMissing, CommentTooLong or CommentHasLink."""
    kept = clean_text(text)
    if not kept:
        raise CommentMissing
    if len(kept) > LONGEST_COMMENT:
        raise CommentTooLong
    if _ADDRESS.search(kept):
        raise CommentHasLink
    return kept


def check_signature(name: str, house: str) -> None:
    """Raise NotTheHouse for a name that has the publication's in it, however it is written."""
    if (ours := _letters(house)) and ours in _letters(name):
        raise NotTheHouse


def _letters(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).casefold()
    return "".join(sign for sign in plain if sign.isalnum())
