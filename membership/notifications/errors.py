"""Refusals about telling sites."""

from membership.errors import Invalid, NotFound
from membership.i18n import N_


class NoEndpoint(NotFound):
    message = N_("This site has no address at which it wants to be told.")


class UnknownNotification(NotFound):
    message = N_("There is no such message to a site.")


class AddressRefused(Invalid):
    message = N_("We cannot send to this address: it must begin with https:// and lead to a public server.")
    field = "url"


class NotReached(Exception):
    """A message did not arrive; `why` is a short fact that staff see."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why
