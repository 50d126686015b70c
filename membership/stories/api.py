"""For the publication and for anybody: rounds, topics, news and a piece of a page; no cookie, nothing of any person."""

from typing import Any

from flask import Blueprint, Response, current_app, jsonify, request
from flask.typing import ResponseReturnValue

from membership import i18n
from membership.clock import utc_now
from membership.db import session
from membership.openapi import Parameter, described
from membership.stories import feeds, service
from membership.stories.answers import RoundsTold, TopicsTold
from membership.topics import service as topics
from membership.voting import service as voting
from membership.web import settings

bp = Blueprint("stories_api", __name__, url_prefix="/api/v1")
SECONDS = 60
ATOM, HTML = "application/atom+xml", "text/html"
LANG = {"lang": Parameter("The language: en or uk.")}


@bp.get("/rounds")
@described("Rounds", tag="Votes", gives=RoundsTold)
def list_rounds() -> ResponseReturnValue:
    """List the rounds that everybody may know of."""
    now, rounds = utc_now(), voting.list_announced_rounds(session())
    return _public(jsonify(rounds=[feeds.describe_round(round, _base(), now) for round in rounds]))


@bp.get("/topics")
@described("Topics", tag="Votes", gives=TopicsTold)
def list_topics() -> ResponseReturnValue:
    """List the topics that everybody may see."""
    found = topics.list_shown(session())
    counts = topics.count_supporters(session(), found)
    return _public(jsonify(topics=[feeds.describe_topic(topic, counts, _base()) for topic in found]))


@bp.get("/feed.atom")
@described("What happened, as a feed", tag="Votes", gives=ATOM, parameters=LANG)
def feed() -> ResponseReturnValue:
    """Tell what happened, as Atom; `lang` chooses the language."""
    language = _language()
    with i18n.speaking(language, settings().publication_timezone):
        rounds, stories = voting.list_announced_rounds(session()), service.list_stories(session())
        entries = feeds.list_entries(rounds, stories, _base())
        title = i18n.gettext("%(publication)s: what members choose", publication=settings().publication_name)
    here = f"{_base()}{request.path}?lang={language}"
    written = feeds.write_atom(entries, title=title, base=_base(), here=here, language=language)
    return _public(Response(written, content_type=f"{ATOM}; charset=utf-8"))


@bp.get("/embed/votes")
@described("Votes as a piece of a page", tag="Votes", gives=HTML, parameters=LANG)
def embed() -> ResponseReturnValue:
    """Give the open votes and the latest result as a piece of a page, to be put into a page of the publication."""
    now, language = utc_now(), _language()
    rounds = voting.list_announced_rounds(session())
    closed = [round for round in rounds if round.published_at]
    with i18n.speaking(language, settings().publication_timezone):
        words = _render(
            language=language,
            base=_base(),
            taking=[round for round in rounds if round.is_taking(now)],
            latest=closed[0] if closed else None,
        )
    return _public(Response(words, content_type=f"{HTML}; charset=utf-8"))


def _render(**words: Any) -> str:
    # Without what pages know of who is asking: this is the same for everybody, and caches keep it.
    return current_app.jinja_env.get_template("stories/embed.html").render(words)


def _language() -> str:
    asked = request.args.get("lang", "")
    return asked if asked in i18n.LOCALES else i18n.DEFAULT_LOCALE


def _base() -> str:
    return settings().public_url.rstrip("/")


def _public(response: Response) -> ResponseReturnValue:
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.cache_control.public, response.cache_control.max_age = True, SECONDS
    response.add_etag()
    return response.make_conditional(request)
