"""The bank's files, read whole or refused whole."""

from membership.i18n import N_
from membership.offline.reading.camt import read_camt
from membership.offline.reading.csv_file import read_csv
from membership.offline.reading.values import MOST_BYTES, Received, Statement, unreadable

__all__ = ["MOST_BYTES", "Received", "Statement", "read_camt", "read_csv", "read_statement"]


def read_statement(data: bytes, account: str) -> Statement:
    """Read a statement, CAMT.053 or CSV; `account` is whose a file without an account is. Raises BankFileUnreadable."""
    if len(data) > MOST_BYTES:
        raise unreadable(N_("it is too large"))
    is_xml = data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")
    return read_camt(data) if is_xml else read_csv(data, account)
