"""What banks do to payments: dispute them, warn of them, send refunds and payouts back; and the account's terms."""

from dataclasses import asdict
from typing import Any

from flask import jsonify
from flask.typing import ResponseReturnValue

from membership.sandbox.billing import balance, debiting, disputing, refunding
from membership.sandbox.control.asking import bp, done, given, word_of
from membership.sandbox.errors import ApiError, InvalidParam
from membership.sandbox.hosted import world
from membership.sandbox.objects.balance import TYPES
from membership.sandbox.objects.disputes import NETWORK_CODES
from membership.sandbox.store import Object
from membership.sandbox.terms import Outcome, Payouts, Terms
from membership.sandbox.wire import integer

VERDICTS = ("won", "lost", "warning_closed")


@bp.get("/terms")
def terms() -> ResponseReturnValue:
    """Tell how the account is set up."""
    return jsonify(asdict(world().terms))


@bp.post("/terms")
def change_terms() -> ResponseReturnValue:
    """Change how the account is set up; what is not named stays."""
    asked = given()
    with world().lock:
        kept = asdict(world().terms)
        if unknown := asked.keys() - kept.keys():
            raise InvalidParam(f"The account has no such term: {', '.join(sorted(unknown))}")
        word_of(Payouts, asked.get("payouts", Payouts.DAILY), "payouts")
        word_of(Outcome, asked.get("refunds", Outcome.SUCCEED), "refunds")
        world().terms = Terms.from_kept(kept | asked)
        balance.plan_all(world())
        world().changes += 1
        return done(asdict(world().terms))


@bp.post("/charges/<id>/dispute")
def dispute(id: str) -> ResponseReturnValue:
    """Let a buyer dispute a charge, in part if an amount is given; `inquiry` only asks."""
    asked = given()
    with world().lock:
        charge = _charge_of_a_card(id)
        amount = _amount(asked, charge["amount"] - disputing.held_of(world(), charge))
        reason = word_of(NETWORK_CODES, asked.get("reason", "fraudulent"), "reason")
        found = disputing.start(world(), charge, amount=amount, reason=reason, is_inquiry=_is_on(asked, "inquiry"))
        return _changed(found)


@bp.post("/charges/<id>/send_back")
def send_back(id: str) -> ResponseReturnValue:
    """Let a bank send back a debit that was paid."""
    code = word_of(debiting.REASONS, given().get("code", "insufficient_funds"), "code")
    with world().lock:
        charge = _charge(id)
        if not debiting.can_be_sent_back(charge):
            raise ApiError("Only a bank debit that was paid and neither disputed nor refunded can come back.")
        debiting.send_back(world(), charge, debiting.REASONS[code])
        return _changed(charge)


@bp.post("/charges/<id>/warn")
def warn(id: str) -> ResponseReturnValue:
    """Let a bank warn that a charge is fraud."""
    fraud_type = word_of(disputing.FRAUD_TYPES, given().get("fraud_type", "made_with_stolen_card"), "fraud_type")
    with world().lock:
        return _changed(disputing.warn(world(), _charge_of_a_card(id), fraud_type))


@bp.post("/disputes/<id>/close")
def close(id: str) -> ResponseReturnValue:
    """Let a bank decide a dispute, or drop its inquiry."""
    status = word_of(VERDICTS, given().get("status"), "status")
    with world().lock:
        found = world().store.get("dispute", id)
        if found["status"] not in (disputing.INQUIRIES if status == "warning_closed" else disputing.OPEN):
            raise ApiError(f"This dispute is {found['status']} and cannot be {status}.", param="status")
        disputing.close(world(), found, status)
        return _changed(found)


@bp.post("/disputes/<id>/escalate")
def escalate(id: str) -> ResponseReturnValue:
    """Let an inquiry become a dispute."""
    with world().lock:
        found = world().store.get("dispute", id)
        if found["status"] not in disputing.INQUIRIES:
            raise ApiError(f"This dispute is {found['status']}; only an inquiry can become a dispute.")
        disputing.escalate(world(), found)
        return _changed(found)


@bp.post("/refunds/<id>/fail")
def fail_refund(id: str) -> ResponseReturnValue:
    """Let a bank send a refund back."""
    reason = word_of(sorted(refunding.REASONS), given().get("reason", "lost_or_stolen_card"), "reason")
    with world().lock:
        refund = _refund(id, {"pending", "succeeded"})
        refunding.fail(world(), refund, reason)
        return _changed(refund)


@bp.post("/refunds/<id>/succeed")
def succeed_refund(id: str) -> ResponseReturnValue:
    """Let a pending refund arrive."""
    with world().lock:
        refund = _refund(id, {"pending"})
        refunding.succeed_due(world(), id)
        return _changed(refund)


@bp.post("/payouts/<id>/fail")
def fail_payout(id: str) -> ResponseReturnValue:
    """Let a bank send a payout back, before or after it arrived."""
    code = word_of(balance.REASONS, given().get("code", "account_closed"), "code")
    with world().lock:
        payout = world().store.get("payout", id)
        if payout["status"] in {"canceled", "failed"}:
            raise ApiError(f"This payout is {payout['status']}.")
        balance.fail(world(), payout, code)
        return _changed(payout)


@bp.post("/movements")
def move() -> ResponseReturnValue:
    """Book what nothing else in the sandbox makes: a fee of Stripe's, a top-up, a reserve; negative amounts leave."""
    asked = given()
    category = word_of(TYPES, asked.get("category"), "category")
    amount, currency = integer(asked.get("amount", ""), "amount"), str(asked.get("currency", "eur"))
    with world().lock:
        worth = balance.worth(world(), amount, currency)
        return _changed(balance.book(world(), worth, category, description=asked.get("description")))


def _charge(id: str) -> Object:
    intent = world().store.find("payment_intent", id) or {"latest_charge": id}
    charge = world().store.get("charge", intent["latest_charge"] or id)
    if not charge["paid"]:
        raise ApiError(f"{charge['id']} was never paid.")
    return charge


def _charge_of_a_card(id: str) -> Object:
    charge = _charge(id)
    if charge["payment_method_details"]["type"] != "card":
        raise ApiError("Card networks dispute what cards have paid; a bank debit comes back.")
    return charge


def _refund(id: str, statuses: set[str]) -> Object:
    refund = world().store.get("refund", id)
    if refund["status"] not in statuses:
        raise ApiError(f"This refund is {refund['status']}.")
    return refund


def _amount(asked: dict[str, Any], left: int) -> int:
    amount = integer(asked.get("amount", left), "amount")
    if not 0 < amount <= left:
        raise ApiError(f"At most {left} of this charge can be disputed.", param="amount")
    return amount


def _is_on(asked: dict[str, Any], name: str) -> bool:
    return str(asked.get(name, "")).lower() in {"true", "1", "on"}


def _changed(thing: Object) -> ResponseReturnValue:
    world().changes += 1
    return done(thing)
