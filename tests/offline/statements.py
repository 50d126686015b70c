"""Statements as banks write them, and a newsroom with an account."""

from membership.offline import service
from membership.offline.models import WayKind

IBAN = "DE89370400440532013000"
PAYER = "FR1420041010050500013M02606"
ENTRY = """<Ntry><NtryRef>{ref}</NtryRef><Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>{sign}</CdtDbtInd>{more}
<Sts>{status}</Sts><BookgDt><Dt>{day}</Dt></BookgDt><AcctSvcrRef>{ref}</AcctSvcrRef><NtryDtls>{details}</NtryDtls></Ntry>"""
DETAILS = """<TxDtls><Refs><AcctSvcrRef>{ref}</AcctSvcrRef></Refs>{amount}<RltdPties><Dbtr><Nm>{payer}</Nm></Dbtr>
<DbtrAcct><Id><IBAN>{iban}</IBAN></Id></DbtrAcct></RltdPties><RmtInf><Ustrd>{text}</Ustrd></RmtInf></TxDtls>"""


def details(ref="A1", text="", payer="Olena Kovalenko", iban=PAYER, amount=""):
    told = f'<Amt Ccy="EUR">{amount}</Amt>' if amount else ""
    return DETAILS.format(ref=ref, text=text, payer=payer, iban=iban, amount=told)


def entry(ref="A1", amount="20.00", text="", **fields):
    told = {"sign": "CRDT", "status": "BOOK", "day": "2026-11-03", "more": ""} | fields
    parts = told.pop("details", None) or details(ref, text, told.pop("payer", "Olena Kovalenko"))
    return ENTRY.format(ref=ref, amount=amount, details=parts, **told)


def camt(*entries, iban=IBAN, version="08"):
    head = f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version}"><BkToCstmrStmt><Stmt>'
    account = f"<Acct><Id><IBAN>{iban}</IBAN></Id></Acct>"
    return f"{head}{account}{''.join(entries)}</Stmt></BkToCstmrStmt></Document>".encode()


def open_account(session):
    details = {"holder": "The Open Daily", "iban": "DE89 3704 0044 0532 0130 00", "bic": "COBADEFFXXX"}
    return service.set_way(session, WayKind.BANK, {"en": "Send any amount.", "uk": "Будь-яка сума."}, details)
