"""A certified OpenID Connect client, Apache's mod_auth_openidc, signs a reader in by our provider."""

import os
import re
from collections.abc import Iterator
from http.cookies import SimpleCookie
from urllib.parse import urljoin, urlsplit

import pytest
from flask import Flask

from membership.access import service
from membership.access.service import SiteDraft
from membership.clock import utc_now
from tests.factories import make_patron, make_price, make_subscription, make_tier
from tests_integrations.programs import Answer, ask, free_port, running, serving
from tests_integrations.test_nginx import cookie_of

CONFIG = """
ServerRoot {folder}
PidFile {folder}/apache.pid
Listen 127.0.0.1:{port}
ServerName 127.0.0.1:{port}
ErrorLog {folder}/error.log
LoadModule mpm_event_module /usr/lib/apache2/modules/mod_mpm_event.so
LoadModule authn_core_module /usr/lib/apache2/modules/mod_authn_core.so
LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
LoadModule authz_user_module /usr/lib/apache2/modules/mod_authz_user.so
LoadModule auth_openidc_module /usr/lib/apache2/modules/mod_auth_openidc.so
LoadModule proxy_module /usr/lib/apache2/modules/mod_proxy.so
LoadModule proxy_http_module /usr/lib/apache2/modules/mod_proxy_http.so
{user}
ProxyPass /signed-on !
ProxyPass / {pages}/
OIDCProviderMetadataURL {membership}/.well-known/openid-configuration
OIDCClientID forum
OIDCClientSecret {key}
OIDCRedirectURI http://127.0.0.1:{port}/signed-on
OIDCCryptoPassphrase of-no-importance
OIDCScope "openid membership"
OIDCPKCEMethod S256
OIDCCacheType shm
OIDCUserInfoRefreshInterval 0
<Location />
  AuthType openid-connect
  Require valid-user
</Location>
<Location /members/>
  AuthType openid-connect
  Require claim flags:vote
</Location>
"""


@pytest.fixture
def pages() -> Iterator[str]:
    app = Flask("forum")
    app.add_url_rule("/<path:path>", view_func=lambda path: "a page of the forum", endpoint="page")
    with serving(app, free_port()) as address:
        yield address


@pytest.fixture
def forum(tmp_path, session, membership, pages) -> Iterator[str]:
    """Run an Apache whose pages only a signed-on reader sees, and `/members/` only who may vote."""
    port = free_port()
    draft = SiteDraft("forum", "Forum", "forum", (), (f"http://127.0.0.1:{port}/signed-on",))
    _, key = service.add_site(session, draft, utc_now())
    session.commit()
    # Apache serves as root for nobody.
    user = "User nobody\nGroup nogroup" if os.geteuid() == 0 else ""
    told = {"folder": tmp_path, "port": port, "membership": membership, "key": key, "user": user, "pages": pages}
    config = tmp_path / "apache.conf"
    config.write_text(CONFIG.format(**told))
    command = ["/usr/sbin/apache2", "-D", "FOREGROUND", "-f", str(config)]
    with running(command, port, tmp_path / "apache.log") as address:
        yield address


class Reader:
    """Her browser: one jar of cookies for the forum, and her sign-in at Membership."""

    def __init__(self, membership: str, sign_in: dict[str, str]) -> None:
        self._membership, self._sign_in, self._kept = membership, sign_in, {}

    def get(self, address: str) -> Answer:
        """Ask for a page, and follow wherever that leads."""
        for _ in range(8):
            parts = urlsplit(address)
            site = f"{parts.scheme}://{parts.netloc}"
            answer = ask(site, f"{parts.path}?{parts.query}".rstrip("?"), headers=self._headers(site))
            if site != self._membership:
                self._kept |= {
                    name: kept.value for name, kept in SimpleCookie(answer.headers.get("set-cookie")).items()
                }
            if answer.status not in {302, 303}:
                return answer
            address = urljoin(address, answer.headers["location"])
        raise AssertionError("sent in circles")

    def _headers(self, site: str) -> dict[str, str]:
        if site == self._membership:
            return self._sign_in | {"Accept": "text/html"}
        return {"Accept": "text/html", "Cookie": "; ".join(f"{name}={value}" for name, value in self._kept.items())}


def test_a_reader_is_signed_on_by_a_certified_client_and_her_flags_open_pages(app, session, forum, membership):
    tier = make_tier(session, slug="friend", flags=["vote"])
    member = make_subscription(session, price=make_price(session, tier=tier)).patron
    reader = Reader(membership, cookie_of(app, session, member))

    assert reader.get(f"{forum}/open").text == "a page of the forum"
    assert reader.get(f"{forum}/members/river").text == "a page of the forum"


def test_a_reader_without_the_flag_is_known_and_does_not_get_in(app, session, forum, membership):
    reader = Reader(membership, cookie_of(app, session, make_patron(session)))

    assert reader.get(f"{forum}/open").status == 200
    assert reader.get(f"{forum}/members/river").status in {401, 403}


def test_whoever_is_not_signed_in_is_asked_to(forum, membership):
    answer = Reader(membership, {}).get(f"{forum}/open")

    assert answer.status == 200
    assert re.search(r"<form[^>]+action=\"/sign-in", answer.text)
