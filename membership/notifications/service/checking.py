"""Whether a site is connected as it should be: tried out by the worker, from our side, with a signed test message."""

import json
import secrets
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from joserfc.jwk import ECKey
from sqlalchemy import select
from sqlalchemy.orm import Session

from membership.access.models import Site
from membership.access.rules import decide
from membership.access.service import PASS_LIFE, Addressee, list_keys, mint
from membership.access.service.keys import PassKey
from membership.inserts import insert_unless_known
from membership.jobs.service import enqueue
from membership.notifications.errors import AddressRefused, NotReached
from membership.notifications.models import ConnectionCheck
from membership.notifications.rules import TEST, headers_for, new_message_id, write_body
from membership.notifications.transport import Answer

CHECK = "connection.check"
LATELY = timedelta(days=7)
MOST_ADDRESSES = 4
MISSING = frozenset({404, 410})

Ask = Callable[..., Answer]


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found: `why` is empty when all is well, `detail` a status or the name of a failure."""

    check: str
    about: str = ""
    why: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class TestPasses:
    """Passes for nobody: one that is good, one that we did not sign, one whose time is over."""

    good: tuple[str, str]
    forged: tuple[str, str]
    ended: tuple[str, str]

    @property
    def tokens(self) -> list[str]:
        return [token for token, _ in sorted((self.good, self.forged, self.ended), key=lambda one: one[1])]


def ask_check(session: Session, site: Site, now: datetime) -> None:
    """Have a site's connection tested; what the last test found is forgotten."""
    fresh = {"site_id": site.id, "asked_at": now, "finished_at": None, "findings": []}
    insert_unless_known(session, ConnectionCheck, fresh)
    check = session.scalars(select(ConnectionCheck).filter_by(site_id=site.id).with_for_update()).one()
    check.asked_at, check.finished_at, check.findings = now, None, []
    enqueue(session, CHECK, f"{CHECK}:{site.id}:{secrets.token_hex(6)}", {"site_id": site.id})


def find_check(session: Session, site: Site) -> ConnectionCheck | None:
    """Return the last test of a site's connection; it is under way while it has not finished."""
    return session.scalar(select(ConnectionCheck).filter_by(site_id=site.id))


def record_findings(session: Session, site_id: int, findings: list[Finding], now: datetime) -> None:
    """Keep what a test found."""
    check = session.scalars(select(ConnectionCheck).filter_by(site_id=site_id).with_for_update()).one()
    check.finished_at, check.findings = now, [asdict(finding) for finding in findings]


def check_use(session: Session, site: Site, now: datetime) -> Finding:
    """Tell whether the site's server asks with its key."""
    used = [key.last_used_at for key in list_keys(session, site) if key.last_used_at is not None]
    if not used:
        return Finding("key", why="never")
    return Finding("key", why="" if now - max(used) <= LATELY else "long_ago")


def check_addresses(site: Site, ask: Ask) -> list[Finding]:
    """Tell whether something answers where the site says that it is."""
    origins = [_check_address("origin", origin, ask) for origin in site.origins[:MOST_ADDRESSES]]
    return origins + [_check_address("return", url, ask) for url in site.return_urls[:MOST_ADDRESSES]]


def _check_address(check: str, url: str, ask: Ask) -> Finding:
    answer, failure = _asked(ask, url)
    if answer is None:
        return Finding(check, url, "away", failure)
    is_missing = check == "return" and answer.status in MISSING
    why = "missing" if is_missing else "away" if answer.status >= 500 else ""
    return Finding(check, url, why, str(answer.status))


def check_published_keys(url: str, kid: str, ask: Ask) -> Finding:
    """Tell whether the key that signs is among those that sites fetch."""
    answer, failure = _asked(ask, url)
    if answer is None or not answer.is_good:
        return Finding("jwks", url, "away", failure or str(answer and answer.status))
    return Finding("jwks", url, "" if kid.encode() in answer.body else "other", str(answer.status))


def check_webhook(url: str, keys: list[str], passes: TestPasses, now: datetime, ask: Ask) -> list[Finding]:
    """Tell whether a signed test message arrives, and whether the site tells good passes from bad ones."""
    body = write_body(TEST, {"passes": passes.tokens}, now).encode()
    headers = headers_for(new_message_id(), body, keys, now) | {"Content-Type": "application/json"}
    answer, failure = _asked(ask, url, headers, body)
    if answer is None:
        return [Finding("webhook", url, "away", failure)]
    if not answer.is_good:
        why = "moved" if 300 <= answer.status < 400 else "refused"
        return [Finding("webhook", url, why, str(answer.status))]
    return [Finding("webhook", url, detail=str(answer.status)), _judge(answer, passes)]


def _judge(answer: Answer, passes: TestPasses) -> Finding:
    verified = _verified(answer.body)
    if verified is None:
        return Finding("pass", why="silent")
    if {passes.forged[1], passes.ended[1]} & verified:
        return Finding("pass", why="gullible")
    return Finding("pass", why="" if passes.good[1] in verified else "refused")


def _verified(body: bytes) -> set[str] | None:
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return None
    listed = said.get("verified") if isinstance(said, dict) else None
    return {str(one) for one in listed} if isinstance(listed, list) else None


def mint_test_passes(issuer: str, audience: str, key: PassKey, now: datetime) -> TestPasses:
    """Sign passes for readers who do not exist and may nothing."""
    stranger = PassKey(key.kid, ECKey.generate_key("P-256"))
    long_ago = now - 10 * PASS_LIFE
    made = ((key, now), (stranger, now), (key, long_ago))
    return TestPasses(*(_mint(Addressee(issuer, audience, f"test-{secrets.token_hex(9)}"), *with_) for with_ in made))


def _mint(to: Addressee, key: PassKey, at: datetime) -> tuple[str, str]:
    return mint(decide([], at), to, key, at).token, to.subject


def _asked(ask: Ask, url: str, headers: dict[str, str] | None = None, body: bytes | None = None) -> Any:
    try:
        return ask(url, headers or {}, body), ""
    except AddressRefused:
        return None, "AddressRefused"
    except NotReached as failure:
        return None, failure.why
