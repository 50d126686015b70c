"""Sites are told: what changed is compared, what was written is sent."""

import secrets
from datetime import datetime
from functools import partial
from typing import Any

from membership import db
from membership.access import service as access
from membership.access.models import Site
from membership.clock import utc_now
from membership.jobs.service import enqueue
from membership.jobs.sweeping import do_each
from membership.notifications import service
from membership.notifications.errors import AddressRefused, NotReached
from membership.notifications.rules import headers_for
from membership.notifications.sealing import sealer
from membership.notifications.service import Finding, Outcome
from membership.notifications.transport import send as post
from membership.web import settings

# So that a whole test is over before somebody else takes it for lost.
CHECK_SECONDS = 5.0


def tell(payload: dict[str, Any]) -> None:
    """Tell sites how a patron stands now, after something about her changed."""
    with db.transaction() as session:
        service.tell_changes(session, payload["patron_id"], utc_now(), has_changed=True)


def sweep(payload: dict[str, Any]) -> None:
    """Tell sites what time alone has changed, and whoever is gone; `everybody` when a tier has changed."""
    now = utc_now()
    with db.transaction() as session:
        if payload.get("everybody"):
            service.look_again(session, now)
        gone = service.tell_gone(session, now)
        due = service.find_due(session, now)
    # One who cannot be told keeps nobody after her from it.
    do_each(partial(_tell_of_time, patron_id, now) for patron_id in due)
    if len(due) >= service.BATCH or gone >= service.BATCH:
        with db.transaction() as session:
            enqueue(session, service.SWEEP, f"{service.SWEEP}:{secrets.token_hex(8)}", {})


def _tell_of_time(patron_id: int, now: datetime) -> None:
    with db.transaction() as session:
        service.tell_changes(session, patron_id, now, has_changed=False)


def send(payload: dict[str, Any]) -> None:
    """Send a site one message, unless it has arrived already or is not wanted any more."""
    message_id, now = payload["message_id"], utc_now()
    found = service.find_sendable(db.session(), message_id)
    if found is None:
        return
    message, endpoint = found
    body, keys = message.body.encode(), service.secrets_of(endpoint, sealer(), now)
    headers = headers_for(message.public_id, body, keys, now) | {"Content-Type": "application/json"}
    db.release()
    outcome = _attempt(endpoint.url, headers, body)
    with db.transaction() as session:
        service.record(session, message_id, outcome, utc_now())


def check(payload: dict[str, Any]) -> None:
    """Try out whether a site is connected as it should be."""
    now, config, session = utc_now(), settings(), db.session()
    site = session.get_one(Site, payload["site_id"])
    endpoint, used = service.find_endpoint(session, site), service.check_use(session, site, now)
    keys = service.secrets_of(endpoint, sealer(), now) if endpoint else []
    key = access.key_ring(config.pass_keys_dir).signing_key(now)
    db.release()
    our_address = config.public_url.rstrip("/")
    ask = partial(post, allow_local=not config.is_production, seconds=CHECK_SECONDS)
    found = [service.check_published_keys(f"{our_address}/.well-known/jwks.json", key.kid, ask)]
    found += [*service.check_addresses(site, ask), used]
    if endpoint:
        passes = service.mint_test_passes(our_address, site.audience, key, now)
        found += service.check_webhook(endpoint.url, keys, passes, now, ask)
    else:
        found.append(Finding("webhook", why="none"))
    with db.transaction() as session:
        service.record_findings(session, site.id, found, utc_now())


def forget(_: dict[str, Any]) -> None:
    """Delete what sites were told long ago."""
    with db.transaction() as session:
        service.forget_old(session, utc_now())


def _attempt(url: str, headers: dict[str, str], body: bytes) -> Outcome:
    try:
        answer = post(url, headers, body, allow_local=not settings().is_production)
    except AddressRefused:
        return Outcome("AddressRefused")
    except NotReached as failure:
        return Outcome(failure.why)
    return Outcome(str(answer.status), answer.status, answer.is_good, answer.retry_after)
