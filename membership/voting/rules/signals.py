"""Signs that one person may hold several votes: values only; they say where to look, and decide nothing."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

# Mailboxes in which dots are not read.
_DOTLESS = {"gmail.com": "gmail.com", "googlemail.com": "gmail.com"}
BURST_FROM = 5
BURST_WITHIN = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody on a roll, as far as signs are looked for."""

    public_id: str
    email: str
    joined_at: datetime
    took_back: bool = False


@dataclass(frozen=True, slots=True)
class Cluster:
    """People who have a sign in common: the same mailbox, accounts made in one go, or money taken back."""

    kind: str
    members: Sequence[Member]


def mailbox_of(email: str) -> str:
    """Return the mailbox that an address ends up in, as far as that is known: without tags, and dots where unread."""
    local, _, domain = email.strip().lower().rpartition("@")
    local = local.partition("+")[0]
    home = _DOTLESS.get(domain)
    return f"{local.replace('.', '')}@{home}" if home else f"{local}@{domain}"


def find_clusters(members: Iterable[Member]) -> list[Cluster]:
    """Find who shares a mailbox, whose accounts were made in one go, and who took the money back."""
    found = sorted(members, key=lambda member: (member.joined_at, member.public_id))
    back = [member for member in found if member.took_back]
    return [*_aliases(found), *_bursts(found), *([Cluster("given_back", back)] if back else [])]


def _aliases(members: Sequence[Member]) -> list[Cluster]:
    boxes: dict[str, list[Member]] = defaultdict(list)
    for member in members:
        boxes[mailbox_of(member.email)].append(member)
    return [Cluster("alias", shared) for shared in boxes.values() if len(shared) > 1]


def _bursts(members: Sequence[Member]) -> list[Cluster]:
    runs: list[list[Member]] = []
    for member in members:
        if runs and member.joined_at - runs[-1][0].joined_at <= BURST_WITHIN:
            runs[-1].append(member)
        else:
            runs.append([member])
    return [Cluster("burst", run) for run in runs if len(run) >= BURST_FROM]
