"""What seals the secrets of webhooks in the database."""

from cryptography.fernet import MultiFernet

from membership.patrons import rules
from membership.web import settings


def sealer() -> MultiFernet:
    """Return what seals the secrets of webhooks, made from SECRET_KEY and its fallbacks."""
    keys = [settings().secret_key, *settings().secret_key_fallbacks]
    return rules.sealer([key.get_secret_value() for key in keys], b"membership site webhooks")
