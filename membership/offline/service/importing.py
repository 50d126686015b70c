"""Take the lines of a bank's file into the queue, each once, whoever imports and how often."""

from dataclasses import dataclass
from hashlib import sha256

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from membership.clock import utc_now
from membership.donations.rules import mask_cards
from membership.inserts import insert_unless_known
from membership.offline import rules
from membership.offline.errors import AccountOfOthers, BankFileKnown
from membership.offline.models import BankFile, BankLine, BankReference, LineStatus, Match
from membership.offline.reading import Received, read_statement
from membership.offline.service.ways import our_account
from membership.patrons.models import Merger, Patron

LONGEST_NAME = 120


@dataclass(frozen=True, slots=True)
class Imported:
    """How many lines of a file were new, known from another file, and left out because no money came in."""

    new: int
    known: int
    left_out: int


def take_statement(session: Session, data: bytes, name: str) -> Imported:
    """Take a file of the bank. Raises BankFileUnreadable, BankFileKnown or AccountOfOthers; then nothing was taken."""
    statement = read_statement(data, our_account(session))
    if statement.account != our_account(session) or not statement.account:
        raise AccountOfOthers
    values = {
        "digest": sha256(data).hexdigest(),
        "name": name[:LONGEST_NAME],
        "account": statement.account,
        "lines": len(statement.received),
        "left_out": statement.left_out,
        "read_at": utc_now(),
    }
    file_id = insert_unless_known(session, BankFile, values)
    if file_id is None:
        raise BankFileKnown
    new = sum(_take(session, file_id, statement.account, line) for line in statement.received)
    return Imported(new, len(statement.received) - new, statement.left_out)


def _take(session: Session, file_id: int, account: str, line: Received) -> bool:
    match, patron_id = _match(session, line)
    values = {
        "file_id": file_id,
        "account": account,
        "entry_reference": line.entry_reference,
        "booked_on": line.booked_on,
        "amount_minor": line.amount.minor,
        "amount_currency": line.amount.currency,
        "payer": line.payer,
        "payer_hash": rules.hash_of_account(line.payer_account),
        "text": mask_cards(line.text) if match is not Match.REFERENCE else line.text,
        "status": LineStatus.WAITING,
        "match": match,
        "patron_id": patron_id,
        "reason": "",
    }
    return insert_unless_known(session, BankLine, values) is not None


def _match(session: Session, line: Received) -> tuple[Match, int | None]:
    """Tell whose a line is: by her reference for certain; by what is known of the payer, if it points to one only."""
    named = rules.references_in(line.text)
    owner = func.coalesce(Merger.into_id, BankReference.patron_id)
    found = select(owner).select_from(BankReference).outerjoin(Merger, Merger.patron_id == BankReference.patron_id)
    owners = set(session.scalars(found.where(BankReference.reference.in_(named))))
    if len(owners) == 1:
        return Match.REFERENCE, owners.pop()
    suggested = owners or _by_account(session, line) or _by_address(session, line) or _by_name(session, line)
    return (Match.SUGGESTED, suggested.pop()) if len(suggested) == 1 else (Match.UNKNOWN, None)


def _by_account(session: Session, line: Received) -> set[int]:
    payer_hash = rules.hash_of_account(line.payer_account)
    booked = select(BankLine.patron_id).filter_by(payer_hash=payer_hash, status=LineStatus.BOOKED)
    return {found for found in session.scalars(booked) if payer_hash and found is not None}


def _by_address(session: Session, line: Received) -> set[int]:
    return set(session.scalars(select(Patron.id).where(Patron.email.in_(rules.emails_in(line.text)))))


def _by_name(session: Session, line: Received) -> set[int]:
    wanted = rules.same_name(line.payer)
    if " " not in wanted:
        # A single word is too little to tell people by.
        return set()
    last = max(line.payer.split(), key=len)
    near = select(Patron.id, Patron.name).where(Patron.name.icontains(last, autoescape=True))
    return {patron_id for patron_id, name in session.execute(near) if rules.same_name(name) == wanted}
