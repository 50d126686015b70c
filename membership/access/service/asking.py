"""Which keys asked lately, so that asking again costs no query."""

import hashlib
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from membership.access.service.site_keys import USE_NOTED_EVERY, AskingSite, find_asking_site, note_use

REMEMBERED_FOR = timedelta(seconds=1)
MOST_REMEMBERED = 1000


class KnownKeys:
    """Remembers the sites behind keys for a second, which is how long a revoked key may go on in this process."""

    def __init__(self) -> None:
        self._known: dict[bytes, tuple[AskingSite, datetime]] = {}

    def recall(self, key: str, now: datetime) -> AskingSite | None:
        """Return the site that asked with this key within the last second."""
        site, until = self._known.get(_name(key), (None, now))
        return site if now < until <= now + REMEMBERED_FOR else None

    def find(self, session: Session, key: str, now: datetime) -> AskingSite | None:
        """Return the site that holds a key, and remember it."""
        site = find_asking_site(session, key, now)
        if site is not None:
            self._remember(key, site, now)
        return site

    def note(self, session: Session, key: str, site: AskingSite, now: datetime) -> None:
        """Note in the database that a key is in use."""
        note_use(session, site.key_id, now)
        self._remember(key, replace(site, noted_at=now), now)

    def _remember(self, key: str, site: AskingSite, now: datetime) -> None:
        if len(self._known) >= MOST_REMEMBERED:
            self._known.clear()
        self._known[_name(key)] = (site, now + REMEMBERED_FOR)


def _name(key: str) -> bytes:
    # The keys themselves are not kept in memory longer than a request needs them.
    return hashlib.sha256(key.encode()).digest()


def needs_note(site: AskingSite, now: datetime) -> bool:
    """Whether the last noted use of a key is too long ago."""
    return site.noted_at is None or now - site.noted_at >= USE_NOTED_EVERY
