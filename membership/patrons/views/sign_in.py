"""Signing in by letter, and out."""

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from membership import db, web
from membership.db import transaction
from membership.errors import Invalid
from membership.i18n import LOCALES, gettext
from membership.patrons import login
from membership.patrons.errors import CodeWrong, LinkUnknown
from membership.patrons.forms import AskForm, next_path
from membership.patrons.models import Patron, SignInLink
from membership.patrons.rules import hash_of, is_same, masked
from membership.patrons.service import links, sign_ins

bp = Blueprint("sign_in", __name__)


@bp.get("/sign-in")
def ask() -> ResponseReturnValue:
    """Ask for the address to which the letter goes."""
    wanted = next_path(request.args, "/account")
    if (said := request.args.get("lang")) in LOCALES:
        # Kept, for the forms that follow lead through pages whose addresses do not say it.
        session["locale"] = said
    if login.current_patron():
        return web.lead_on(wanted)
    return render_template("patrons/ask.html", next=wanted, email="", error="")


@bp.post("/sign-in")
def request_letter() -> ResponseReturnValue:
    """Have a letter written, and answer alike whether or not there is an account."""
    try:
        form = AskForm.parse(request.form)
    except Invalid as error:
        wanted, typed = next_path(request.form, "/account"), request.form.get("email", "")
        return render_template("patrons/ask.html", next=wanted, email=typed, error=web.say(error)), 400
    with transaction() as current:
        login.ask_letter(current, form.email, form.next_path)
    return redirect(url_for("sign_in.type_code"), code=303)


@bp.get("/sign-in/code")
def type_code() -> ResponseReturnValue:
    """Say that a letter is on its way, and take the code from it."""
    return render_template("patrons/code.html", error="")


@bp.post("/sign-in/code")
def enter_by_code() -> ResponseReturnValue:
    """Sign in by the code, in the browser that asked for it."""
    try:
        return _enter_by_code(links.get_asked_link(db.session(), login.browser_hash()))
    except (CodeWrong, LinkUnknown):
        # One answer whether the code was wrong, too late, or no letter was written at all: it tells no address apart.
        return render_template("patrons/code.html", error=gettext(CodeWrong.message)), 400


@bp.get("/sign-in/<token>")
def open_link(token: str) -> ResponseReturnValue:
    """Show what the link is for, and do nothing: mail scanners open links, too."""
    return _link_page(token, links.get_link(db.session(), token))


@bp.post("/sign-in/<token>")
def enter_by_link(token: str) -> ResponseReturnValue:
    """Sign in by the link; in another browser than the one that asked, only together with the code."""
    link = links.get_link(db.session(), token)
    if _is_asking_browser(link):
        with transaction() as current:
            return _enter(current, links.enter_by_link(current, link), link)
    try:
        return _enter_by_code(link)
    except Invalid as error:
        return _link_page(token, link, web.say(error)), 400


@bp.post("/sign-out")
def leave() -> ResponseReturnValue:
    """Sign this browser out."""
    sign_in = login.current_sign_in()
    if sign_in:
        with transaction() as current:
            sign_ins.end(current, sign_in.id)
    return _left(gettext("You are signed out."))


@bp.post("/sign-out/everywhere")
def leave_everywhere() -> ResponseReturnValue:
    """Sign out every browser in which she is signed in."""
    patron = login.signed_in()
    with transaction() as current:
        sign_ins.end_all(current, patron.id)
    return _left(gettext("You are signed out in every browser."))


@bp.errorhandler(LinkUnknown)
def say_gone(error: LinkUnknown) -> ResponseReturnValue:
    """Tell the way on when a way in is used, expired, replaced or never was."""
    return render_template("patrons/gone.html"), 410


def _enter_by_code(link: SignInLink) -> ResponseReturnValue:
    with transaction() as current:
        links.count_attempt(current, link)
    with transaction() as current:
        return _enter(current, links.enter_by_code(current, link, request.form.get("code", "")), link)


def _enter(current: Session, token: str, link: SignInLink) -> ResponseReturnValue:
    # The browser forgets the sign-in that it had; nobody else may go on with it.
    if before := login.current_sign_in():
        sign_ins.end(current, before.id)
    login.keep(token)
    return web.lead_on(login.path_behind(link))


def _left(words: str) -> ResponseReturnValue:
    login.forget()
    flash(words, "good")
    return redirect("/", code=303)


def _link_page(token: str, link: SignInLink, error: str = "") -> str:
    patron = db.session().get_one(Patron, link.patron_id)
    needs_code = not _is_asking_browser(link)
    account = masked(str(patron.email))
    return render_template("patrons/link.html", token=token, account=account, needs_code=needs_code, error=error)


def _is_asking_browser(link: SignInLink) -> bool:
    return "browser" in session and is_same(hash_of(session["browser"]), link.browser_hash)
