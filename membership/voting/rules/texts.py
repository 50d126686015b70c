"""What the newsroom writes: short names, titles, addresses of articles."""

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from membership.voting.errors import ArticleUnreadable, SlugUnreadable, TitleMissing

LONGEST_URL = 2000

_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def is_slug(slug: str) -> bool:
    """Whether a slug fits an address."""
    return len(slug) <= 80 and _SLUG.fullmatch(slug) is not None


def check_slug(slug: str) -> None:
    """Raise SlugUnreadable unless the slug fits an address."""
    if not is_slug(slug):
        raise SlugUnreadable


def check_title(title: Mapping[str, str]) -> None:
    """Raise TitleMissing unless there is a title to fall back on."""
    if not title.get("en", "").strip():
        raise TitleMissing


def check_article(url: str) -> str:
    """Return the address of an article, or raise ArticleUnreadable."""
    try:
        parts = urlsplit(url)
    except ValueError:
        raise ArticleUnreadable from None
    if parts.scheme not in {"http", "https"} or not parts.hostname or not url.isprintable() or " " in url:
        raise ArticleUnreadable
    if parts.username or len(url) > LONGEST_URL:
        raise ArticleUnreadable
    return url
