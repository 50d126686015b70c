"""What buyers say to their banks: warnings of fraud, inquiries that move no money, disputes that take it back."""

from membership.sandbox.billing import balance
from membership.sandbox.objects import disputes
from membership.sandbox.objects.balance import DAY, Worth
from membership.sandbox.store import Object
from membership.sandbox.world import World

ANSWERED_WITHIN = 9 * DAY
DECIDED_AFTER = 60 * DAY
DECIDED_AT_ONCE = 60
# Evidence in these words decides a dispute in test mode: https://docs.stripe.com/testing#disputes
WORDS = {"winning_evidence": "won", "losing_evidence": "lost"}
OPEN = frozenset({"needs_response", "under_review"})
INQUIRIES = frozenset({"warning_needs_response", "warning_under_review"})
FRAUD_TYPES = (
    "card_never_received",
    "fraudulent_card_application",
    "made_with_counterfeit_card",
    "made_with_lost_card",
    "made_with_stolen_card",
    "misc",
    "unauthorized_use_of_card",
)


def start(world: World, charge: Object, *, amount: int, reason: str, is_inquiry: bool = False) -> Object:
    """Let a bank dispute a charge or part of it, or only ask about it."""
    status = "warning_needs_response" if is_inquiry else "needs_response"
    due_by = world.now() + ANSWERED_WITHIN
    dispute = disputes.dispute(world, charge, amount=amount, reason=reason, status=status, due_by=due_by)
    world.store.add(dispute)
    charge["disputed"] = True
    world.agenda.plan(due_by, "dispute_due", dispute["id"])
    if not is_inquiry:
        _withdraw(world, dispute)
    world.emit("charge.dispute.created", dispute)
    if not is_inquiry:
        world.emit("charge.dispute.funds_withdrawn", dispute)
    _settle_warnings(world, charge)
    return dispute


def escalate(world: World, dispute: Object) -> None:
    """Let an inquiry become a dispute."""
    due_by = world.now() + ANSWERED_WITHIN
    with world.changing("charge.dispute.updated", dispute):
        dispute |= {"is_charge_refundable": False, "status": "needs_response"}
        dispute["evidence_details"]["due_by"] = due_by
        dispute["payment_method_details"]["card"]["case_type"] = "chargeback"
        _withdraw(world, dispute)
    world.agenda.plan(due_by, "dispute_due", dispute["id"])
    world.emit("charge.dispute.funds_withdrawn", dispute)


def respond(world: World, dispute: Object, evidence: Object, *, is_submitted: bool) -> None:
    """Keep evidence, and send it to the bank unless it is only a draft."""
    details = dispute["evidence_details"]
    with world.changing("charge.dispute.updated", dispute):
        dispute["evidence"] |= evidence
        details["has_evidence"] = any(value for value in dispute["evidence"].values())
        if is_submitted:
            details |= {"submission_count": details["submission_count"] + 1, "submission_method": "manual"}
            dispute["status"] = "warning_under_review" if dispute["status"] in INQUIRIES else "under_review"
    if is_submitted:
        decided = dispute["evidence"]["uncategorized_text"] in WORDS
        after = DECIDED_AT_ONCE if decided else DECIDED_AFTER
        world.agenda.plan(world.now() + after, "decide_dispute", dispute["id"])


def close(world: World, dispute: Object, status: str) -> None:
    """Let a dispute end; whoever wins gets the money back, though seldom the fee."""
    dispute |= {"is_charge_refundable": status != "lost", "status": status}
    if status == "won":
        _reinstate(world, dispute)
    world.emit("charge.dispute.closed", dispute)
    if status == "won":
        world.emit("charge.dispute.funds_reinstated", dispute)


def miss_due(world: World, id: str) -> None:
    """Close what nobody answered in time."""
    dispute = world.store.get("dispute", id)
    if dispute["evidence_details"]["due_by"] > world.now():
        return
    if dispute["status"] in {"needs_response", "warning_needs_response"}:
        dispute["evidence_details"]["past_due"] = True
        close(world, dispute, "lost" if dispute["status"] in OPEN else "warning_closed")


def decide_due(world: World, id: str) -> None:
    """Let the bank decide by the evidence; without the words that win, the buyer does."""
    dispute = world.store.get("dispute", id)
    if dispute["status"] == "under_review":
        close(world, dispute, WORDS.get(dispute["evidence"]["uncategorized_text"], "lost"))
    elif dispute["status"] == "warning_under_review":
        close(world, dispute, "warning_closed")


def dispute_due(world: World, id: str) -> None:
    """Dispute a charge because its card is one that does."""
    _start_whole(world, id, "fraudulent")


def not_received_due(world: World, id: str) -> None:
    """Dispute a charge for something that is said not to have come."""
    _start_whole(world, id, "product_not_received")


def inquire_due(world: World, id: str) -> None:
    """Ask about a charge because its card is one that does."""
    _start_whole(world, id, "fraudulent", is_inquiry=True)


def warn_due(world: World, id: str) -> None:
    """Warn of a charge because its card is one that does."""
    warn(world, world.store.get("charge", id), "made_with_stolen_card")


def warn(world: World, charge: Object, fraud_type: str) -> Object:
    """Let a bank say that it believes a charge to be fraud."""
    warning = disputes.early_fraud_warning(world, charge, fraud_type)
    return world.add("radar.early_fraud_warning.created", warning)


def note_refund(world: World, charge: Object) -> None:
    """Settle the warnings and inquiries about a charge that was given back in full."""
    if not charge["refunded"]:
        return
    _settle_warnings(world, charge)
    for dispute in list(world.store.where("dispute", charge=charge["id"])):
        if dispute["status"] in INQUIRIES:
            close(world, dispute, "warning_closed")


def open_of(world: World, charge: Object) -> Object | None:
    """Return the dispute of a charge that holds its money now."""
    return next((one for one in world.store.where("dispute", charge=charge["id"]) if one["status"] in OPEN), None)


def held_of(world: World, charge: Object) -> int:
    """Return how much of a charge was taken back by disputes that are open or lost."""
    taken = OPEN | {"lost"}
    return sum(one["amount"] for one in world.store.where("dispute", charge=charge["id"]) if one["status"] in taken)


def _start_whole(world: World, id: str, reason: str, *, is_inquiry: bool = False) -> None:
    charge = world.store.get("charge", id)
    if not charge["disputed"] and not charge["refunded"]:
        start(world, charge, amount=charge["amount"], reason=reason, is_inquiry=is_inquiry)


def _withdraw(world: World, dispute: Object) -> None:
    worth = balance.worth(world, -dispute["amount"], dispute["currency"])
    _book(world, dispute, worth, "dispute", f"Chargeback withdrawal for {dispute['charge']}", world.terms.dispute_fee)


def _reinstate(world: World, dispute: Object) -> None:
    worth = balance.worth(world, dispute["amount"], dispute["currency"])
    fee = -world.terms.dispute_fee if world.terms.returns_dispute_fee else 0
    _book(world, dispute, worth, "dispute_reversal", f"Chargeback reversal for {dispute['charge']}", fee)


def _book(world: World, dispute: Object, worth: Worth, category: str, description: str, fee: int) -> None:
    transaction = balance.book(world, worth, category, fee=fee, source=dispute["id"], description=description)
    dispute["balance_transactions"] = [*dispute["balance_transactions"], transaction]


def _settle_warnings(world: World, charge: Object) -> None:
    for warning in list(world.store.where("radar.early_fraud_warning", charge=charge["id"])):
        with world.changing("radar.early_fraud_warning.updated", warning):
            warning["actionable"] = False
