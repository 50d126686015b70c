"""Letters in words: from kind and values to subject, text and HTML, in the recipient's language."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from membership import i18n
from membership.config import Settings
from membership.mail import links
from membership.money import Money
from membership.web import say_money

TEMPLATES = Path(__file__).parents[2] / "templates"


@dataclass(frozen=True, slots=True)
class Words:
    """What a letter says, and where letters of its kind can be stopped."""

    subject: str
    text: str
    html: str
    stop_url: str = ""


def compose(kind: str, locale: str, values: Mapping[str, Any], settings: Settings) -> Words:
    """Say a letter of this kind; `values` as they were written down."""
    known = {name: _alive(name, value, settings) for name, value in values.items()} | _surroundings(settings)
    if "token" in values:
        known["url"] = f"{_base(settings)}/sign-in/{values['token']}"
    with i18n.speaking(locale, settings.publication_timezone):
        first, _, rest = _environment().get_template(f"mail/{kind}.txt").render(known).partition("\n")
        subject, text = " ".join(first.removeprefix("Subject:").split()), _tidied(rest)
        paragraphs = [paragraph.split("\n") for paragraph in text.strip().split("\n\n")]
        page = _environment().get_template("mail/layout.html")
        html = page.render(locale=i18n.current_locale(), subject=subject, paragraphs=paragraphs)
    return Words(subject, text, html, known.get("stop_url", ""))


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.install_gettext_callables(i18n.gettext, i18n.choose_plural, newstyle=True)  # type: ignore[attr-defined]
    environment.filters |= {"money": say_money, "day": i18n.format_day, "moment": i18n.format_moment}
    environment.filters |= {"said": i18n.said, "last_day": i18n.format_last_day}
    return environment


def _surroundings(settings: Settings) -> dict[str, str]:
    base = _base(settings)
    return {
        "publication": settings.publication_name,
        "publication_url": settings.publication_url,
        "support_email": settings.support_email,
        "account_url": f"{base}/account",
        "support_url": f"{base}/",
        "vote_url": f"{base}/vote",
        "staff_url": f"{base}/staff",
    }


def _alive(name: str, value: Any, settings: Settings) -> Any:
    if name.endswith(("_at", "_until")):
        return datetime.fromisoformat(value)
    if isinstance(value, Mapping) and value.keys() == {"minor", "currency"}:
        return Money(value["minor"], value["currency"])
    if name.endswith("_link"):
        return _base(settings) + links.path_of(value, settings.secret_key.get_secret_value())
    if name.endswith("url") and str(value).startswith("/"):
        return _base(settings) + value
    return value


def _base(settings: Settings) -> str:
    return settings.public_url.rstrip("/")


def _tidied(text: str) -> str:
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"
