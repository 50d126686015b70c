import gzip
import hashlib

from membership.embed.views import ALWAYS, AN_HOUR, version

MOST_BYTES = 5000


def test_the_script_is_small_and_needs_nothing_else(client):
    answer = client.get("/embed.js", headers={"Accept-Encoding": "gzip, br"})
    words = gzip.decompress(answer.data).decode()

    assert len(answer.data) < MOST_BYTES
    assert answer.headers["Content-Encoding"] == "gzip"
    assert client.get("/embed.js").text == words
    assert not {"import ", "eval(", "innerHTML", "document.cookie", "new Function"} & {
        word for word in ("import ", "eval(", "innerHTML", "document.cookie", "new Function") if word in words
    }


def test_caches_may_keep_it_and_are_told_when_it_is_another(client):
    first = client.get("/embed.js")
    again = client.get("/embed.js", headers={"If-None-Match": first.headers["ETag"]})

    assert first.headers["Cache-Control"] == AN_HOUR
    assert first.headers["ETag"] == f'W/"{version()}"'
    assert version() == hashlib.sha256(first.data).hexdigest()[:16]
    assert (again.status_code, again.data) == (304, b"")
    assert "Set-Cookie" not in first.headers


def test_under_its_version_it_never_changes(client):
    assert client.get(f"/embed.js?v={version()}").headers["Cache-Control"] == ALWAYS
    assert client.get("/embed.js?v=other").headers["Cache-Control"] == AN_HOUR


def test_pages_of_any_site_may_load_it_and_check_what_they_loaded(client):
    headers = client.get("/embed.js").headers

    assert headers["Access-Control-Allow-Origin"] == "*"
    assert headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert headers["Vary"] == "Accept-Encoding"
    assert headers["Content-Type"] == "text/javascript; charset=utf-8"
