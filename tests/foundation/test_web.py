"""The edge: refusals as pages and problems, headers everywhere, no forged or foreign requests."""

import pytest
from flask import Flask, request, session

from membership import create_app
from membership.edge import form_origins
from membership.errors import Conflict, Forbidden, GatewayFailed, Invalid, NotFound
from membership.gateway.memory import MemoryGateway
from membership.web import safe_path
from tests.conftest import make_settings

REFUSALS = {
    "invalid": Invalid,
    "forbidden": Forbidden,
    "missing": NotFound,
    "conflict": Conflict,
    "away": GatewayFailed,
}


@pytest.fixture
def database_url(tmp_path, sqlite_template) -> str:
    """Nothing here depends on the database: one is enough."""
    return f"sqlite:///{sqlite_template}"


@pytest.fixture
def app(app: Flask) -> Flask:
    def refuse(kind: str) -> str:
        raise REFUSALS[kind]("A sentence for %(name)s.", name="<b>Olena</b>")

    def fail() -> str:
        return str(1 / 0)

    app.config["PROPAGATE_EXCEPTIONS"] = False
    app.add_url_rule("/refuse/<kind>", view_func=refuse)
    app.add_url_rule("/api/refuse/<kind>", "api_refuse", refuse)
    app.add_url_rule("/fail", view_func=fail)
    app.add_url_rule("/session", view_func=lambda: str(dict(session)))
    return app


def test_a_bug_stops_a_test_that_does_not_ask_for_the_page(app, client):
    app.config["PROPAGATE_EXCEPTIONS"] = True

    with pytest.raises(ZeroDivisionError):
        client.get("/fail")


def test_an_address_with_a_slash_too_many_leads_to_the_right_one(client):
    answer = client.get("/refuse//missing")

    assert answer.status_code == 308
    assert answer.location == "http://localhost/refuse/missing"


def test_a_language_that_is_not_spoken_changes_nothing(app, client):
    app.config["WTF_CSRF_ENABLED"] = False
    answer = client.post("/language/xx", data={"next": "/vote"})

    assert answer.location == "/vote"
    assert client.get("/session").text == "{}"


@pytest.mark.parametrize(
    ("kind", "status"), [("invalid", 400), ("forbidden", 403), ("missing", 404), ("conflict", 409), ("away", 502)]
)
def test_a_refusal_is_a_page_for_readers_and_a_problem_for_programs(client, kind, status):
    page, problem = client.get(f"/refuse/{kind}"), client.get(f"/api/refuse/{kind}")

    assert (page.status_code, problem.status_code) == (status, status)
    assert "A sentence for &lt;b&gt;Olena&lt;/b&gt;." in page.text
    assert problem.content_type == "application/problem+json"
    assert problem.json["detail"] == "A sentence for <b>Olena</b>."


def test_a_bug_is_a_calm_page_with_an_id_and_no_traces(client, capsys):
    page = client.get("/fail")

    assert page.status_code == 500
    assert page.headers["X-Request-Id"] in page.text
    assert "ZeroDivisionError" not in page.text


@pytest.mark.parametrize("path", ["/", "/nothing", "/fail", "/api/nothing", "/static/style.css", "/refuse/conflict"])
def test_every_answer_carries_the_security_headers(client, path):
    with client.get(path) as answer:
        headers = answer.headers

    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"


def test_forms_lead_to_the_providers_pages_and_nowhere_else():
    real, trial = make_settings(), make_settings(stripe_api_base="http://localhost:8001/v1")

    assert form_origins(real) == ["https://checkout.stripe.com", "https://billing.stripe.com"]
    assert form_origins(trial) == ["http://localhost:8001"]


def test_personal_pages_are_kept_by_no_cache(client):
    assert client.get("/").headers["Cache-Control"] == "private, no-store"


def test_a_wrong_method_names_the_right_ones(client):
    answer = client.post("/healthz")

    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]


def test_a_form_without_its_token_is_refused(client):
    answer = client.post("/language/uk")

    assert answer.status_code == 400
    assert "expired or was opened elsewhere" in answer.text


@pytest.mark.parametrize("host", ["evil.test", "localhost:evil", "localhost@evil.test", "evil.test:80"])
def test_a_foreign_host_is_refused(client, host):
    answer = client.get("/", headers={"Host": host})

    assert answer.status_code == 400
    assert "evil.test" not in answer.text


@pytest.mark.parametrize(("accept", "kind"), [("text/html,*/*;q=0.8", "text/html"), ("*/*", "application/problem")])
def test_a_browser_at_a_foreign_host_is_shown_the_way(client, accept, kind):
    answer = client.get("/", headers={"Host": "evil.test", "Accept": accept})

    assert (answer.status_code, answer.content_type.startswith(kind)) == (400, True)
    assert ('href="http://localhost"' in answer.text) == (kind == "text/html")


def test_an_unknown_page_is_said_to_be_unknown(client):
    assert "<h1>We do not know this page</h1>" in client.get("/nowhere").text


def test_what_is_too_big_is_refused_early(client):
    assert client.post("/webhooks/stripe", data=b"x" * 300_000).status_code == 413


@pytest.mark.parametrize(
    "target", ["//evil.test", "/\\evil.test", "https://evil.test", "evil", "", None, "/a\r\nSet-Cookie: b"]
)
def test_nobody_is_sent_to_another_site(target):
    assert safe_path(target, "/account") == "/account"


def test_a_path_of_our_own_is_kept():
    assert safe_path("/vote/november", "/") == "/vote/november"


def test_cookies_insist_on_https_where_readers_have_it(database_url):
    app = create_app(make_settings(database_url=database_url, public_url="https://localhost"), MemoryGateway([]))
    answer = app.test_client().get("/", base_url="https://localhost")
    cookie = answer.headers["Set-Cookie"]
    app.extensions["engine"].dispose()

    assert cookie.startswith("__Host-membership=")
    assert all(part in cookie for part in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"))
    assert "Strict-Transport-Security" in answer.headers


@pytest.mark.parametrize(("proxies", "seen"), [(0, "127.0.0.1"), (1, "203.0.113.7")])
def test_a_proxy_is_believed_only_as_often_as_configured(database_url, proxies, seen):
    app = create_app(make_settings(database_url=database_url, trusted_proxies=proxies), MemoryGateway([]))
    app.add_url_rule("/who", view_func=lambda: request.remote_addr)
    answer = app.test_client().get("/who", headers={"X-Forwarded-For": "198.51.100.1, 203.0.113.7"})
    app.extensions["engine"].dispose()

    assert answer.text == seen
