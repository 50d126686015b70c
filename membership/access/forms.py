"""What sites send, read into values."""

import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import SplitResult, urlsplit

from pydantic import BaseModel, ConfigDict, EmailStr, Field, model_validator

from membership.access.errors import (
    CodeRefused,
    ExternalIdUnreadable,
    HandoverUnreadable,
    SiteUnreadable,
    SubjectMissing,
)
from membership.access.models import Scope
from membership.access.service import SiteDraft

_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
# As the API's description gives them.
VERIFIER, TOKEN, NUMBER = r"^[A-Za-z0-9._~-]{43,128}$", r"^[A-Za-z0-9_-]{1,64}$", r"^[!-~]{1,128}$"
_UNSAID = defaultdict(lambda: ":", https=":443", http=":80")
_LOCAL = {"localhost", "127.0.0.1"}
MOST_NAMES = 100
LONGEST_STATE = 512
LONGEST_NAME = 80
LONGEST_ADDRESS = 500


@dataclass(frozen=True, slots=True)
class HandoverForm:
    """A site's wish to know who is reading; `state` comes back as it was sent."""

    site: str
    return_url: str
    challenge: str
    state: str
    is_silent: bool

    @classmethod
    def parse(cls, fields: Mapping[str, str]) -> "HandoverForm":
        """Read the query of a hand-over, or raise HandoverUnreadable."""
        site, challenge, state = (fields.get(name, "") for name in ("site", "challenge", "state"))
        is_sound = _SLUG.fullmatch(site) and _CHALLENGE.fullmatch(challenge)
        if not is_sound or len(state) > LONGEST_STATE or not state.isprintable():
            raise HandoverUnreadable
        return cls(site, fields.get("return", ""), challenge, state, fields.get("prompt") == "none")


@dataclass(frozen=True, slots=True)
class CodeForm:
    """A code, and the proof that whoever shows it asked for it."""

    code: str
    verifier: str

    @classmethod
    def parse(cls, fields: Mapping[str, object]) -> "CodeForm":
        """Read what a site's server collects a pass with, or raise CodeRefused."""
        code, verifier = fields.get("code"), fields.get("verifier")
        if not isinstance(code, str) or not isinstance(verifier, str):
            raise CodeRefused
        if not re.fullmatch(TOKEN, code) or not re.fullmatch(VERIFIER, verifier):
            raise CodeRefused
        return cls(code, verifier)


def parse_subject(fields: Mapping[str, object]) -> str:
    """Read the name by which a site knows a reader, or raise SubjectMissing."""
    subject = fields.get("subject")
    if not isinstance(subject, str) or not re.fullmatch(TOKEN, subject):
        raise SubjectMissing
    return subject


def parse_external_id(fields: Mapping[str, object], *, is_needed: bool = False) -> str:
    """Read what a site calls a reader, nothing when it need not say; raises ExternalIdUnreadable."""
    found = fields.get("external_id")
    if found is None and not is_needed:
        return ""
    if not isinstance(found, str) or not re.fullmatch(NUMBER, found):
        raise ExternalIdUnreadable
    return found


class _Sent(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class EmailSent(_Sent):
    """A reader's e-mail, in the body so that it stands in no log."""

    email: EmailStr = Field(max_length=254)


class NamesSent(_Sent):
    """Readers to ask about: the site's random names for them, its own numbers, or some of each."""

    subjects: list[Annotated[str, Field(pattern=TOKEN)]] = Field(default=[], max_length=MOST_NAMES)
    external_ids: list[str] = Field(default=[], max_length=MOST_NAMES)

    @model_validator(mode="after")
    def _few(self) -> "NamesSent":
        if len(self.subjects) + len(self.external_ids) > MOST_NAMES:
            raise ValueError(f"at most {MOST_NAMES} names")
        return self


class LinkSent(_Sent):
    """A reader whom the site knows, and what it calls her itself."""

    subject: str = Field(pattern=TOKEN)
    external_id: str = Field(pattern=NUMBER)


class CodeSent(BaseModel):
    """What a hand-over brought, and the proof that this site asked for it."""

    model_config = ConfigDict(extra="allow")

    code: str = Field(pattern=TOKEN)
    verifier: str = Field(pattern=VERIFIER)
    external_id: str | None = Field(default=None, pattern=NUMBER)


class SubjectSent(BaseModel):
    model_config = ConfigDict(extra="allow")

    subject: str = Field(pattern=TOKEN)


def parse_site(fields: Mapping[str, str], lists: Mapping[str, Sequence[str]]) -> SiteDraft:
    """Read a site from `slug`, `name`, `audience` and lists of `origins`, `return_urls`, `scopes`.

    Raises SiteUnreadable naming the field.
    """
    slug, name = fields["slug"].strip(), fields["name"].strip()
    audience = fields["audience"].strip() or slug
    written = {"slug": [slug], "name": [name], "audience": [audience], **lists}
    for field, fits in _FITS.items():
        for text in written[field]:
            if not fits(text):
                raise SiteUnreadable(field=field, text=text)
    origins, return_urls, scopes = (tuple(dict.fromkeys(lists[name])) for name in ("origins", "return_urls", "scopes"))
    return SiteDraft(slug, name, audience, origins, return_urls, scopes)


def _is_origin(text: str) -> bool:
    parts = _split(text)
    # As browsers send it: small letters, no wildcard, no port that goes without saying.
    is_plain = re.fullmatch(r"[a-z0-9.-]+(:\d{1,5})?", parts.netloc) and not parts.netloc.endswith(
        _UNSAID[parts.scheme]
    )
    return bool(is_plain) and _is_safe(parts) and text == f"{parts.scheme}://{parts.netloc}"


def _is_return_url(text: str) -> bool:
    parts = _split(text)
    return _is_safe(parts) and not parts.query and not parts.fragment


# How each field of a site has to be, in the order of the form.
_FITS: dict[str, Callable[[str], bool]] = {
    "slug": lambda slug: bool(_SLUG.fullmatch(slug)),
    "name": lambda name: 0 < len(name) <= LONGEST_NAME,
    "audience": lambda audience: len(audience) <= LONGEST_ADDRESS and audience.isprintable(),
    "origins": _is_origin,
    "return_urls": _is_return_url,
    "scopes": lambda scope: scope in list(Scope),
}


def _split(text: str) -> SplitResult:
    try:
        return urlsplit(text if len(text) <= LONGEST_ADDRESS and text.isprintable() else "")
    except ValueError:  # such as a bracket that opens no IPv6 address
        return urlsplit("")


def _is_safe(parts: SplitResult) -> bool:
    is_secret = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOCAL)
    return is_secret and bool(parts.netloc) and "@" not in parts.netloc
