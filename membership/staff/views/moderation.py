"""Suggestions judged: shown, shortlisted, declined, merged, worded anew; comments taken down."""

from collections.abc import Callable
from functools import partial

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from membership.db import session, transaction
from membership.errors import Conflict, Invalid
from membership.i18n import gettext
from membership.patrons.login import staff_only
from membership.patrons.models import Role
from membership.staff.forms import WordsForm, read_reason
from membership.staff.rules import audit_name
from membership.staff.views.desk import bp, errors_of, with_reason
from membership.topics import service
from membership.topics.models import Topic
from membership.web import status_of

Act = Callable[[Session, Topic, str], None]


@bp.post("/topics/<slug>/list")
def list_for_members(slug: str) -> ResponseReturnValue:
    """Let members see a suggestion before it is judged."""
    return _act(slug, service.list_for_members, gettext("Members see the suggestion now."))


@bp.post("/topics/<slug>/shortlist")
def shortlist(slug: str) -> ResponseReturnValue:
    """Put a suggestion where ballots are made from."""
    return _act(slug, service.shortlist, gettext("The topic is on the shortlist."))


def _act(slug: str, act: Act, done: str) -> ResponseReturnValue:
    actor = audit_name(staff_only(Role.EDITOR))
    with transaction() as current:
        act(current, service.get_topic(current, slug), actor)
    flash(done, "good")
    return redirect(url_for(".show_topic", slug=slug), code=303)


@bp.get("/topics/<slug>/decline")
def consider_declining(slug: str) -> ResponseReturnValue:
    """Say who will read the reason."""
    staff_only(Role.EDITOR)
    return _decline_page(slug)


@bp.post("/topics/<slug>/decline")
def decline(slug: str) -> ResponseReturnValue:
    """Say no to a suggestion."""
    actor = audit_name(staff_only(Role.EDITOR))

    def act(reason: str) -> None:
        with transaction() as current:
            service.decline(current, service.get_topic(current, slug), reason, actor)

    words = gettext("The suggestion is declined; its supporters get a letter.")
    return with_reason(partial(_decline_page, slug), act, words, url_for(".list_topics"))


def _decline_page(slug: str, errors: dict[str, str] | None = None) -> str:
    return _page("staff/topic_decline.html", slug, errors)


@bp.get("/topics/<slug>/merge")
def consider_merging(slug: str) -> ResponseReturnValue:
    """Offer the topics that it may be the same as."""
    staff_only(Role.EDITOR)
    return _merge_page(slug)


@bp.post("/topics/<slug>/merge")
def merge(slug: str) -> ResponseReturnValue:
    """Make a duplicate part of another topic, its supporters too."""
    actor = audit_name(staff_only(Role.EDITOR))
    into = request.form.get("into", slug)
    try:
        with transaction() as current:
            topic = service.merge(current, service.get_topic(current, slug), into, actor)
    except (Invalid, Conflict) as refusal:
        return _merge_page(slug, errors_of(refusal)), status_of(refusal)
    flash(gettext("The topics are one now, and so are their supporters."), "good")
    return redirect(url_for(".show_topic", slug=topic.slug), code=303)


def _merge_page(slug: str, errors: dict[str, str] | None = None) -> str:
    topic = service.get_topic(session(), slug)
    similar = service.find_similar(session(), topic.title["en"], but=[slug], shown_only=False)
    others = [one for one in service.list_topics(session()) if one is not topic and one not in similar]
    counts = service.count_supporters(session(), [topic, *similar])
    return _page("staff/topic_merge.html", slug, errors, similar=similar, others=others, counts=counts)


@bp.get("/topics/<slug>/edit")
def draft_words(slug: str) -> ResponseReturnValue:
    """Show a topic's words, to be put better."""
    staff_only(Role.EDITOR)
    return _page("staff/topic_edit.html", slug)


@bp.post("/topics/<slug>/edit")
def edit(slug: str) -> ResponseReturnValue:
    """Word a topic anew, and keep how it was worded."""
    actor = audit_name(staff_only(Role.EDITOR))
    try:
        form = WordsForm.parse(request.form)
        with transaction() as current:
            topic, is_shown = service.get_topic(current, slug), not request.form.get("hides")
            service.edit(current, topic, form.words, reason=form.reason, actor=actor, is_shown=is_shown)
    except (Invalid, Conflict) as refusal:
        return _page("staff/topic_edit.html", slug, errors_of(refusal)), status_of(refusal)
    flash(gettext("The new words are kept, and the old ones too."), "good")
    return redirect(url_for(".show_topic", slug=slug), code=303)


@bp.get("/topics/comments/<int:comment_id>/hide")
def consider_hiding(comment_id: int) -> ResponseReturnValue:
    """Say what will stand in the place of a comment."""
    staff_only(Role.EDITOR)
    return _hide_page(comment_id)


@bp.post("/topics/comments/<int:comment_id>/hide")
def hide_comment(comment_id: int) -> ResponseReturnValue:
    """Take a comment down."""
    actor = audit_name(staff_only(Role.EDITOR))
    try:
        reason = read_reason(request.form)
    except Invalid as refusal:
        return _hide_page(comment_id, errors_of(refusal)), 400
    with transaction() as current:
        topic = service.hide_comment(current, comment_id, reason, actor)
    flash(gettext("The comment is taken down."), "good")
    return redirect(url_for(".show_topic", slug=topic.slug), code=303)


def _hide_page(comment_id: int, errors: dict[str, str] | None = None) -> str:
    topic, comment = service.get_comment(session(), comment_id)
    return render_template("staff/comment_hide.html", topic=topic, comment=comment, errors=errors or {})


def _page(template: str, slug: str, errors: dict[str, str] | None = None, **more: object) -> str:
    topic = service.get_topic(session(), slug)
    return render_template(template, topic=topic, form=request.form, errors=errors or {}, **more)
