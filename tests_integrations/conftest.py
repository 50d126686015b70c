"""Membership as a site's programs reach it, with what the other tests have: an application, a session, factories."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from membership.config import Settings
from tests.conftest import (  # noqa: F401 - fixtures
    app,
    client,
    gateway,
    make_settings,
    only_loopback,
    session,
    sqlite_template,
)
from tests.factories import make_patron, make_price, make_subscription, make_tier
from tests_integrations.paper import Paper, cookie_of
from tests_integrations.programs import AsCgi, free_port, serving


@pytest.fixture
def database_url(sqlite_template: Path, tmp_path: Path) -> str:  # noqa: F811
    """Give the address of an empty database; what is tested here does not depend on its kind."""
    shutil.copy(sqlite_template, tmp_path / "test.db")
    return f"sqlite:///{tmp_path / 'test.db'}"


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    address = f"http://127.0.0.1:{free_port()}"
    return make_settings(database_url=database_url, pass_keys_dir=tmp_path / "keys", public_url=address)


@pytest.fixture
def membership(app: Flask, settings: Settings) -> Iterator[str]:  # noqa: F811
    """Serve Membership on loopback; give its address."""
    with serving(app, int(settings.public_url.rpartition(":")[2])) as address:
        yield address


@pytest.fixture
def paper() -> Paper:
    return Paper()


@pytest.fixture
def publication(paper) -> Iterator[str]:
    with serving(paper.app, free_port(), request_handler=AsCgi) as address:
        yield address


@pytest.fixture
def member(app: Flask, session: Session) -> dict[str, str]:  # noqa: F811
    price = make_price(session, tier=make_tier(session, slug="friend", flags=["paywall_free", "vote"]))
    return cookie_of(app, session, make_subscription(session, price=price).patron)


@pytest.fixture
def guest(app: Flask, session: Session) -> dict[str, str]:  # noqa: F811
    return cookie_of(app, session, make_patron(session))
