"""Write letters down in the transaction that causes them; a job sends them after it."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from membership.clock import utc_now
from membership.inserts import insert_all_unless_known
from membership.jobs.service import Task, enqueue_all
from membership.mail.kinds import KINDS, SECRET
from membership.mail.links import without_links
from membership.mail.models import Letter
from membership.mail.rendering import Words


@dataclass(frozen=True, slots=True)
class Draft:
    """A letter to be written; what its values are stands at `write`."""

    kind: str
    to: str
    locale: str
    about: str
    values: Mapping[str, Any]
    queued_at: datetime | None = None

    def __post_init__(self) -> None:
        if missing := KINDS[self.kind] - self.values.keys():
            raise ValueError(f"a letter of the kind {self.kind} needs {sorted(missing)}")

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.about}:{self.to}"


def write(
    session: Session,
    kind: str,
    *,
    to: str,
    locale: str,
    about: str,
    queued_at: datetime | None = None,
    **values: Any,
) -> None:
    """Write a letter unless this recipient has this kind of letter about this already.

    `values` are plain JSON: amounts as {"minor", "currency"}, times as ISO text under names ending in `_at` or
    `_until`, texts that are kept in several languages as {"en", "uk"}, our own addresses as paths under names ending
    in `url`, links that need no sign-in as their numbers under names ending in `_link`. Which ones a kind needs stands
    in `kinds.py`; `account_url`, `vote_url` and `support_url` are added when it is sent. A secret letter
    forgets its values then. `queued_at` puts it among what has waited since then.
    """
    write_all(session, [Draft(kind, to, locale, about, values, queued_at)])


def write_all(session: Session, drafts: Sequence[Draft]) -> None:
    """Write letters like write, each unless it was written already."""
    now = utc_now()
    rows = [
        {
            "key": one.key,
            "kind": one.kind,
            "recipient": one.to,
            "locale": one.locale,
            "values": one.values,
            "is_secret": one.kind in SECRET,
            "message_id": secrets.token_hex(16),
            "created_at": now,
        }
        for one in drafts
    ]
    new = insert_all_unless_known(session, Letter, rows, Letter.key)
    queued = {one.key: one.queued_at or now for one in drafts}
    enqueue_all(session, [_task(letter_id, queued[key]) for key, letter_id in new.items()])


def _task(letter_id: int, queued_at: datetime) -> Task:
    return Task("mail.send", f"mail.send:{letter_id}", {"letter_id": letter_id}, queued_at)


def forget(session: Session, kind: str, *, to: str, about: str) -> None:
    """Delete a letter, sent or not, as if it had never been written; the same may be written again."""
    session.execute(delete(Letter).filter_by(key=f"{kind}:{about}:{to}"))


def record_sent(session: Session, letter_id: int, words: Words) -> None:
    """Keep what a letter said, unless it is secret, and that it is on its way."""
    letter = session.get(Letter, letter_id)
    if letter is None:  # forgotten on its way
        return
    letter.sent_at, letter.subject = utc_now(), words.subject
    if letter.is_secret:
        letter.values = {}
    else:
        letter.text, letter.html = without_links(words.text), without_links(words.html)


def record_refused(session: Session, letter_id: int) -> None:
    """Keep that a letter's address takes no mail; staff see it."""
    letter = session.get(Letter, letter_id)
    if letter is None:
        return
    letter.refused_at = utc_now()
    if letter.is_secret:
        letter.values = {}
