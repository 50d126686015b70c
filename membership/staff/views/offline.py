"""Money that comes past Stripe: entered by hand, or read from the bank's files and decided line by line."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from membership.audit.service import note
from membership.db import session, transaction
from membership.donations.models import Method
from membership.errors import Conflict, Invalid
from membership.i18n import current_locale, gettext
from membership.offline import service
from membership.offline.forms import read_donor, read_gift
from membership.patrons.login import staff_only
from membership.patrons.models import Role
from membership.staff.forms import read_reason
from membership.staff.rules import audit_name
from membership.staff.views.desk import bp, errors_of, zone
from membership.web import settings, status_of

BY_HAND = [method.value for method in Method if method is not Method.STRIPE]


@bp.get("/money/offline")
def ask_offline() -> ResponseReturnValue:
    """Ask for a gift that came past Stripe."""
    staff_only(Role.FINANCE)
    return _gift_page()


@bp.post("/money/offline")
def enter_offline() -> ResponseReturnValue:
    """Enter a gift that came past Stripe."""
    actor = audit_name(staff_only(Role.FINANCE))
    try:
        draft = read_gift(request.form, zone())
        with transaction() as current:
            payment = service.enter(current, draft)
            note(current, actor=actor, action="offline.entered", subject=payment.receipt_number)
    except Invalid as refusal:
        return _gift_page(errors_of(refusal)), 400
    flash(gettext("The gift is entered, and its receipt is on its way."), "good")
    return redirect(url_for(".show_payment", receipt_number=payment.receipt_number), code=303)


def _gift_page(errors: dict[str, str] | None = None) -> str:
    shown = {"methods": BY_HAND, "currency": settings().default_currency}
    return render_template("staff/offline.html", form=request.form, errors=errors or {}, **shown)


@bp.get("/money/bank")
def show_bank() -> ResponseReturnValue:
    """Show what came in by bank and waits for somebody to decide."""
    staff_only(Role.FINANCE)
    return _bank_page()


@bp.post("/money/bank")
def import_bank_file() -> ResponseReturnValue:
    """Read a file of the bank, all of it or nothing."""
    actor = audit_name(staff_only(Role.FINANCE))
    file = request.files.get("file")
    try:
        with transaction() as current:
            found = service.take_statement(current, file.read() if file else b"", file.filename or "" if file else "")
            note(current, actor=actor, action="bank_file.read", subject="bank", new=found.new, known=found.known)
    except (Invalid, Conflict) as refusal:
        return _bank_page(errors_of(refusal)), status_of(refusal)
    flash(gettext("New lines: %(new)s. Known already: %(known)s.", new=found.new, known=found.known), "good")
    return redirect(url_for(".show_bank"), code=303)


@bp.post("/money/bank/matched")
def accept_matched() -> ResponseReturnValue:
    """Book every line that names its patron's reference."""
    actor = audit_name(staff_only(Role.FINANCE))
    with transaction() as current:
        booked = service.accept_matched(current, actor=actor)
    flash(gettext("Booked: %(booked)s.", booked=booked), "good")
    return redirect(url_for(".show_bank"), code=303)


@bp.get("/money/bank/<int:line_id>")
def show_line(line_id: int) -> ResponseReturnValue:
    """Show a line, and what can be decided about it."""
    staff_only(Role.FINANCE)
    return _line_page(line_id)


@bp.post("/money/bank/<int:line_id>")
def decide_line(line_id: int) -> ResponseReturnValue:
    """Accept the match of a line, say whose it is, or that it is no gift."""
    actor = audit_name(staff_only(Role.FINANCE))
    try:
        _decide(line_id, actor)
    except (Invalid, Conflict) as refusal:
        return _line_page(line_id, errors_of(refusal)), status_of(refusal)
    flash(gettext("Decided."), "good")
    return redirect(url_for(".show_bank"), code=303)


def _decide(line_id: int, actor: str) -> None:
    act = request.form.get("act")
    with transaction() as current:
        if act == "accept":
            service.accept(current, line_id, actor=actor)
        elif act == "assign":
            service.assign(current, line_id, read_donor(request.form), locale=current_locale(), actor=actor)
        else:
            service.reject(current, line_id, reason=read_reason(request.form), actor=actor)


def _bank_page(errors: dict[str, str] | None = None) -> str:
    lines = service.list_lines(session())
    certain = sum(line.match.value == "reference" for line in lines)
    account = service.our_account(session())
    return render_template("staff/bank.html", lines=lines, certain=certain, account=account, errors=errors or {})


def _line_page(line_id: int, errors: dict[str, str] | None = None) -> str:
    line = service.get_line(session(), line_id)
    return render_template("staff/bank_line.html", line=line, errors=errors or {})
