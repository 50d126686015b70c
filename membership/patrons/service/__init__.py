"""What can be done with people: find and register them, let them in, make them staff."""

from membership.patrons.service.people import canonical_email, describe, find_by_email, get_patron, register

__all__ = ["canonical_email", "describe", "find_by_email", "get_patron", "register"]
