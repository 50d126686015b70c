"""The Open Daily: a publication that lives only from Membership's published interfaces."""

import sys
from pathlib import Path

# A real site installs the library with pip; the demonstration uses the one beside it.
sys.path.append(str(Path(__file__).parents[2] / "integrations" / "python"))
