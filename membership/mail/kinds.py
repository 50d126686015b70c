"""The kinds of letters, and the values that each needs from whoever writes it."""

KINDS: dict[str, frozenset[str]] = {
    "sign_in": frozenset({"token", "code", "minutes"}),
    "welcome": frozenset({"tier", "amount", "interval"}),
    "receipt": frozenset({"amount", "paid_at", "receipt_number"}),
    "receipt_renewal": frozenset({"tier", "amount", "paid_at", "receipt_number", "period_ends_at"}),
    "payment_late": frozenset({"tier", "amount", "grace_until"}),
    "ended": frozenset({"tier"}),
    "stopping": frozenset({"tier", "ends_at"}),
    "continuing": frozenset({"tier", "next_at"}),
    "already_member": frozenset(),
    "checkout_waiting": frozenset({"checkout_url", "tier"}),
    "vote_receipt": frozenset({"round_title", "receipt", "closes_at", "url"}),
    "round_result": frozenset({"round_title", "url", "stop_url"}),
    "round_invitation": frozenset({"round_title", "closes_at", "topic_titles", "url", "stop_url"}),
    "round_reminder": frozenset({"round_title", "closes_at", "topic_titles", "url", "stop_url"}),
    "topic_news": frozenset({"topic_title", "state", "reason", "url", "stop_url"}),
    "refunded": frozenset({"amount", "receipt_number"}),
    "gift_bought": frozenset({"tier", "months", "recipient", "send_at", "is_for_print", "gift_url"}),
    "gift_code": frozenset({"tier", "months", "giver", "recipient", "words", "is_for_print", "code", "redeem_url"}),
    "gift_begun": frozenset({"tier", "starts_at", "ends_at"}),
    "staff_invited": frozenset(),
}
