"""The doors for a site's server: each asks for the site's key; a reader's cookie means nothing here."""

from membership.access.api import decisions, links, passes
from membership.access.api.asking import bp

__all__ = ["bp", "decisions", "links", "passes"]
