"""One count of ranked ballots in a process of its own: `counting.py ours|oracle FILE` tells seconds and memory."""

import importlib
import json
import resource
import sys
import time
from pathlib import Path
from typing import Any

TOPICS, SEATS = 20, 3


def ours(ballots: list[list[int]]) -> list[int]:
    """Count as the service does."""
    transfer = importlib.import_module("membership.voting.rules.transfers").transfer
    slugs = [f"topic-{number}" for number in range(TOPICS)]
    cast = [(tuple(slugs[number] for number in ballot), 1) for ballot in ballots]
    return sorted(slugs.index(slug) for slug in transfer(cast, slugs, seats=SEATS, seed="5eed").elected)


def oracle(ballots: list[list[int]]) -> list[int]:
    """Count as pref_voting does, by the same rule."""
    profiles = importlib.import_module("pref_voting.profiles_with_ties")
    methods = importlib.import_module("pref_voting.proportional_methods")
    ranks = [{number: place for place, number in enumerate(ballot, 1)} for ballot in ballots]
    return sorted(
        methods.stv_scottish(profiles.ProfileWithTies(ranks, candidates=list(range(TOPICS))), num_seats=SEATS)
    )


def main(who: str, path: str) -> dict[str, Any]:
    """Count once to warm up with a few, then all, against the clock."""
    ballots = json.loads(Path(path).read_text())
    count = {"ours": ours, "oracle": oracle}[who]
    count(ballots[:100])
    began = time.perf_counter()
    chosen = count(ballots)
    seconds = time.perf_counter() - began
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
    return {"seconds": seconds, "memory_mb": memory, "chosen": chosen}


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], sys.argv[2])))
