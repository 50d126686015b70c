"""What must be recorded together: a subscription or a gift, with all that hangs on it."""

from dataclasses import fields

from membership.payments.fulfilment import Facts


def groups(facts: Facts) -> list[Facts]:
    """Split facts into parts that have nothing to do with each other."""
    keys = _keys(facts)
    found: dict[str, dict[str, list[object]]] = {}
    for name in (one.name for one in fields(Facts)):
        for snapshot in getattr(facts, name):
            part = found.setdefault(keys.get(snapshot.id, snapshot.id), {})
            part.setdefault(name, []).append(snapshot)
    return [Facts(**{name: tuple(some) for name, some in part.items()}) for part in found.values()]  # type: ignore[arg-type]


def _keys(facts: Facts) -> dict[str, str]:
    keys = {one.id: one.subscription_id or one.id for one in facts.invoices}
    keys |= {payment: keys[one.id] for one in facts.invoices for payment in one.payment_intent_ids}
    keys |= {one.id: one.subscription_id or one.payment_intent_id or one.id for one in facts.checkouts}
    keys |= {one.id: keys.get(one.payment_intent_id, one.payment_intent_id) for one in facts.refunds}
    keys |= {one.id: keys.get(one.payment_intent_id, one.payment_intent_id) for one in facts.disputes}
    keys |= {one.id: keys.get(one.payment_intent_id, one.payment_intent_id) for one in facts.fraud_warnings}
    sources = {one.charge_id: keys.get(one.id, one.id) for one in facts.payments}
    sources |= {one.id: keys[one.id] for one in facts.refunds}
    sources |= {one.id: keys[one.id] for one in facts.disputes}
    return keys | {one.id: sources.get(one.source_id, one.id) for one in facts.settlements}
