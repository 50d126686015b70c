"""One payment, and the way back."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from membership.clock import utc_now
from membership.db import session, transaction
from membership.errors import GatewayFailed, Invalid
from membership.gateway.errors import GatewayRefused
from membership.i18n import gettext
from membership.money import Money
from membership.patrons.login import staff_only
from membership.patrons.models import Patron, Role
from membership.patrons.rules import masked
from membership.payments import service
from membership.payments.handlers import send_refund
from membership.payments.models import Payment
from membership.payments.service import RefundPlan
from membership.staff.forms import read_reason
from membership.staff.rules import audit_name, left_of
from membership.staff.service import list_failed_refunds_of, see_to_refunds
from membership.staff.views.desk import bp, errors_of


@bp.get("/money/payments/<receipt_number>")
def show_payment(receipt_number: str) -> ResponseReturnValue:
    """Show a payment and what was given back of it."""
    staff_only(Role.VIEWER)
    return _payment_page(receipt_number)


@bp.post("/money/payments/<receipt_number>/seen-to")
def see_to_refund(receipt_number: str) -> ResponseReturnValue:
    """Record that money whose return failed has gone back another way."""
    actor = audit_name(staff_only(Role.FINANCE))
    try:
        reason = read_reason(request.form)
    except Invalid as refusal:
        return _payment_page(receipt_number, errors_of(refusal)), 400
    with transaction() as current:
        payment = service.get_payment(current, receipt_number)
        see_to_refunds(current, payment, utc_now(), reason=reason, actor=actor)
    return redirect(url_for(".show_payment", receipt_number=receipt_number), code=303)


def _payment_page(receipt_number: str, errors: dict[str, str] | None = None) -> str:
    payment = service.get_payment(session(), receipt_number)
    refunds = service.list_refunds_of(session(), payment.id)
    shown = {
        "refunds": refunds,
        "left": left_of(payment, refunds),
        "failed": list_failed_refunds_of(session(), payment),
        "errors": errors or {},
    }
    return render_template("staff/payment.html", **shown, **_about(payment))


@bp.get("/money/payments/<receipt_number>/refund")
def consider_refund(receipt_number: str) -> ResponseReturnValue:
    """Say what a refund will do, and to whom."""
    staff_only(Role.FINANCE)
    return _refund_page(receipt_number)


@bp.post("/money/payments/<receipt_number>/refund")
def refund(receipt_number: str) -> ResponseReturnValue:
    """Give back what is left of a payment."""
    actor = audit_name(staff_only(Role.FINANCE))
    try:
        reason = read_reason(request.form)
    except Invalid as refusal:
        return _refund_page(receipt_number, errors_of(refusal)), 400
    with transaction() as current:
        plan = service.intend_refund(current, receipt_number, reason=reason, actor=actor)
    flash(*_give_back(plan))
    return redirect(url_for(".show_payment", receipt_number=receipt_number), code=303)


def _refund_page(receipt_number: str, errors: dict[str, str] | None = None) -> str:
    payment = service.get_payment(session(), receipt_number)
    left = left_of(payment, service.list_refunds_of(session(), payment.id))
    return render_template("staff/refund.html", left=left, errors=errors or {}, **_about(payment))


def _give_back(plan: RefundPlan) -> tuple[str, str]:
    try:
        send_refund(plan)
    except GatewayRefused:
        return gettext("The payment provider did not accept this refund. Nothing was given back."), "wrong"
    except GatewayFailed:
        said = gettext("The payment provider did not answer. The refund is written down and will be asked for again.")
        return said, "careful"
    return gettext("The money is on its way back, and a letter says so."), "good"


def _about(payment: Payment) -> dict[str, object]:
    patron = session().get(Patron, payment.patron_id) if payment.patron_id else None
    email = patron.email if patron else payment.donation and payment.donation.email
    fee = None if payment.fee_minor is None else Money(payment.fee_minor, payment.gross.currency)
    return {"payment": payment, "patron": patron, "payer": masked(email) if email else "", "fee": fee}
