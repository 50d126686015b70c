"""Commands that do what staff can do on the newsroom's pages."""

from membership.staff.cli.flags import flags
from membership.staff.cli.people import patrons

__all__ = ["flags", "patrons"]
