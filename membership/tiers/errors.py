"""Refusals about tiers."""

from membership.errors import Conflict, Invalid, NotFound
from membership.i18n import N_


class TierRetired(Conflict):
    message = N_("This tier no longer takes new patrons. Please choose another one.")


class UnknownTier(NotFound):
    message = N_("There is no such tier. Please choose one from the support page.")


class TierExists(Conflict):
    message = N_("There is a tier of this name already.")


class UnknownFlag(NotFound):
    message = N_("The newsroom has defined no flag “%(flag)s”.")


class FlagExists(Conflict):
    message = N_("There is a flag of this name already.")


class FlagInUse(Conflict):
    message = N_("This flag is still in use: take it from every tier and every vote that is not over first.")


class TierUnreadable(Invalid):
    message = N_("This tier cannot be read.")


class AmountBelowPrice(Invalid):
    field = "more"
    message = N_("This tier begins at %(least)s.")


class AmountFixed(Invalid):
    field = "more"
    message = N_("This tier has one price only.")


class RiseTooSoon(Invalid):
    field = "rise_on"
    message = N_("People must be told at least %(days)d days before their price rises.")


class NotARise(Invalid):
    field = "prices"
    message = N_("The new price is not higher than the one before; without a date it is simply offered.")


class PolicyImpossible(Invalid):
    message = N_("The days of grace and the day of the second letter lie before the day on which the support ends.")


class UnknownCoupon(NotFound):
    message = N_("There is no such coupon.")


class CouponExists(Conflict):
    message = N_("There is a coupon with this code already.")


class CouponUnusable(Invalid):
    field = "coupon"
    message = N_("This code is not valid for what you chose. Nothing was charged.")


class CouponUnreadable(Invalid):
    message = N_("This coupon cannot be read.")


class UnknownEndpoint(NotFound):
    message = N_(
        "The payment provider knows no webhook address of ours: register it with flask stripe create-endpoint."
    )
