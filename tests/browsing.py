"""What a browser does with our pages: take the form's token along."""

import re
from collections.abc import Mapping
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


def token_on(client: FlaskClient, page: str, **options: Any) -> str:
    """Fetch a page and return the token of its first form."""
    found = _TOKEN.search(client.get(page, **options).text)
    assert found, f"no form on {page}"
    return found[1]


def post(
    client: FlaskClient, path: str, data: Mapping[str, Any] | None = None, *, page: str | None = None, **options: Any
) -> TestResponse:
    """Send a form as a reader does: from the page that shows it (`page`, else `path`), with its token."""
    token = token_on(client, page or path)
    return client.post(path, data={"csrf_token": token, **(data or {})}, **options)
