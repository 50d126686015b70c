"""The example for nginx, in a real nginx with its page cache on, between a real Membership and a small publication."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.factories import make_price, make_subscription, make_tier
from tests_integrations.paper import cookie_of, copy_of
from tests_integrations.programs import ask, free_port, running, serving

EXAMPLE = Path(__file__).parents[1] / "integrations" / "nginx"
NGINX = "/usr/sbin/nginx"
MAIN = """
daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log stderr; user root;
events {{ worker_connections 64; }}
http {{ access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s; include publication.conf; }}
"""


@pytest.fixture
def nginx(tmp_path, settings, publication) -> Iterator[str]:
    """Run nginx by the example, with only its addresses changed."""
    port = free_port()
    addresses = {
        "127.0.0.1:8002": publication.removeprefix("http://"),
        "127.0.0.1:8000": settings.public_url.removeprefix("http://"),
        "members.example.org": "127.0.0.1",
        "listen 80;": f"listen 127.0.0.1:{port};",
        "/var/cache/nginx": str(tmp_path / "cache"),
    }
    (tmp_path / "cache").mkdir()
    for example in EXAMPLE.glob("*.conf"):
        text = example.read_text()
        for here, there in addresses.items():
            text = text.replace(here, there)
        (tmp_path / example.name).write_text(text)
    (tmp_path / "nginx.conf").write_text(MAIN.format(folder=tmp_path))
    command = [NGINX, "-p", str(tmp_path), "-c", str(tmp_path / "nginx.conf"), "-e", "stderr"]
    with running(command, port, tmp_path / "nginx.log") as address:
        yield address


def test_a_members_page_opens_for_members_alone_and_its_copy_leaks_to_nobody(nginx, membership, member, guest):
    first = ask(nginx, "/members/river", headers=member)
    again = ask(nginx, "/members/river", headers=member)
    others = [ask(nginx, "/members/river", headers=headers) for headers in ({}, guest)]

    assert copy_of(first) == copy_of(again)
    assert again.headers["x-cache"] == "HIT"
    assert [other.status for other in others] == [303, 303]
    assert not any("copy" in other.text for other in others)


def test_readers_of_different_kinds_never_see_each_others_open_page(nginx, membership, member, guest):
    seen = [ask(nginx, "/river", headers=headers) for headers in (member, guest, {}, member, guest, {})]

    assert [copy_of(one) for one in seen[:3]] == [copy_of(one) for one in seen[3:]]
    assert copy_of(seen[0]) != copy_of(seen[1]) == copy_of(seen[2]), "who holds nothing sees what a stranger sees"
    assert "'paywall_free,vote'" in seen[0].text
    assert "paywall_free" not in seen[1].text + seen[2].text


def test_two_members_alike_share_a_page_about_neither(nginx, membership, member, app, session):
    price = make_price(session, tier=make_tier(session, slug="patron", flags=["paywall_free", "vote"]))
    other = cookie_of(app, session, make_subscription(session, price=price).patron)

    first, second = (ask(nginx, "/members/river", headers=headers) for headers in (member, other))

    assert copy_of(first) != copy_of(second), "they are of two tiers"
    assert copy_of(ask(nginx, "/members/river", headers=other)) == copy_of(second)


def test_no_cache_after_nginx_may_keep_a_page(nginx, membership, member):
    for path in ("/river", "/members/river"):
        assert ask(nginx, path, headers=member).headers["cache-control"] == "private, no-cache"


@pytest.mark.parametrize("path", ["/members/river", "/open/../members/river", "//members//river", "/%6dembers/river"])
def test_no_spelling_of_the_address_and_no_header_opens_a_closed_page(nginx, membership, path):
    forged = {"X-Membership-Flags": "paywall_free", "X-Membership-State": "active", "Cookie": "membership=x"}

    assert ask(nginx, path, headers=forged).status == 303


def test_forged_headers_change_no_open_page(nginx, membership):
    forged = ask(nginx, "/river", headers={"X-Membership-Flags": "paywall_free", "X_Membership_Flags": "paywall_free"})

    assert "paywall_free" not in forged.text


def test_the_doors_that_nginx_asks_by_are_not_open_from_outside(nginx, membership):
    assert ask(nginx, "/_membership/anybody").status == 404


def test_without_membership_closed_stays_closed_and_open_stays_open(nginx, member):
    closed, opened = (ask(nginx, path, headers=member) for path in ("/members/river", "/river"))

    assert (closed.status, closed.headers["cache-control"]) == (503, "private, no-store")
    assert copy_of(opened)
    assert "X-Membership" not in opened.text.replace("''", ""), "nothing is known of her"


def test_a_copy_kept_for_members_does_not_leak_when_membership_goes_down(nginx, app, settings, member):
    with serving(app, int(settings.public_url.rpartition(":")[2])):
        assert copy_of(ask(nginx, "/members/river", headers=member))

    for headers in (member, {}):
        assert ask(nginx, "/members/river", headers=headers).status == 503
