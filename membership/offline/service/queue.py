"""What the bank says came in, until somebody has decided whose it is."""

from collections.abc import Sequence
from datetime import UTC, datetime, time

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from membership.audit.service import note
from membership.donations.models import Method
from membership.offline.errors import DonorUnnamed, LineDecided, UnknownLine
from membership.offline.models import BankLine, LineStatus, Match
from membership.offline.service.entering import OfflineDraft, enter
from membership.patrons.models import Patron
from membership.payments.models import Payment

PAGE = 200


def count_waiting(session: Session) -> int:
    """Count the lines that nobody has decided about."""
    return session.scalar(select(func.count(BankLine.id)).filter_by(status=LineStatus.WAITING)) or 0


def list_lines(session: Session, status: LineStatus = LineStatus.WAITING) -> Sequence[BankLine]:
    """List lines, the oldest first while they wait, else the latest."""
    order = BankLine.booked_on.asc() if status is LineStatus.WAITING else BankLine.booked_on.desc()
    found = select(BankLine).filter_by(status=status).order_by(order, BankLine.id).limit(PAGE)
    return session.scalars(found).unique().all()


def get_line(session: Session, line_id: int) -> BankLine:
    """Return a line, or raise UnknownLine."""
    return _known(session.get(BankLine, line_id) if line_id < 2**63 else None)


def _known(line: BankLine | None) -> BankLine:
    if line is None:
        raise UnknownLine
    return line


def _lock(session: Session, line_id: int) -> BankLine:
    """Lock a line that waits; raises UnknownLine or LineDecided."""
    get_line(session, line_id)
    line = _known(session.get(BankLine, line_id, with_for_update={"of": BankLine}, populate_existing=True))
    if line.status is not LineStatus.WAITING:
        raise LineDecided
    return line


def accept(session: Session, line_id: int, *, actor: str) -> Payment:
    """Book a line as the gift of the patron whom it was matched with. Raises DonorUnnamed or LineDecided."""
    line = _lock(session, line_id)
    if line.patron is None or line.patron.email is None:
        raise DonorUnnamed
    return _book(session, line, line.patron.email, line.patron.locale, actor)


def accept_matched(session: Session, *, actor: str) -> int:
    """Book every waiting line that names its patron's reference; return how many there were."""
    certain = select(BankLine.id).filter_by(status=LineStatus.WAITING, match=Match.REFERENCE)
    with_address = certain.where(BankLine.patron.has(Patron.email.is_not(None)))
    found = list(session.scalars(with_address.order_by(BankLine.id)))
    for line_id in found:
        accept(session, line_id, actor=actor)
    return len(found)


def assign(session: Session, line_id: int, email: str | None, *, locale: str, actor: str) -> Payment:
    """Book a line as somebody else's gift, or as nobody's. Raises EmailUnreadable or LineDecided."""
    return _book(session, _lock(session, line_id), email, locale, actor)


def _book(session: Session, line: BankLine, email: str | None, locale: str, actor: str) -> Payment:
    payment = enter(
        session,
        OfflineDraft(
            amount=line.amount,
            method=Method.BANK,
            received_at=datetime.combine(line.booked_on, time(), UTC),
            email=email,
            name=line.payer if email else "",
            locale=locale,
        ),
    )
    line.status, line.patron_id, line.donation_id = LineStatus.BOOKED, payment.patron_id, payment.donation_id
    session.flush()
    _suggest_of_same_account(session, line)
    note(session, actor=actor, action="bank_line.booked", subject=f"bank_line:{line.id}", minor=line.amount.minor)
    return payment


def _suggest_of_same_account(session: Session, line: BankLine) -> None:
    """Now that it is known whose an account is, say so at lines of it that waited; two people's account is nobody's."""
    of_account = (BankLine.payer_hash == line.payer_hash) & (BankLine.payer_hash != "")
    booked = select(BankLine.patron_id).where(of_account, BankLine.status == LineStatus.BOOKED)
    if set(session.scalars(booked.where(BankLine.patron_id.is_not(None)))) == {line.patron_id}:
        waiting = update(BankLine).where(of_account, BankLine.status == LineStatus.WAITING)
        unknown = waiting.where(BankLine.match == Match.UNKNOWN)
        session.execute(unknown.values(match=Match.SUGGESTED, patron_id=line.patron_id))


def reject(session: Session, line_id: int, *, reason: str, actor: str) -> BankLine:
    """Say that a line is no gift; it stays in the list with its reason. Raises LineDecided."""
    line = _lock(session, line_id)
    line.status, line.reason = LineStatus.REJECTED, reason
    session.flush()
    note(session, actor=actor, action="bank_line.rejected", subject=f"bank_line:{line.id}", reason=reason)
    return line
