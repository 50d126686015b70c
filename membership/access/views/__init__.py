"""What a reader's browser comes to with her cookie."""

from membership.access.views import appeals, doors
from membership.access.views.desk import bp

__all__ = ["appeals", "bp", "doors"]
