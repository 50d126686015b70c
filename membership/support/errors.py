"""Refusals of the pages that ask and thank."""

from membership.errors import NotFound
from membership.i18n import N_


class UnknownCheckout(NotFound):
    message = N_("We do not know this payment. If you gave, the receipt in your mail is the proof.")
