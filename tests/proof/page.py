"""`python -m tests.proof.page`: run every proof and write docs/reliability.md; `--from FOLDER` only writes it."""

import argparse
import platform
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.proof.figures import PROOFS, Figures, Table, read

PAGE = Path(__file__).parents[2] / "docs" / "reliability.md"
HEAD = """# Reliability

Written by `make reliability`, which runs the proofs below and counts. Money and access are compared with Stripe's own
account, as the sandbox keeps it, and with a model in two hundred lines (`tests/proof/oracle.py`) that shares no code
with the service; beside it stands, as long, what Stripe's clock does to a standing order (`tests/proof/billing.py`).
"""


def main(arguments: list[str]) -> int:
    """Run what there is to run, and write the page; a proof that found something keeps the page as it was."""
    parser = argparse.ArgumentParser(prog="python -m tests.proof.page", description=__doc__)
    parser.add_argument("--from", dest="folder", type=Path, help="take what the proofs have left in a folder")
    folder = parser.parse_args(arguments).folder
    if folder is not None:
        PAGE.write_text(render(read(folder)))
        return 0
    with tempfile.TemporaryDirectory() as made:
        for proof in PROOFS:
            subprocess.run(proof.command(Path(made)), check=True)
        PAGE.write_text(render(read(Path(made))))
    return 0


def render(found: list[Figures]) -> str:
    """Write the page."""
    wrong = sum(one.differences for one in found)
    told = f"\nDifferences left, all proofs together: **{wrong}**. Python {platform.python_version()}.\n"
    return HEAD + told + "".join(map(_proof, found))


def _proof(one: Figures) -> str:
    counts = {**one.counts, "differences left": one.differences}
    rows = "".join(f"| {name} | {count:,} |\n" for name, count in counts.items())
    tried = f" · commit {one.commit}" if one.commit else ""
    took = f"`{one.command}` · {one.seconds:,.0f} s{tried}\n"
    return f"\n## {one.title}\n\n{one.says}\n\n|  | |\n|---|---:|\n{rows}\n{took}{''.join(map(_table, one.tables))}"


def _table(table: Table) -> str:
    rows = "".join(f"| {name} | {count:,} |\n" for name, count in table.rows)
    return f"\n### {table.title}\n\n| {table.head[0]} | {table.head[1]} |\n|---|---:|\n{rows}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
