"""What happens to patrons from one look to the next, and what there is in the end."""

from collections import Counter
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from membership.access.rules import Decision
from membership.access.service import decide_for
from membership.ledger.service import balances
from membership.mail.models import Letter
from membership.operations.rehearsal.acts import address
from membership.patrons.models import Patron
from membership.patrons.service import find_by_email
from membership.payments.service import list_payments_of

# They come with every payment; they are counted, and not told one by one.
USUAL = frozenset({"receipt", "receipt_renewal"})


@dataclass(frozen=True, slots=True)
class Moment:
    """One thing that happened: when, to whom, and what."""

    at: datetime
    who: str
    what: str


@dataclass(frozen=True, slots=True)
class PatronOutcome:
    """How a patron stands in the end; `paid` and `returned` are minor units by currency."""

    name: str
    state: str
    tier: str
    flags: tuple[str, ...]
    reason: str
    paid: dict[str, int]
    returned: dict[str, int]
    letters: dict[str, int]


@dataclass(frozen=True, slots=True)
class Outcome:
    """A rehearsal from its first day to its last; `books` are minor units by account and currency.

    `offended` names invariants; `found` and `left` count what the last reconcile saw.
    """

    title: str
    begins: datetime
    ends: datetime
    moments: tuple[Moment, ...]
    patrons: tuple[PatronOutcome, ...]
    books: dict[str, dict[str, int]]
    offended: tuple[str, ...]
    found: int
    left: int

    @property
    def is_sound(self) -> bool:
        return not self.offended and self.left == 0

    def told(self) -> dict[str, Any]:
        """Return it as plain JSON."""
        moments = [{"at": one.at.isoformat(), "who": one.who, "what": one.what} for one in self.moments]
        patrons = [asdict(one) for one in self.patrons]
        days = {"begins": self.begins.isoformat(), "ends": self.ends.isoformat()}
        return {**asdict(self), **days, "moments": moments, "patrons": patrons}


@dataclass
class Watcher:
    """Looks at the patrons of a scenario again and again, and keeps what changed."""

    names: list[str]
    moments: list[Moment] = field(default_factory=list)
    _stood: dict[str, tuple[str, str]] = field(default_factory=dict)
    _last_letter: int = 0

    def tell(self, at: datetime, who: str, what: str) -> None:
        """Keep something that was done."""
        self.moments.append(Moment(at, who, what))

    def look(self, session: Session, now: datetime) -> None:
        """Keep what changed since the last look: letters that were written, access that came or went."""
        for letter in session.scalars(select(Letter).where(Letter.id > self._last_letter).order_by(Letter.id)):
            self._last_letter = letter.id
            if letter.kind not in USUAL:
                self.tell(letter.created_at, self._name_of(letter.recipient), f"letter: {letter.kind}")
        for name in self.names:
            self._compare(name, decision_of(session, name, now), now)

    def _compare(self, name: str, decision: Decision | None, now: datetime) -> None:
        stands = (decision.state.value, decision.tier or "") if decision else ("none", "")
        if stands != self._stood.get(name, ("none", "")):
            self.tell(now, name, f"access: {' '.join(stands)}".strip())
            self._stood[name] = stands

    def _name_of(self, recipient: str) -> str:
        return next((name for name in self.names if address(name) == recipient), recipient)


def decision_of(session: Session, name: str, now: datetime) -> Decision | None:
    """Return what somebody in a scenario may have now; nothing before her first step."""
    patron = find_by_email(session, address(name))
    return decide_for(session, patron.id, now) if patron else None


def outcome_of(session: Session, name: str, now: datetime) -> PatronOutcome:
    """Return how somebody stands."""
    patron = find_by_email(session, address(name))
    assert patron is not None
    decision = decide_for(session, patron.id, now)
    paid, returned = Counter[str](), Counter[str]()
    for payment in list_payments_of(session, patron.id):
        paid[payment.gross_currency] += payment.gross.minor
        returned[payment.gross_currency] += payment.gross.minor if payment.returned_at else payment.refunded_minor
    return PatronOutcome(
        name=name,
        state=decision.state.value,
        tier=decision.tier or "",
        flags=tuple(sorted(decision.flags)),
        reason=decision.reason,
        paid=dict(paid),
        returned={currency: minor for currency, minor in returned.items() if minor},
        letters=_letters_to(session, patron),
    )


def _letters_to(session: Session, patron: Patron) -> dict[str, int]:
    kinds = select(Letter.kind, func.count()).where(Letter.recipient == patron.email).group_by(Letter.kind)
    return {row[0]: row[1] for row in session.execute(kinds.order_by(Letter.kind))}


def books_of(session: Session) -> dict[str, dict[str, int]]:
    """Return the sum of each account that holds anything, by currency."""
    found: dict[str, dict[str, int]] = {}
    for (account, currency), minor in balances(session).items():
        if minor:
            found.setdefault(account.value, {})[currency] = minor
    return found
