"""What a WSGI server and the `flask` command load."""

import sys

from membership import create_app
from membership.config import Misconfigured

try:
    app = create_app()
except Misconfigured as error:
    sys.exit("Membership cannot start:\n" + "\n".join(f"- {line}" for line in error.lines))
