"""A site and its server, a signed-in reader, and a count of the queries that an answer cost."""

import base64
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

from sqlalchemy import event

from membership.access import service
from membership.access.service import SiteDraft
from membership.access.service.prepared import Idle
from membership.clock import utc_now
from membership.patrons.login import KEPT_AS
from membership.patrons.service import sign_ins

RETURN_URL = "http://publication.test/membership/return"
ORIGIN = "http://publication.test"
VERIFIER = "v" * 43
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


def register(session, slug="daily"):
    """Register a site; return it with its key."""
    draft = SiteDraft(
        slug, slug.title(), f"aud-{slug}", (ORIGIN if slug == "daily" else f"http://{slug}.test",), (RETURN_URL,)
    )
    site, key = service.add_site(session, draft, utc_now())
    session.commit()
    return site, key


def bearer(key):
    return {"Authorization": f"Bearer {key}"}


def sign_in(client, session, patron):
    token = sign_ins.begin(session, patron)
    session.commit()
    with client.session_transaction() as kept:
        kept[KEPT_AS] = token


@contextmanager
def counting(app) -> Iterator[list[str]]:
    """Collect the statements that are sent inside the block; of a prepared one its driver alone hears."""
    sent: list[str] = []

    def note(connection, cursor, statement, *rest):
        if not statement.startswith("BEGIN"):
            sent.append(statement)

    def fetch(idle, *asked):
        sent.append("a prepared query")
        return fetched(idle, *asked)

    fetched, engines = Idle.fetch, [app.extensions[name] for name in ("engine", "reader")]
    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    with patch.object(Idle, "fetch", fetch):
        yield sent
    for engine in engines:
        event.remove(engine, "before_cursor_execute", note)
