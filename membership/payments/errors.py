"""Refusals about payments and refunds."""

from membership.errors import Conflict, Invalid, NotFound
from membership.i18n import N_


class UnknownPayment(NotFound):
    message = N_("We do not know this payment.")


class NothingToRefund(Conflict):
    message = N_("All of this payment has been given back, or is on its way back.")


class PaymentDisputed(NothingToRefund):
    message = N_(
        "Her bank disputes this payment and holds its money, or has taken it. It cannot be given back as well."
    )


class RefundOfNothing(Invalid):
    message = N_("Say how much goes back: more than nothing.")
    field = "amount"


class RefundTooLarge(Invalid):
    message = N_("This is more than is left of the payment.")
    field = "amount"


class MoreThanHeld(Conflict):
    message = N_("The account “%(account)s” holds %(held)s. No more than that can be given up.")
    field = "amount"


class ReasonMissing(Invalid):
    message = N_("Say why, for whoever looks at the books later.")
    field = "reason"


class RefundElsewhere(Conflict):
    message = N_("This did not come by card. Give it back the way it came, then enter that here.")


class RefundByProvider(Conflict):
    message = N_("This came through the payment provider, so it goes back through it.")
