"""Giving regularly: how it begins, how it stands, how it changes."""

from membership.subscriptions.views import changes, standing
from membership.subscriptions.views.checkouts import bp, read_form, summarise

__all__ = ["bp", "changes", "read_form", "standing", "summarise"]
