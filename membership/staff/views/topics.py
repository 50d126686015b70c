"""Topics: what waits to be judged, what is in work; each with all that is known of it."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from membership.clock import utc_now
from membership.db import session, transaction
from membership.errors import Conflict, Invalid
from membership.i18n import gettext
from membership.patrons.login import staff_only
from membership.patrons.models import Role
from membership.staff.forms import HouseForm, TopicForm
from membership.staff.rules import audit_name
from membership.staff.views.desk import bp, errors_of, tier_names
from membership.stories import service as stories
from membership.topics import service
from membership.web import status_of


@bp.get("/topics")
def list_topics() -> ResponseReturnValue:
    """Show all topics by what they wait for."""
    staff_only(Role.VIEWER)
    topics = service.list_topics(session())
    counts = service.count_supporters(session(), topics)
    return render_template("staff/topics.html", topics=topics, counts=counts, today=utc_now().date())


@bp.get("/topics/new")
def draft_topic() -> ResponseReturnValue:
    """Ask for what a topic needs."""
    staff_only(Role.EDITOR)
    return _draft_page()


@bp.post("/topics/new")
def create_topic() -> ResponseReturnValue:
    """Put a topic on the shortlist."""
    actor, form = audit_name(staff_only(Role.EDITOR)), TopicForm.parse(request.form)
    try:
        with transaction() as current:
            service.create_topic(current, form.slug, title=form.title, why=form.why, actor=actor)
    except (Invalid, Conflict) as refusal:
        return _draft_page(errors_of(refusal)), status_of(refusal)
    flash(gettext("The topic is on the shortlist."), "good")
    return redirect(url_for(".list_topics"), code=303)


def _draft_page(errors: dict[str, str] | None = None) -> str:
    return render_template("staff/topic_new.html", form=request.form, errors=errors or {})


@bp.get("/topics/<slug>")
def show_topic(slug: str) -> ResponseReturnValue:
    """Show a topic with its life, its words, who stands behind it, and what it resembles."""
    staff_only(Role.VIEWER)
    topic = service.get_topic(session(), slug)
    return render_template(
        "staff/topic.html",
        topic=topic,
        supporters=service.count_supporters(session(), [topic]).get(topic.id, 0),
        steps=service.list_steps(session(), topic),
        editions=service.list_editions(session(), topic),
        comments=service.list_comments(session(), topic),
        similar=service.find_similar(session(), topic.title["en"], but=[slug], shown_only=False),
    )


@bp.get("/topics/kept")
def show_promises() -> ResponseReturnValue:
    """Show how the newsroom kept its word, and whether voters stay."""
    staff_only(Role.VIEWER)
    voted, absent = stories.compare_stay(session(), utc_now())
    kept = stories.count_promises(session())
    return render_template("staff/promises.html", kept=kept, voted=voted, absent=absent)


@bp.get("/topics/rules")
def ask_house_rules() -> ResponseReturnValue:
    """Show what holds for suggestions and comments."""
    staff_only(Role.EDITOR)
    return _rules_page()


@bp.post("/topics/rules")
def set_house_rules() -> ResponseReturnValue:
    """Decide how much members suggest, and whether topics are discussed."""
    actor, tiers = audit_name(staff_only(Role.EDITOR)), tier_names()
    try:
        form = HouseForm.parse(request.form, tiers)
        with transaction() as current:
            service.set_house_rules(
                current,
                per_month=form.per_month,
                lists_at_once=form.lists_at_once,
                has_comments=form.has_comments,
                actor=actor,
            )
            for tier, per_month in form.per_tier.items():
                service.allow(current, tier, per_month, actor)
    except Invalid as refusal:
        return _rules_page(errors_of(refusal)), 400
    flash(gettext("The rules are kept."), "good")
    return redirect(url_for(".list_topics"), code=303)


def _rules_page(errors: dict[str, str] | None = None) -> str:
    rules = service.find_house_rules(session())
    return render_template("staff/topic_rules.html", rules=rules, tiers=tier_names(), errors=errors or {})
