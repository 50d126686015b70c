"""The pages of The Open Daily: which article, what this reader may see, how to appeal to her."""

from dataclasses import dataclass

from babel.dates import format_date
from flask import Flask, Response, abort, g, redirect, render_template, request
from flask.typing import ResponseReturnValue

from demo.publication.articles import Article, read_articles
from demo.publication.door import Door, Reader

CSP = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


@dataclass(frozen=True)
class Paper:
    """Where the paper and its membership are."""

    url: str
    membership: str


def create_app(paper: Paper, door: Door) -> Flask:
    """Make the publication; `door` knows readers by their passes."""
    app = Flask("demo.publication")
    articles = read_articles()
    app.before_request(lambda: setattr(g, "reader", door.recognise(request)))
    app.after_request(_protect)
    app.after_request(lambda response: door.remember(g.reader, response))
    app.context_processor(lambda: _words(paper))

    @app.get("/")
    def front() -> ResponseReturnValue:
        return render_template("front.html", articles=articles.values())

    @app.get("/articles/<slug>")
    def article(slug: str) -> ResponseReturnValue:
        return _show(articles[slug]) if slug in articles else abort(404)

    @app.get("/sign-in")
    def sign_in() -> ResponseReturnValue:
        return door.send_to_membership(_own_path(request.args.get("back", "/")))

    @app.get("/welcome")
    def welcome() -> ResponseReturnValue:
        return door.let_in(request)

    @app.post("/leave")
    def leave() -> ResponseReturnValue:
        return door.forget(redirect("/", code=303))

    @app.get("/_requests.json")
    def requests() -> ResponseReturnValue:
        return {"requests": door.requests}

    return app


def _show(article: Article) -> ResponseReturnValue:
    reader: Reader = g.reader
    is_open = not article.is_for_members or "paywall_free" in reader.flags
    asks = not reader.is_member and "no_appeals" not in reader.flags
    return render_template("article.html", article=article, is_open=is_open, asks=asks)


def _words(paper: Paper) -> dict[str, object]:
    return {
        "reader": g.reader,
        "membership": paper.membership,
        "here": paper.url + request.path,
        "path": request.path,
        "day": lambda on, language: format_date(on, "d MMMM y", locale=language),
    }


def _own_path(path: str) -> str:
    return path if path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable() else "/"


def _protect(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = CSP
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Referrer-Policy"] = "strict-origin-when-cross-origin"
    return response
