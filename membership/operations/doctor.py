"""A look at everything that this service needs from outside."""

import smtplib
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from membership.access.service import key_ring
from membership.clock import utc_now
from membership.config import Misconfigured, Settings
from membership.errors import GatewayFailed
from membership.gateway.protocol import PaymentGateway
from membership.operations import migrations

Finding = tuple[str, str | None]


def examine(settings: Settings, engine: Engine, gateway: PaymentGateway) -> Iterator[Finding]:
    """Yield each thing that was looked at, with what is wrong and what to do next, or None."""
    yield "database", _database(engine)
    yield "stripe", _stripe(settings, gateway)
    yield "webhooks", _webhooks(settings.webhook_url, gateway)
    yield "mail", _mail(settings.smtp_url.get_secret_value())
    yield "pass keys", _pass_keys(settings)


def _database(engine: Engine) -> str | None:
    try:
        with engine.connect() as connection:
            connection.execute(text("SELECT 1"))
    except SQLAlchemyError:
        return "The database does not answer: is DATABASE_URL right, and is the server up?"
    return None if migrations.is_current(engine) else "The database is behind: run flask db upgrade."


def _stripe(settings: Settings, gateway: PaymentGateway) -> str | None:
    try:
        account = gateway.get_account()
    except GatewayFailed:
        return "Stripe does not answer or refuses the key: is STRIPE_API_KEY right, and may it read the account?"
    if account.default_currency != settings.default_currency:
        return f"Stripe settles in {account.default_currency}, DEFAULT_CURRENCY is {settings.default_currency}."
    return None


def _webhooks(url: str, gateway: PaymentGateway) -> str | None:
    try:
        ours = [one for one in gateway.list_endpoints() if one.url == url]
    except GatewayFailed:
        return "Stripe does not tell its webhook endpoints: does it answer, and may STRIPE_API_KEY read them?"
    if not ours:
        return f"Stripe has no webhook endpoint {url}: run flask stripe create-endpoint, unless events are forwarded."
    used = [one.lacks for one in ours if one.is_enabled]
    if not used:
        return f"Stripe sends nothing to {url} any more, it is disabled: run flask stripe mend-endpoint."
    lacked = frozenset.intersection(*used)
    if lacked:
        return f"Stripe does not send {', '.join(sorted(lacked))}: run flask stripe mend-endpoint."
    return None


def _mail(url: str) -> str | None:
    parts = urlsplit(url)
    connect: Callable[..., smtplib.SMTP] = smtplib.SMTP_SSL if parts.scheme == "smtps" else smtplib.SMTP
    try:
        with connect(parts.hostname or "", parts.port or 0, timeout=5) as server:
            server.noop()
    except (OSError, smtplib.SMTPException):
        return "The mail server does not answer: is SMTP_URL right?"
    return None


def _pass_keys(settings: Settings) -> str | None:
    try:
        key_ring(settings.pass_keys_dir).keys(utc_now())
    except Misconfigured as error:
        return str(error)
    return None
