"""What sites send, read into values."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from membership.access.errors import CodeRefused, HandoverUnreadable, SiteUnreadable, SubjectMissing
from membership.access.models import Scope
from membership.access.service import SiteDraft

_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")
_TOKEN = re.compile(r"[A-Za-z0-9_-]{1,64}")
_LOCAL = {"localhost", "127.0.0.1"}
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
        if not _TOKEN.fullmatch(code) or not _VERIFIER.fullmatch(verifier):
            raise CodeRefused
        return cls(code, verifier)


def parse_subject(fields: Mapping[str, object]) -> str:
    """Read the name by which a site knows a reader, or raise SubjectMissing."""
    subject = fields.get("subject")
    if not isinstance(subject, str) or not _TOKEN.fullmatch(subject):
        raise SubjectMissing
    return subject


def parse_site(fields: Mapping[str, str], lists: Mapping[str, Sequence[str]]) -> SiteDraft:
    """Read a site from `slug`, `name`, `audience` and lists of `origins`, `return_urls`, `scopes`.

    Raises SiteUnreadable naming the field.
    """
    slug, name = fields["slug"].strip(), fields["name"].strip()
    audience = fields["audience"].strip() or slug
    fits = {
        "slug": bool(_SLUG.fullmatch(slug)),
        "name": bool(name) and len(name) <= LONGEST_NAME,
        "audience": len(audience) <= LONGEST_ADDRESS and audience.isprintable(),
        "origins": all(map(_is_origin, lists["origins"])),
        "return_urls": all(map(_is_return_url, lists["return_urls"])),
        "scopes": all(scope in list(Scope) for scope in lists["scopes"]),
    }
    if wrong := [field for field, fit in fits.items() if not fit]:
        raise SiteUnreadable(field=wrong[0])
    origins, return_urls, scopes = (tuple(dict.fromkeys(lists[name])) for name in ("origins", "return_urls", "scopes"))
    return SiteDraft(slug, name, audience, origins, return_urls, scopes)


def _is_origin(text: str) -> bool:
    parts = _split(text)
    return _is_safe(parts) and text == f"{parts.scheme}://{parts.netloc}"


def _is_return_url(text: str) -> bool:
    parts = _split(text)
    return _is_safe(parts) and not parts.query and not parts.fragment


def _split(text: str) -> SplitResult:
    try:
        return urlsplit(text if len(text) <= LONGEST_ADDRESS and text.isprintable() else "")
    except ValueError:  # such as a bracket that opens no IPv6 address
        return urlsplit("")


def _is_safe(parts: SplitResult) -> bool:
    is_secret = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOCAL)
    return is_secret and bool(parts.netloc) and "@" not in parts.netloc
