"""Topics as readers see them: suggested, supported, followed, talked about, and what became of each."""

from collections.abc import Callable, Mapping

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from membership.clock import utc_now
from membership.db import session, transaction
from membership.errors import Invalid, MembershipError
from membership.i18n import current_locale, gettext
from membership.patrons.login import current_patron, signed_in
from membership.patrons.models import Patron
from membership.topics import service
from membership.topics.errors import EnoughSuggested, TooManyComments
from membership.topics.forms import is_from_a_robot, read_suggestion, read_title
from membership.topics.models import Topic, TopicState
from membership.topics.service.comments import is_discussed
from membership.web import say, settings, status_of

bp = Blueprint("topics", __name__)
Change = Callable[[Session, Topic, Patron], Topic]
CHANGES: Mapping[str, Change] = {
    "support": service.support,
    "withdraw": service.withdraw_support,
    "follow": service.follow,
    "unfollow": service.unfollow,
}


@bp.get("/topics")
def browse() -> ResponseReturnValue:
    """Show what members suggested, and what the newsroom works on."""
    topics, patron = service.list_shown(session()), current_patron()
    return render_template(
        "topics/list.html",
        topics=topics,
        counts=service.count_supporters(session(), topics),
        own=service.list_own(session(), patron) if patron else [],
    )


@bp.get("/topics/suggest")
def ask() -> ResponseReturnValue:
    """Ask for a title first, then show what is there already, then ask for the rest."""
    patron, now = signed_in(), utc_now()
    if refusal := service.find_refusal(session(), patron, now):
        return render_template("topics/suggest.html", refusal=say(refusal)), status_of(refusal)
    return _suggest_page(patron, request.args)


@bp.get("/topics/similar")
def list_similar() -> ResponseReturnValue:
    """Show, as a piece of a page, what a title resembles; for the form, while it is filled in."""
    similar = service.find_similar(session(), read_title(request.args))
    counts = service.count_supporters(session(), similar)
    response = Response(render_template("topics/similar.html", similar=similar, counts=counts))
    response.cache_control.private, response.cache_control.max_age = True, 60
    return response


@bp.post("/topics/suggest")
def suggest() -> ResponseReturnValue:
    """Take a suggestion."""
    patron = signed_in()
    if is_from_a_robot(request.form):
        return redirect(url_for(".browse"), code=303)
    try:
        suggestion = read_suggestion(request.form, current_locale())
        with transaction() as current:
            topic = service.suggest(current, patron, suggestion, utc_now())
    except (Invalid, EnoughSuggested) as refusal:
        return _suggest_page(patron, request.form, refusal), status_of(refusal)
    flash(gettext("Thank you. We read every suggestion and will write to you what became of yours."), "good")
    return redirect(url_for(".show", slug=topic.slug), code=303)


@bp.get("/topics/<slug>")
def show(slug: str) -> ResponseReturnValue:
    """Show a topic, what became of it, and what is said about it; of a merged one, the one that it became."""
    topic = service.get_shown_topic(session(), slug, current_patron())
    if topic.state is TopicState.MERGED and topic.merged_into is not None:
        return redirect(url_for(".show", slug=topic.merged_into.slug), code=301)
    return _topic_page(topic)


@bp.post("/topics/<slug>/<any(support, withdraw, follow, unfollow):change>")
def take_part(slug: str, change: str) -> ResponseReturnValue:
    """Support or follow a topic, or no more."""
    patron = signed_in()
    with transaction() as current:
        topic = service.get_shown_topic(current, slug, patron)
        topic = CHANGES[change](current, topic, patron)
    return redirect(url_for(".show", slug=topic.slug), code=303)


@bp.post("/topics/<slug>/comments")
def comment(slug: str) -> ResponseReturnValue:
    """Take a member's words about a topic."""
    patron = signed_in()
    text, signed_as = request.form.get("text", ""), request.form.get("signed_as", "")
    try:
        with transaction() as current:
            topic = service.get_shown_topic(current, slug, patron)
            service.check_signature(patron, signed_as, settings().publication_name)
            said = service.comment(current, topic, patron, text, signed_as, utc_now())
    except (Invalid, TooManyComments) as refusal:
        return _topic_page(service.get_shown_topic(session(), slug, patron), refusal), status_of(refusal)
    return redirect(url_for(".show", slug=topic.slug, _anchor=f"comment-{said.id}"), code=303)


def _suggest_page(patron: Patron, fields: Mapping[str, str], refusal: MembershipError | None = None) -> str:
    title = read_title(fields)
    similar = service.find_similar(session(), title)
    return render_template(
        "topics/suggest.html",
        form=fields,
        title=title,
        similar=similar,
        counts=service.count_supporters(session(), similar),
        left=service.left_this_month(session(), patron, utc_now()),
        errors={refusal.field or "form": say(refusal)} if refusal else {},
    )


def _topic_page(topic: Topic, refusal: MembershipError | None = None) -> str:
    return render_template(
        "topics/topic.html",
        topic=topic,
        standing=service.standing_of(session(), topic, current_patron()),
        supporters=service.count_supporters(session(), [topic]).get(topic.id, 0),
        steps=service.list_steps(session(), topic),
        editions=service.list_editions(session(), topic),
        comments=service.list_comments(session(), topic),
        is_discussed=is_discussed(session(), topic),
        form=request.form,
        error=say(refusal) if refusal else "",
        is_name_wrong=bool(refusal and refusal.field == "signed_as"),
    )
