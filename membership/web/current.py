"""The settings of the running application, and whether a person or a program asks it."""

from flask import current_app, request

from membership.config import Settings

MACHINE_PATHS = (
    "/api/",
    "/webhooks/",
    "/access/later",
    "/access/pass",
    "/access/token",
    "/access/verify",
    "/.well-known/",
    "/oidc/token",
    "/oidc/userinfo",
    "/embed.js",
    "/healthz",
    "/readyz",
    "/metrics",
)


def settings() -> Settings:
    """Return the settings of the running application."""
    found: Settings = current_app.extensions["settings"]
    return found


def for_machines() -> bool:
    """Whether a program asks, and not a person."""
    return request.path.startswith(MACHINE_PATHS)
