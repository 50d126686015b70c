"""How fast the hot doors are, each beside the plainest thing that could stand in its place."""

import sys
from pathlib import Path

# A real site installs the library with pip; the benchmarks use the one beside them.
sys.path.append(str(Path(__file__).parents[1] / "integrations" / "python"))
