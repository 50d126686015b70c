"""Where sites want to be told, and the secrets that sign what they are told."""

from datetime import datetime, timedelta

from cryptography.fernet import MultiFernet
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from membership.access.models import Site, SiteSubject
from membership.notifications.errors import NoEndpoint
from membership.notifications.models import Notification, SiteEndpoint, ToldDecision
from membership.notifications.rules import new_secret
from membership.notifications.service.delivering import send_again

SECRET_OVERLAP = timedelta(hours=24)


def set_endpoint(session: Session, site: Site, url: str, sealer: MultiFernet, now: datetime) -> str | None:
    """Tell a site at this address from now on; return the secret of a new one, which is told this once.

    What the address may be is asked before, by `find_address`: that waits for the network.
    """
    endpoint = find_endpoint(session, site)
    if endpoint is not None:
        endpoint.url = url
        enable(session, endpoint, now)
        return None
    secret = new_secret()
    newest = session.scalar(select(func.max(SiteSubject.id)).filter_by(site_id=site.id)) or 0
    sealed = sealer.encrypt(secret.encode()).decode()
    session.add(SiteEndpoint(site_id=site.id, url=url, secret_sealed=sealed, known_through=newest, created_at=now))
    session.flush()
    return secret


def rotate_secret(endpoint: SiteEndpoint, sealer: MultiFernet, now: datetime) -> str:
    """Sign with a new secret, told this once; for a day the old one signs as well."""
    secret = new_secret()
    endpoint.former_sealed, endpoint.former_until = endpoint.secret_sealed, now + SECRET_OVERLAP
    endpoint.secret_sealed = sealer.encrypt(secret.encode()).decode()
    return secret


def secrets_of(endpoint: SiteEndpoint, sealer: MultiFernet, now: datetime) -> list[str]:
    """Return what a message is signed with now, the newest secret first."""
    is_kept = endpoint.former_sealed and endpoint.former_until and now < endpoint.former_until
    sealed = [endpoint.secret_sealed, *([endpoint.former_sealed] if is_kept else [])]
    return [sealer.decrypt(str(one).encode()).decode() for one in sealed]


def enable(session: Session, endpoint: SiteEndpoint, now: datetime) -> int:
    """Send again: first what never arrived, then what has changed meanwhile; return how many never arrived."""
    endpoint.disabled_at = endpoint.disabled_why = endpoint.failing_since = None
    session.execute(update(ToldDecision).filter_by(site_id=endpoint.site_id).values(check_at=now))
    return send_again(session, endpoint, now, since=None)


def remove_endpoint(session: Session, site: Site) -> None:
    """Forget where a site was told, and all that it was told. Raises NoEndpoint."""
    endpoint = get_endpoint(session, site)
    for table in (Notification, ToldDecision):
        session.execute(delete(table).filter_by(site_id=site.id))
    session.delete(endpoint)


def find_endpoint(session: Session, site: Site) -> SiteEndpoint | None:
    """Return where a site wants to be told, if anywhere."""
    return session.scalar(select(SiteEndpoint).filter_by(site_id=site.id))


def get_endpoint(session: Session, site: Site) -> SiteEndpoint:
    """Return where a site wants to be told, or raise NoEndpoint."""
    endpoint = find_endpoint(session, site)
    if endpoint is None:
        raise NoEndpoint
    return endpoint
