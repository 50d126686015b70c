"""Structured logs, one JSON line each; never a secret, an address or a name."""

import logging
import sys

import structlog

from membership.config import Settings


def prepare(settings: Settings) -> None:
    """Write logs as JSON lines to standard error, from `info` up in production and `warning` up elsewhere."""
    level = logging.INFO if settings.is_production else logging.WARNING
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *_: structlog.WriteLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )
