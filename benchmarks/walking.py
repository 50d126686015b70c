"""One walk in a process of its own, as `flask reconcile` does it; prints its memory before and at its highest."""

import json
import sys
from pathlib import Path

from membership import create_app, db
from membership.reconcile import walk
from membership.webhooks.service import explain


def memory_mb(what: str) -> float:
    """Return what this process holds in memory: VmRSS now, VmHWM at its highest."""
    return int(Path("/proc/self/status").read_text().split(f"{what}:")[1].split()[0]) * 1024 / 1e6


if __name__ == "__main__":
    with create_app().app_context():
        # Whoever starts has a database connection and the first page of something.
        db.session().connection()
        db.release()
        # What was highest before, while everything was imported, is forgotten.
        Path("/proc/self/clear_refs").write_text("5")
        before = memory_mb("VmRSS")
        report = walk.reconcile(explain)
    json.dump(
        {"grown": memory_mb("VmHWM") - before, "seen": report.seen, "found": report.found, "left": report.left},
        sys.stdout,
    )
