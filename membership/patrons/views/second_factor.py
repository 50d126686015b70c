"""The second factor of staff: asked for in every sign-in, connected once."""

import pyotp
import segno
from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from membership import db, web
from membership.db import transaction
from membership.errors import MembershipError
from membership.patrons import login
from membership.patrons.errors import SecondFactorWrong
from membership.patrons.forms import SecondFactorForm, next_path
from membership.patrons.models import SignIn
from membership.patrons.service import second_factor as service

bp = Blueprint("second_factor", __name__, url_prefix="/staff")


@bp.get("/second-factor")
def ask() -> ResponseReturnValue:
    """Ask for a code of her app; who has none yet connects one."""
    staff, wanted = login.staff_by_mail_alone().patron.staff, next_path(request.args, "/staff")
    if staff is None or staff.totp_confirmed_at is None:
        return redirect(url_for("second_factor.enrol", next=wanted), code=303)
    return render_template("patrons/second_factor.html", next=wanted, error="")


@bp.post("/second-factor")
def show() -> ResponseReturnValue:
    """Take the code, and give the browser a new sign-in with staff's power."""
    sign_in, form = login.staff_by_mail_alone(), SecondFactorForm.parse(request.form)
    try:
        _count_try(sign_in)
        with transaction() as session:
            token = service.pass_second_factor(session, sign_in, form.code, login.sealer())
    except MembershipError as error:
        page = render_template("patrons/second_factor.html", next=form.next_path, error=web.say(error))
        return page, web.status_of(error)
    login.keep(token)
    return web.lead_on(form.next_path)


@bp.get("/enrol")
def enrol() -> ResponseReturnValue:
    """Ask for the enrolment code."""
    login.staff_by_mail_alone()
    return render_template("patrons/enrol.html", next=next_path(request.args, "/staff"), error="")


@bp.post("/enrol")
def begin() -> ResponseReturnValue:
    """Take the enrolment code, and show the secret that her app needs."""
    sign_in, form = login.staff_by_mail_alone(), SecondFactorForm.parse(request.form)
    try:
        _count_try(sign_in)
        with transaction() as session:
            secret = service.begin_enrolment(session, sign_in.patron_id, form.enrolment, login.sealer())
    except MembershipError as error:
        return _not_enrolled(form, error)
    return _connect_page(sign_in, form, secret)


@bp.post("/enrol/connect")
def connect() -> ResponseReturnValue:
    """Take the first code of her app, and give the browser a new sign-in with staff's power."""
    sign_in, form = login.staff_by_mail_alone(), SecondFactorForm.parse(request.form)
    try:
        _count_try(sign_in)
        with transaction() as session:
            token = service.finish_enrolment(session, sign_in, form.enrolment, form.code, login.sealer())
    except SecondFactorWrong as error:
        secret = service.get_secret(db.session(), sign_in.patron_id, form.enrolment, login.sealer())
        return _connect_page(sign_in, form, secret, web.say(error)), 400
    except MembershipError as error:
        return _not_enrolled(form, error)
    login.keep(token)
    return web.lead_on(form.next_path)


def _count_try(sign_in: SignIn) -> None:
    with transaction() as session:
        service.count_try(session, sign_in.patron_id)


def _not_enrolled(form: SecondFactorForm, error: MembershipError) -> ResponseReturnValue:
    page = render_template("patrons/enrol.html", next=form.next_path, error=web.say(error))
    return page, web.status_of(error)


def _connect_page(sign_in: SignIn, form: SecondFactorForm, secret: str, error: str = "") -> str:
    address = pyotp.TOTP(secret).provisioning_uri(
        name=str(sign_in.patron.email), issuer_name=web.settings().publication_name
    )
    picture = segno.make(address, micro=False).svg_data_uri(scale=5, border=2, light="#fff")
    return render_template("patrons/connect.html", form=form, secret=secret, picture=picture, error=error)
