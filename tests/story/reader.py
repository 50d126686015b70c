"""A reader without a browser: opens pages, fills in forms as they stand, follows links; cookies like any browser."""

from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin

import requests


class Page(HTMLParser):
    """The forms and links of one page."""

    def __init__(self, answer: requests.Response) -> None:
        super().__init__()
        self.url, self.status, self.html = answer.url, answer.status_code, answer.text
        self.forms: list[dict[str, Any]] = []
        self.links: dict[str, str] = {}
        self.words = ""
        self._link: str | None = None
        self._select: str | None = None
        self.feed(answer.text)
        self.words = " ".join(self.words.split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        if tag == "form":
            self.forms.append(
                {"action": said.get("action") or self.url, "method": said.get("method", "get"), "fields": {}}
            )
        elif tag == "a":
            self._link = said.get("href")
        elif tag in {"input", "textarea", "select"} and self.forms and said.get("name"):
            self._field(said)

    def handle_endtag(self, tag: str) -> None:
        if tag == "a":
            self._link = None

    def handle_data(self, data: str) -> None:
        self.words += data + " "
        if self._link and data.strip():
            self.links.setdefault(" ".join(data.split()), urljoin(self.url, self._link))

    def _field(self, said: dict[str, str | None]) -> None:
        if said.get("type") in {"radio", "checkbox"} and "checked" not in said:
            return
        self.forms[-1]["fields"][said["name"]] = said.get("value") or ""


class Reader:
    """One person at one device."""

    def __init__(self) -> None:
        self.http = requests.Session()
        self.http.headers["Accept-Language"] = "en-GB"
        self.page: Page

    def open(self, url: str) -> Page:
        """Open an address."""
        return self._show(self.http.get(url, timeout=20))

    def follow(self, words: str) -> Page:
        """Follow the link with these words."""
        return self.open(self.page.links[words])

    def submit(self, action: str, **typed: Any) -> Page:
        """Send the form whose action ends so, with what it holds and what is typed."""
        form = next(form for form in self.page.forms if urljoin(self.page.url, form["action"]).endswith(action))
        where = urljoin(self.page.url, form["action"])
        fields = form["fields"] | typed
        if form["method"] == "get":
            return self._show(self.http.get(where, params=fields, timeout=20))
        return self._show(self.http.post(where, data=fields, headers={"Referer": self.page.url}, timeout=20))

    def _show(self, answer: requests.Response) -> Page:
        self.page = Page(answer)
        return self.page
