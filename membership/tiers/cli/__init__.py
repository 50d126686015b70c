"""Commands about levels of support, the catalogue and coupons."""

from membership.tiers.cli.catalogue import stripe
from membership.tiers.cli.coupons import coupons
from membership.tiers.cli.levels import tiers

__all__ = ["coupons", "stripe", "tiers"]
