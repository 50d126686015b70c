"""The pages of The Open Daily: which article, what this reader may see, how to appeal to her."""

import secrets
from dataclasses import asdict, dataclass

from babel.dates import format_date
from flask import Flask, Response, current_app, g, jsonify, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from demo.publication.articles import Article, read_articles
from demo.publication.door import Door, Kept, Reader
from demo.publication.votes import Copy

CSP = (
    "default-src 'none'; script-src {membership}; connect-src 'self'; style-src 'self' {membership}; img-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
PAGES = frozenset({"front", "article"})
FROM_ELSEWHERE = frozenset({"same-site", "cross-site"})
A_MONTH = 30 * 24 * 3600


@dataclass(frozen=True)
class Paper:
    """Where the paper and its membership are, and the secret that signs the paper's own cookies."""

    url: str
    membership: str
    secret: str


def create_app(paper: Paper, door: Door) -> Flask:
    """Make the publication; `door` knows readers by their passes."""
    app = Flask("demo.publication")
    app.secret_key = paper.secret
    # Ports share cookies, so the name must differ from Membership's own.
    app.config.update(
        SESSION_COOKIE_NAME="open_daily",
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=paper.url.startswith("https://"),
        PERMANENT_SESSION_LIFETIME=A_MONTH,
    )
    app.extensions |= {"paper": paper, "door": door, "articles": read_articles()}
    public = f"{paper.membership}/api/v1"
    app.extensions |= {"votes": Copy(f"{public}/embed/votes?lang=en"), "rounds": Copy(f"{public}/rounds")}
    app.before_request(_recognise)
    app.after_request(_protect)
    app.context_processor(_words)
    app.register_error_handler(404, lambda _: (render_template("missing.html"), 404))
    app.add_url_rule("/", "front", front)
    app.add_url_rule("/articles/<slug>", "article", article)
    app.add_url_rule("/sign-in", "sign_in", sign_in)
    app.add_url_rule("/welcome", "welcome", welcome)
    app.add_url_rule("/leave", "leave", leave, methods=["POST"])
    app.add_url_rule("/pass", "give_pass", give_pass)
    app.add_url_rule("/rounds.json", "rounds", rounds)
    app.add_url_rule("/_requests.json", "requests", requests)
    return app


def front() -> ResponseReturnValue:
    """Show what the paper has today."""
    return render_template("front.html", articles=_articles().values(), votes=_copy("votes"))


def article(slug: str) -> ResponseReturnValue:
    """Show an article, as much of it as this reader may see."""
    found = _articles().get(slug)
    if found is None:
        return render_template("missing.html"), 404
    others = [one for one in _articles().values() if one.story == found.story and one is not found]
    if not _is_open(found):
        _recognise_as(may_have_joined=True)
    words = {"article": found, "others": others, "is_open": _is_open(found), "appeal": _appeal(g.reader)}
    return render_template("article.html", **words)


def sign_in() -> ResponseReturnValue:
    """Send a reader to Membership, to come back with a code."""
    door: Door = current_app.extensions["door"]
    start = door.start(_paper().url + url_for("welcome"))
    session["start"] = {"state": start.state, "verifier": start.verifier, "back": _own_path(request.args.get("back"))}
    return redirect(start.url, code=303)


def welcome() -> ResponseReturnValue:
    """Take her in if this browser asked for it, and show her what she was reading."""
    start = session.pop("start", {})
    code, state = request.args.get("code", ""), request.args.get("state", "")
    if start and secrets.compare_digest(start["state"].encode(), state.encode()) and code:
        _keep(current_app.extensions["door"].collect(code, start["verifier"]))
    return redirect(_own_path(start.get("back")), code=303)


def leave() -> ResponseReturnValue:
    """Forget her here; Membership goes on knowing her."""
    session.clear()
    return redirect(url_for("front"), code=303)


def give_pass() -> ResponseReturnValue:
    """Give the script on our pages the pass that her cookie holds, or say how to appeal to a stranger."""
    door: Door = current_app.extensions["door"]
    _recognise_as(may_have_joined=False)
    kept = session.get("reader")
    if kept is None or g.reader.is_unsure:
        return jsonify(ask=_appeal(g.reader))
    return jsonify({"pass": kept["token"], "expires_in": door.seconds_left(kept["token"])})


def rounds() -> ResponseReturnValue:
    """Tell what is voted on, as Membership tells everybody."""
    return Response(_copy("rounds") or '{"rounds": []}', content_type="application/json")


def requests() -> ResponseReturnValue:
    """Tell what Membership was asked, to whoever wants to count."""
    return jsonify(current_app.extensions["door"].requests)


def _recognise() -> None:
    g.reader = Reader()
    if request.endpoint in PAGES:
        # Whoever comes from elsewhere may come from Membership, and have joined there.
        _recognise_as(may_have_joined=request.headers.get("Sec-Fetch-Site") in FROM_ELSEWHERE)


def _recognise_as(*, may_have_joined: bool) -> None:
    door: Door = current_app.extensions["door"]
    kept = session.get("reader")
    g.reader, now_kept = door.recognise(Kept(**kept) if kept else None, may_have_joined=may_have_joined)
    _keep(now_kept)


def _is_open(found: Article) -> bool:
    return not found.is_for_members or "paywall_free" in g.reader.flags


def _keep(kept: Kept | None) -> None:
    if kept is None:
        session.pop("reader", None)
    elif session.get("reader") != asdict(kept):
        session["reader"], session.permanent = asdict(kept), True


def _appeal(reader: Reader) -> str:
    return "none" if reader.is_unsure or "no_appeals" in reader.flags else reader.ask


def _words() -> dict[str, object]:
    return {
        "reader": g.reader,
        "membership": _paper().membership,
        "here": _paper().url + request.path,
        "path": request.path,
        "day": lambda on, language: format_date(on, "d MMMM y", locale=language),
    }


def _own_path(path: str | None) -> str:
    is_own = path and path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if path and is_own else "/"


def _paper() -> Paper:
    found: Paper = current_app.extensions["paper"]
    return found


def _copy(name: str) -> str:
    copy: Copy = current_app.extensions[name]
    return copy.read()


def _articles() -> dict[str, Article]:
    found: dict[str, Article] = current_app.extensions["articles"]
    return found


def _protect(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = CSP.format(membership=_paper().membership)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "strict-origin-when-cross-origin"
    if request.endpoint != "static":
        response.headers["Cache-Control"] = "private, no-store"
    return response
