"""Settings from the environment, checked once at start; each complaint is one clear line and prints no secret."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from pydantic import BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from membership.money import CURRENCIES

WEAK = frozenset({"secret", "changeme", "change-me", "dev", "development", "test", "password", "whsec_test"})
SECRET_LENGTH = 32
OFF = frozenset({"", "0", "false", "no"})


class Mode(StrEnum):
    PRODUCTION = "production"
    DEMO = "demo"
    TEST = "test"


class Consequence(StrEnum):
    """What a refund, a dispute or an early fraud warning may bring with it."""

    ACCESS = "access"
    SUBSCRIPTION = "subscription"
    VOTES = "votes"
    REFUND = "refund"


class Misconfigured(Exception):
    """The settings do not allow a start; `lines` says why, one sentence each."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


def _split(value: object) -> object:
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


Consequences = Annotated[frozenset[Consequence], NoDecode, BeforeValidator(_split)]
ON_REFUND = frozenset({Consequence.ACCESS, Consequence.VOTES})
ON_DISPUTE = ON_REFUND | {Consequence.SUBSCRIPTION}
Listed = Annotated[list[SecretStr], NoDecode, BeforeValidator(_split)]


class Settings(BaseSettings):
    """Everything that a deployment decides."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True)

    membership_mode: Mode = Mode.PRODUCTION
    database_url: SecretStr = SecretStr("sqlite:///membership.db")
    secret_key: SecretStr = SecretStr("")
    secret_key_fallbacks: Listed = Field(default_factory=list)
    public_url: str = ""
    publication_name: str = ""
    publication_url: str = ""
    publication_timezone: str = "UTC"
    default_currency: str = "eur"
    stripe_api_key: SecretStr = SecretStr("")
    stripe_api_base: str = ""
    stripe_webhook_secrets: Listed = Field(default_factory=list)
    smtp_url: SecretStr = SecretStr("")
    mail_from: str = ""
    pass_keys_dir: Path = Path("pass-keys")
    parent_domain: str = ""
    trusted_proxies: int = Field(default=0, ge=0, le=5)
    clock_offset_file: Path | None = None
    erasures_file: Path | None = None
    support_email: str = ""
    api_quota_per_minute: int = Field(default=6000, ge=1)
    email_lookups_per_minute: int = Field(default=60, ge=1)
    metrics_token: SecretStr = SecretStr("")
    flask_debug: str = ""
    on_refund: Consequences = ON_REFUND
    on_dispute: Consequences = ON_DISPUTE
    on_fraud_warning: Consequences = frozenset()
    fraud_refund_limit: int = Field(default=5000, ge=0)

    @property
    def is_production(self) -> bool:
        return self.membership_mode is Mode.PRODUCTION

    @property
    def is_secure(self) -> bool:
        """Whether readers reach us by HTTPS, so that cookies can insist on it."""
        return self.public_url.startswith("https://")

    @property
    def webhook_url(self) -> str:
        """Where Stripe sends its events."""
        return f"{self.public_url.rstrip('/')}/webhooks/stripe"

    @property
    def is_live(self) -> bool:
        """Whether the Stripe key moves real money."""
        return "_live_" in self.stripe_api_key.get_secret_value()

    def webhook_secrets(self) -> list[str]:
        return [secret.get_secret_value() for secret in self.stripe_webhook_secrets]

    def complaints(self) -> list[str]:
        """List what keeps these settings from being used, one sentence each."""
        found = [*self._needed(), *self._unreadable()]
        return found + (self._weak() if self.is_production else self._too_real())

    def _needed(self) -> list[str]:
        values = {
            "SECRET_KEY": self.secret_key.get_secret_value(),
            "PUBLIC_URL": self.public_url,
            "PUBLICATION_NAME": self.publication_name,
            "PUBLICATION_URL": self.publication_url,
            "STRIPE_API_KEY": self.stripe_api_key.get_secret_value(),
            "STRIPE_WEBHOOK_SECRETS": ",".join(self.webhook_secrets()),
            "SMTP_URL": self.smtp_url.get_secret_value(),
            "MAIL_FROM": self.mail_from,
        }
        return [f"{name} is missing." for name, value in values.items() if not value.strip()]

    def _unreadable(self) -> list[str]:
        found = []
        if self.default_currency not in CURRENCIES:
            found.append("DEFAULT_CURRENCY is not a currency that Stripe takes, in lower case.")
        if self.publication_timezone not in available_timezones():
            found.append("PUBLICATION_TIMEZONE is not a name like Europe/Kyiv.")
        for name, wanted in (("ON_REFUND", self.on_refund), ("ON_DISPUTE", self.on_dispute)):
            if Consequence.REFUND in wanted:
                found.append(f"{name} cannot bring a refund: the money has gone back already.")
        for name, url in (("PUBLIC_URL", self.public_url), ("PUBLICATION_URL", self.publication_url)):
            parts = urlsplit(url)
            if url and (parts.scheme not in {"http", "https"} or not parts.netloc or parts.query or parts.username):
                found.append(f"{name} is not an address like https://members.example.org.")
        if self.parent_domain and not self._is_ours(self.parent_domain):
            found.append("PARENT_DOMAIN is no domain like example.org that PUBLIC_URL is in.")
        return found

    def _is_ours(self, domain: str) -> bool:
        host = urlsplit(self.public_url).hostname or ""
        return "." in domain.strip(".") and not domain.startswith(".") and f".{host}".endswith(f".{domain}")

    def _weak(self) -> list[str]:
        found = []
        if not is_strong(self.secret_key):
            found.append(f"SECRET_KEY is weak: use {SECRET_LENGTH} random characters or more.")
        if not all(is_strong(key) for key in self.secret_key_fallbacks):
            found.append("SECRET_KEY_FALLBACKS holds a weak key.")
        if not all(s.startswith("whsec_") and len(s) >= 24 and s not in WEAK for s in self.webhook_secrets()):
            found.append("STRIPE_WEBHOOK_SECRETS holds something that is not a signing secret of Stripe (whsec_…).")
        if not self.stripe_api_key.get_secret_value().startswith(("sk_live_", "rk_live_")):
            found.append("STRIPE_API_KEY is not a live secret or restricted key (rk_live_…).")
        if not self.is_secure:
            found.append("PUBLIC_URL is not https.")
        return found + self._careless()

    def _too_real(self) -> list[str]:
        wrong = f"STRIPE_API_KEY moves real money, but MEMBERSHIP_MODE is {self.membership_mode}."
        return [wrong] if self.is_live else []

    def _careless(self) -> list[str]:
        found = []
        if self.flask_debug not in OFF:
            found.append("FLASK_DEBUG is on: it shows code and settings to readers.")
        if is_open_to_all(self.database_url.get_secret_value()):
            found.append("DATABASE_URL is a file that everybody on this machine can read: chmod 600 it.")
        if self.clock_offset_file is not None:
            found.append("CLOCK_OFFSET_FILE is for the sandbox only.")
        if self.stripe_api_base:
            found.append("STRIPE_API_BASE is for the sandbox only.")
        return found


def is_open_to_all(database_url: str) -> bool:
    """Whether the database is an SQLite file that others on this machine can read or write."""
    path = Path(database_url.removeprefix("sqlite:///"))
    is_file = database_url.startswith("sqlite:///") and path.is_file()
    return is_file and bool(path.stat().st_mode & 0o006)


def is_strong(secret: SecretStr) -> bool:
    """Whether a secret is long, varied and not one that everybody knows."""
    value = secret.get_secret_value()
    return value == value.strip() and len(value) >= SECRET_LENGTH and len(set(value)) >= 10 and value not in WEAK


def load(**overrides: object) -> Settings:
    """Read the settings, or raise Misconfigured with every reason at once."""
    try:
        settings = Settings(**overrides)  # type: ignore[arg-type]
    except ValidationError as error:
        raise Misconfigured([_said(problem["loc"]) for problem in error.errors()]) from None
    if complaints := settings.complaints():
        raise Misconfigured(complaints)
    return settings


def _said(location: tuple[int | str, ...]) -> str:
    return f"{str(location[0]).upper()} cannot be read."
