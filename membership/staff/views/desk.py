"""What all of the newsroom's pages share."""

from collections.abc import Callable
from datetime import date
from typing import Any

from babel.dates import format_date
from babel.numbers import format_decimal
from flask import Blueprint, flash, redirect, request
from flask.typing import ResponseReturnValue as Answer

from membership.db import session
from membership.errors import Invalid, MembershipError
from membership.groups.service import count_unmanaged
from membership.i18n import current_locale, gettext
from membership.money import Money, decimal, exponent_of
from membership.offline.service import count_waiting
from membership.patrons.login import current_patron
from membership.patrons.models import Role
from membership.patrons.rules import reaches
from membership.staff import rules, service
from membership.staff.forms import read_reason
from membership.staff.words import word
from membership.tiers.service import list_tiers
from membership.topics.service import list_waiting
from membership.web import read_page, say, settings

bp = Blueprint("staff", __name__, url_prefix="/staff")


@bp.context_processor
def _page_words() -> dict[str, Any]:
    return {"may": _may, "draw": rules.draw} | _counts()


def _counts() -> dict[str, Callable[[], int]]:
    return {
        "count_groups": lambda: count_unmanaged(session()),
        "count_lines": lambda: count_waiting(session()),
        "count_parked": lambda: service.count_parked(session()),
        "count_suggestions": lambda: len(list_waiting(session())),
    }


@bp.app_template_filter("named")
def name(key: str, kind: str) -> str:
    """Say what a key of this kind is called."""
    return gettext(word(key, kind))


@bp.app_template_filter("short_month")
def short_month(month: date) -> str:
    """Write a month as short as a chart needs it."""
    return format_date(month, "LLL", locale=current_locale())


bp.add_app_template_filter(rules.article_name, "article")


@bp.app_template_filter("exact")
def exact(amount: Money) -> str:
    """Write an amount for a column of numbers: all of its digits, its currency in the head of the table."""
    digits = exponent_of(amount.currency)
    pattern = f"#,##0.{'0' * digits}" if digits else "#,##0"
    return format_decimal(decimal(amount), format=pattern, locale=current_locale())


def _may(role: str) -> bool:
    patron = current_patron()
    staff = patron.staff if patron else None
    return staff is not None and reaches(staff.role, Role(role))


def zone() -> str:
    """Return the publication's zone."""
    return settings().publication_timezone


def page_number() -> int:
    """Return which page of a list is asked for."""
    return read_page(request.args.get("page", ""))


def tier_names() -> dict[str, dict[str, str]]:
    """Return the names of all tiers by slug, texts per language."""
    return {tier.slug: tier.name for tier in list_tiers(session())}


def with_reason(show: Callable[[dict[str, str]], str], act: Callable[[str], None], words: str, where: str) -> Answer:
    """Do what needs a reason, say so and lead on; where none is written, show the page that asks for it again."""
    try:
        reason = read_reason(request.form)
    except Invalid as refusal:
        return show(errors_of(refusal)), 400
    act(reason)
    flash(words, "good")
    return redirect(where, code=303)


def errors_of(refusal: MembershipError) -> dict[str, str]:
    """Return a refusal in words, by the field that it concerns."""
    return {refusal.field or "form": say(refusal)}
