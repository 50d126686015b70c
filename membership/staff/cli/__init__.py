"""Commands that do what staff can do on the newsroom's pages."""

from membership.staff.cli.erasing import patrons
from membership.staff.cli.flags import flags

__all__ = ["flags", "patrons"]
