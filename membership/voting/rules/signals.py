"""Signs that one person may hold several votes: values only; they say where to look, and decide nothing."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

# Mailboxes in which dots are not read.
_DOTLESS = {"gmail.com": "gmail.com", "googlemail.com": "gmail.com"}
BURST_FROM = 5
GROUP_FROM = 5
BURST_WITHIN = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody on a roll, as far as signs are looked for; `group` names the one in which she has a seat."""

    public_id: str
    email: str
    joined_at: datetime
    took_back: bool = False
    group: str = ""
    is_shut_out: bool = False


@dataclass(frozen=True, slots=True)
class Cluster:
    """People with something in common: a mailbox, accounts made in one go, money taken back, shut out, a group.

    The group is no sign by itself, for the newsroom gave the group its seats; it says who decides on so many votes.
    """

    kind: str
    members: Sequence[Member]


def mailbox_of(email: str) -> str:
    """Return the mailbox that an address ends up in, as far as that is known: without tags, and dots where unread."""
    local, _, domain = email.strip().lower().rpartition("@")
    local = local.partition("+")[0]
    home = _DOTLESS.get(domain)
    return f"{local.replace('.', '')}@{home}" if home else f"{local}@{domain}"


def find_clusters(members: Iterable[Member]) -> list[Cluster]:
    """Find who shares a mailbox, whose accounts were made in one go, who is shut out, and who took the money back."""
    found = sorted(members, key=lambda member: (member.joined_at, member.public_id))
    back = [member for member in found if member.took_back]
    out = [member for member in found if member.is_shut_out]
    whole = [Cluster(kind, shared) for kind, shared in (("shut_out", out), ("given_back", back)) if shared]
    return [*_aliases(found), *_bursts(found), *whole, *_groups(found)]


def _groups(members: Sequence[Member]) -> list[Cluster]:
    seated: dict[str, list[Member]] = defaultdict(list)
    for member in members:
        if member.group:
            seated[member.group].append(member)
    return [Cluster("group", shared) for shared in seated.values() if len(shared) >= GROUP_FROM]


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
    return [Cluster("burst", run) for run in runs if len(run) >= BURST_FROM and not _is_one_group(run)]


def _is_one_group(members: Sequence[Member]) -> bool:
    # A class that was invited joins in one lesson; it is told as a group.
    return members[0].group != "" and len({member.group for member in members}) == 1
