"""The articles, read once from their files: a head of `name: value` lines, an empty line, paragraphs.

A translation is named `<story>.<language>`.
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

FOLDER = Path(__file__).parent / "articles"


@dataclass(frozen=True)
class Article:
    """One article; members-only ones show their first two paragraphs to everybody."""

    slug: str
    title: str
    by: str
    section: str
    on: date
    summary: str
    language: str
    is_for_members: bool
    paragraphs: tuple[str, ...]

    @property
    def story(self) -> str:
        """Return what this article shares with its translations."""
        return self.slug.partition(".")[0]

    @property
    def opening(self) -> tuple[str, ...]:
        return self.paragraphs[:2]


def read_articles() -> dict[str, Article]:
    """Return all articles by their slug, the newest first."""
    articles = [_read(path) for path in FOLDER.glob("*.md")]
    return {article.slug: article for article in sorted(articles, key=lambda article: article.on, reverse=True)}


def _read(path: Path) -> Article:
    head, _, body = path.read_text(encoding="utf-8").partition("\n\n")
    said = dict(line.split(": ", 1) for line in head.splitlines())
    return Article(
        slug=path.stem,
        title=said["title"],
        by=said["by"],
        section=said["section"],
        on=date.fromisoformat(said["on"]),
        summary=said["summary"],
        language=said.get("language", "en"),
        is_for_members=said.get("members") == "yes",
        paragraphs=tuple(part.strip() for part in body.split("\n\n") if part.strip()),
    )
