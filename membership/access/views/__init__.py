"""What a reader's browser comes to with her cookie."""

from membership.access.views import appeals, doors
from membership.access.views.desk import bp, name_of_site

__all__ = ["appeals", "bp", "doors", "name_of_site"]
