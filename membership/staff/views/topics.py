"""Topics: brought onto the shortlist, answered with an article."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from membership.db import session, transaction
from membership.errors import Conflict, Invalid
from membership.i18n import gettext
from membership.patrons.login import staff_only
from membership.patrons.models import Role
from membership.staff.forms import TopicForm
from membership.staff.rules import audit_name
from membership.staff.views.desk import bp, errors_of
from membership.voting import service
from membership.web import status_of


@bp.get("/votes/topics/new")
def draft_topic() -> ResponseReturnValue:
    """Ask for what a topic needs."""
    staff_only(Role.EDITOR)
    return _topic_page()


@bp.post("/votes/topics/new")
def create_topic() -> ResponseReturnValue:
    """Put a topic on the shortlist."""
    actor, form = audit_name(staff_only(Role.EDITOR)), TopicForm.parse(request.form)
    try:
        with transaction() as current:
            service.create_topic(current, form.slug, title=form.title, why=form.why, actor=actor)
    except (Invalid, Conflict) as refusal:
        return _topic_page(errors_of(refusal)), status_of(refusal)
    flash(gettext("The topic is on the shortlist."), "good")
    return redirect(url_for(".list_votes"), code=303)


def _topic_page(errors: dict[str, str] | None = None) -> str:
    return render_template("staff/topic_new.html", form=request.form, errors=errors or {})


@bp.get("/votes/topics/<slug>/article")
def ask_article(slug: str) -> ResponseReturnValue:
    """Ask where the article about a chosen topic is."""
    staff_only(Role.EDITOR)
    return _article_page(slug)


@bp.post("/votes/topics/<slug>/article")
def set_article(slug: str) -> ResponseReturnValue:
    """Tell voters where the article is."""
    actor = audit_name(staff_only(Role.EDITOR))
    address = request.form.get("article_url", "").strip()
    try:
        with transaction() as current:
            service.set_outcome(current, service.get_topic(current, slug), address, actor)
    except Invalid as refusal:
        return _article_page(slug, errors_of(refusal)), 400
    flash(gettext("Readers now see what came of this topic."), "good")
    return redirect(url_for(".list_votes"), code=303)


def _article_page(slug: str, errors: dict[str, str] | None = None) -> str:
    topic = service.get_topic(session(), slug)
    return render_template("staff/article.html", topic=topic, form=request.form, errors=errors or {})
