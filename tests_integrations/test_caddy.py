"""The example for Caddy, in a real Caddy between a real Membership and a small publication."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests_integrations.paper import copy_of
from tests_integrations.programs import ask, free_port, running

EXAMPLE = Path(__file__).parents[1] / "integrations" / "caddy" / "Caddyfile"
SPELLINGS = ("X-Membership-Flags", "X_Membership_Flags", "X-Membership_Flags", "x_membership-flags")
FORGED = dict.fromkeys(SPELLINGS, "paywall_free") | {"X-Membership-State": "active", "Cookie": "membership=x"}


@pytest.fixture
def caddy(tmp_path, settings, publication) -> Iterator[str]:
    """Run Caddy by the example, with only its addresses changed."""
    port = free_port()
    addresses = {
        "127.0.0.1:8002": publication.removeprefix("http://"),
        "127.0.0.1:8000": settings.public_url.removeprefix("http://"),
        "Host members.example.org": f"Host {settings.public_url.removeprefix('http://')}",
        "www.example.org": f"http://127.0.0.1:{port}",
    }
    text = "{\n\tadmin off\n}\n" + EXAMPLE.read_text()
    for here, there in addresses.items():
        text = text.replace(here, there)
    (tmp_path / "Caddyfile").write_text(text)
    command = ["/usr/bin/caddy", "run", "--config", str(tmp_path / "Caddyfile"), "--adapter", "caddyfile"]
    homes = {name: str(tmp_path) for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME")}
    with running(command, port, tmp_path / "caddy.log", env=os.environ | homes) as address:
        yield address


def test_a_members_page_opens_for_members_alone(caddy, membership, member, guest):
    opened, *closed = (ask(caddy, "/members/river", headers=headers) for headers in (member, guest, {}, FORGED))

    assert copy_of(opened)
    assert opened.headers["cache-control"] == "private, no-cache"
    assert [(answer.status, "copy" in answer.text) for answer in closed] == [(303, False)] * 3


@pytest.mark.parametrize("path", ["/open/../members/river", "//members//river", "/%6dembers/river", "/MEMBERS/river"])
def test_no_spelling_of_the_address_opens_a_closed_page(caddy, membership, path):
    assert ask(caddy, path).status in {301, 303, 308}


def test_an_open_page_is_told_who_reads_by_nothing_but_membership(caddy, membership, member):
    hers, forged = (ask(caddy, "/river", headers=headers) for headers in (member, FORGED))

    assert "'paywall_free,vote'" in hers.text
    assert "paywall_free" not in forged.text


def test_without_membership_closed_stays_closed_and_open_stays_open(caddy, member):
    closed, opened = (ask(caddy, path, headers=member | FORGED) for path in ("/members/river", "/river"))

    assert (closed.status, closed.headers["cache-control"]) == (503, "private, no-store")
    assert copy_of(opened)
    assert "paywall_free" not in opened.text
