"""The doors that a reader's browser comes to with her cookie: hand-over, pass for our parent domain, forward-auth."""

from urllib.parse import quote, urlencode

from flask import Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from membership.access import service
from membership.access.answers import PassTold
from membership.access.api.passes import mint_pass, pass_response
from membership.access.forms import HandoverForm
from membership.access.rules import Decision
from membership.access.views.desk import asking_page, bp, decide_about, for_page, is_of_a_site
from membership.clock import utc_now
from membership.db import session, transaction
from membership.i18n import gettext
from membership.openapi import By, Parameter, described
from membership.patrons.login import current_patron
from membership.patrons.models import Patron
from membership.patrons.neighbours import patron_beside
from membership.web import problem, public_url, settings

FLAG = {
    "flag": Parameter("A flag that she needs; may stand several times."),
    "open": Parameter("1 lets everybody through, known or not."),
}
VERDICTS = {401: "Nobody is signed in.", 403: "She lacks a flag."}


@bp.get("/access/handover")
def hand_over() -> ResponseReturnValue:
    """Bring a signed-in reader back to a site with a one-time code; ask others to sign in first."""
    form = HandoverForm.parse(request.args)
    site = service.get_site(session(), form.site)
    service.check_return(site, form.return_url)
    patron = current_patron()
    if patron is None:
        return _back(form, error="login_required") if form.is_silent else _sign_in_first()
    with transaction() as current:
        code = service.open_handover(current, site, patron.id, challenge=form.challenge, now=utc_now())
    return _back(form, code=code)


@bp.get("/access/back")
def go_back() -> ResponseReturnValue:
    """Bring a reader back to the page of a registered site that she came from; home from any other address."""
    wanted = request.args.get("to", "")
    return redirect(wanted if is_of_a_site(wanted) else settings().publication_url, code=303)


@bp.get("/access/pass", provide_automatic_options=False)
@described("The pass of whoever reads the page that asks", tag="Passes", by=By.READER, gives=PassTold)
def give_pass() -> ResponseReturnValue:
    """For pages on our own parent domain, from a registered origin, asked with credentials."""
    site, patron = asking_page(), current_patron()
    decision = decide_about(patron)
    if patron is None:
        return for_page(problem(401, "SignInNeeded", gettext("Please sign in first."), ask=decision.ask))
    with transaction() as current:
        subject = service.subject_of(current, site.id, patron.id)
    return for_page(pass_response(mint_pass(site.audience, subject, decision)))


@bp.route("/access/pass", methods=["OPTIONS"])
@bp.route("/access/later", methods=["OPTIONS"])
def let_page_ask() -> ResponseReturnValue:
    """Tell a browser that the page of a registered site may ask with her cookie."""
    asking_page()
    response = for_page(Response(status=204))
    response.headers |= {
        "Access-Control-Allow-Methods": "GET, POST",
        "Access-Control-Allow-Headers": "Content-Type",
        "Access-Control-Max-Age": "600",
    }
    return response


@bp.get("/access/verify")
@described("Whether a proxy lets this reader through", tag="Access", by=By.READER, parameters=FLAG, statuses=VERDICTS)
def verify() -> ResponseReturnValue:
    """Tell a proxy whether to let a reader through: `?flag=` names the flags she needs, all of them.

    With `?open=1` everybody is let through, and the headers alone tell who it is. Some proxies show a refusal's body
    to the reader, so to a browser it says what she can do.
    """
    patron = current_patron() or patron_beside()
    decision = decide_about(patron)
    verdict = _verdict(patron, decision)
    response = make_response("" if verdict == 204 else _closed(patron), verdict)
    response.headers |= {
        "X-Membership-State": decision.state,
        "X-Membership-Ask": decision.ask,
        "X-Membership-Tier": decision.tier or "",
        "X-Membership-Flags": ",".join(sorted(decision.flags)),
    }
    response.vary.update(["Cookie", "Accept"])
    return response


def _closed(patron: Patron | None) -> str:
    if "text/html" not in request.headers.get("Accept", ""):
        return ""
    ways = {"sign_in": "sign_in.ask", "support": "support.ask", "account": "account.show"}
    addresses = {name: public_url(endpoint) for name, endpoint in ways.items()}
    return render_template("access/closed.html", is_known=patron is not None, **addresses)


def _verdict(patron: Patron | None, decision: Decision) -> int:
    if request.args.get("open") == "1":
        return 204
    if patron is None:
        return 401
    return 204 if decision.flags.issuperset(request.args.getlist("flag")) else 403


def _back(form: HandoverForm, **answer: str) -> ResponseReturnValue:
    return redirect(f"{form.return_url}?{urlencode(answer | {'state': form.state})}", code=303)


def _sign_in_first() -> ResponseReturnValue:
    here = f"{request.path}?{urlencode(list(request.args.items(multi=True)), quote_via=quote)}"
    return redirect(url_for("sign_in.ask", next=here), code=303)
