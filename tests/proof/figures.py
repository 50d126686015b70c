"""What a proof counted: each leaves one file of JSON in a folder, and docs/reliability.md is written from them.

A proof is a program, `python -m <module> --figures FOLDER [--seed N …]`. It ends with 0 when it found nothing wrong and
calls `leave(folder, Figures(…))` once. To take part, add its command to PROOFS; `make reliability` runs them all.
"""

import json
import shutil
import subprocess
import sys
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Proof:
    """A command that proves something: its module, and what it is told."""

    module: str
    arguments: tuple[str, ...] = ()

    def command(self, folder: Path) -> list[str]:
        return [sys.executable, "-m", self.module, *self.arguments, "--figures", str(folder)]


# In the order of the page.
PROOFS: tuple[Proof, ...] = (
    Proof("tests.proof", ("--histories", "2000", "--seed", "1")),
    Proof("tests.orders"),
    Proof("tests.crashes"),
)


@dataclass(frozen=True)
class Table:
    """Counts by name, such as how often each step was taken."""

    title: str
    head: tuple[str, str]
    rows: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Figures:
    """What one proof has to say. `name` names its file; `differences` is what was found wrong, nought as a rule.

    `says` is a paragraph of what was done, `counts` the sums (histories, steps, crash points, orders …), `command` what
    repeats it, `commit` the code that was tried.
    """

    name: str
    title: str
    says: str
    command: str
    counts: dict[str, int]
    differences: int
    seconds: float
    tables: tuple[Table, ...] = field(default=())
    commit: str = ""


def leave(folder: Path, figures: Figures) -> None:
    """Keep what a proof counted, in place of what it counted before."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{figures.name}.json").write_text(json.dumps(asdict(figures), indent=1) + "\n")


def commit() -> str:
    """Return which code this is, if git knows."""
    git = shutil.which("git")
    command = [git or "", "-C", str(Path(__file__).parent), "rev-parse", "--short", "HEAD"]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip() if git else ""


def read(folder: Path) -> list[Figures]:
    """Return what the proofs have left, by name."""
    return [_figures(json.loads(path.read_text())) for path in sorted(folder.glob("*.json"))]


def _figures(kept: dict) -> Figures:
    tables = [(one["title"], tuple(one["head"]), tuple(map(tuple, one["rows"]))) for one in kept["tables"]]
    return Figures(**kept | {"tables": tuple(Table(*one) for one in tables)})
