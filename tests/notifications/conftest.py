"""A site that is told, and a reader whom it knows."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from membership.access import service as access
from membership.db import transaction
from tests.access.asking import register
from tests.factories import make_patron
from tests.notifications.receiving import Site, receiving, tell_at

sys.path.append(str(Path(__file__).parents[2] / "integrations" / "python"))


@pytest.fixture
def site(context, session) -> Iterator[Site]:
    """Give a registered site, told at its server."""
    register(session)
    with receiving() as site:
        site.secret = tell_at(site.url)
        yield site


@pytest.fixture
def reader(site):
    """Give the number of a patron whom the site knows, and the name that it has for her."""
    with transaction() as session:
        patron = make_patron(session)
        return patron.id, access.subject_of(session, 1, patron.id)
