"""What becomes of chosen topics: assigned, published with an address, or dropped with a reason."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from membership.clock import utc_now
from membership.db import session, transaction
from membership.errors import Conflict, Invalid
from membership.i18n import gettext
from membership.patrons.login import staff_only
from membership.patrons.models import Role
from membership.staff.forms import AssignForm, read_reason
from membership.staff.rules import audit_name
from membership.staff.views.desk import bp, errors_of
from membership.topics import service
from membership.topics.models import TopicState
from membership.web import settings, status_of


@bp.get("/topics/<slug>/assign")
def ask_assignee(slug: str) -> ResponseReturnValue:
    """Ask who takes a chosen topic on."""
    staff_only(Role.EDITOR)
    return _page("staff/topic_assign.html", slug)


@bp.post("/topics/<slug>/assign")
def assign(slug: str) -> ResponseReturnValue:
    """Give a chosen topic to somebody, until a day."""
    actor, today = audit_name(staff_only(Role.EDITOR)), utc_now().date()
    try:
        form = AssignForm.parse(request.form)
        with transaction() as current:
            topic = service.get_topic(current, slug)
            is_first = topic.state is not TopicState.ASSIGNED
            service.assign(current, topic, form.assignee, form.due_on, today=today, actor=actor)
    except (Invalid, Conflict) as refusal:
        return _page("staff/topic_assign.html", slug, errors_of(refusal)), status_of(refusal)
    first = gettext("The topic is assigned; those who chose it get a letter.")
    again = gettext("The change stands in the topic's history. No letter goes again.")
    flash(first if is_first else again, "good")
    return redirect(url_for(".show_topic", slug=slug), code=303)


@bp.get("/topics/<slug>/article")
def ask_article(slug: str) -> ResponseReturnValue:
    """Ask where the article about a chosen topic is."""
    staff_only(Role.EDITOR)
    return _page("staff/article.html", slug)


@bp.post("/topics/<slug>/article")
def set_article(slug: str) -> ResponseReturnValue:
    """Tell voters where the article is, or put its address right."""
    actor = audit_name(staff_only(Role.EDITOR))
    address, elsewhere = request.form.get("article_url", "").strip(), bool(request.form.get("elsewhere"))
    try:
        with transaction() as current:
            topic = service.get_topic(current, slug)
            is_first = topic.state is not TopicState.PUBLISHED
            act = service.publish if is_first else service.correct_article
            act(current, topic, address, actor, home=settings().publication_url, elsewhere=elsewhere)
    except (Invalid, Conflict) as refusal:
        return _page("staff/article.html", slug, errors_of(refusal)), status_of(refusal)
    first = gettext("Readers now see what came of this topic.")
    again = gettext("The change stands in the topic's history. No letter goes again.")
    flash(first if is_first else again, "good")
    return redirect(url_for(".show_topic", slug=slug), code=303)


@bp.get("/topics/<slug>/drop")
def consider_dropping(slug: str) -> ResponseReturnValue:
    """Say who will read the reason."""
    staff_only(Role.EDITOR)
    return _page("staff/topic_drop.html", slug)


@bp.post("/topics/<slug>/drop")
def drop(slug: str) -> ResponseReturnValue:
    """Give up a topic that members chose."""
    actor = audit_name(staff_only(Role.EDITOR))
    try:
        reason = read_reason(request.form)
        with transaction() as current:
            service.drop(current, service.get_topic(current, slug), reason, actor)
    except (Invalid, Conflict) as refusal:
        return _page("staff/topic_drop.html", slug, errors_of(refusal)), status_of(refusal)
    flash(gettext("The topic is given up; those who chose it get a letter with the reason."), "good")
    return redirect(url_for(".show_topic", slug=slug), code=303)


def _page(template: str, slug: str, errors: dict[str, str] | None = None) -> str:
    topic = service.get_topic(session(), slug)
    return render_template(template, topic=topic, form=request.form, errors=errors or {})
