"""What a refund, a dispute or an early fraud warning brings with it: as the deployment has decided."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from membership.config import ON_DISPUTE, ON_REFUND, Consequence, Settings

_NAME = "money_policy"


@dataclass(frozen=True, slots=True)
class Policy:
    """The consequences of each; fraud warnings are refunded up to a limit in minor units, zero for any amount."""

    on_refund: frozenset[Consequence] = ON_REFUND
    on_dispute: frozenset[Consequence] = ON_DISPUTE
    on_fraud_warning: frozenset[Consequence] = frozenset()
    fraud_refund_limit: int = 0

    def refunds_fraud(self, minor: int) -> bool:
        """Whether a payment that somebody warns of is given back at once."""
        is_small = self.fraud_refund_limit == 0 or minor <= self.fraud_refund_limit
        return Consequence.REFUND in self.on_fraud_warning and is_small


def policy_in(settings: Settings) -> Policy:
    """Return what the settings say."""
    return Policy(settings.on_refund, settings.on_dispute, settings.on_fraud_warning, settings.fraud_refund_limit)


def carry(policy: Policy) -> dict[str, Policy]:
    """Return what a session must carry, so that whoever records anything follows the same policy."""
    return {_NAME: policy}


def policy_of(session: Session) -> Policy:
    """Return the policy that this session carries."""
    found: Policy | None = session.info.get(_NAME)
    return found or Policy()
