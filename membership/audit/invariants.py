"""What must always be true of the audit log."""

from membership.audit.service import verify_chain

INVARIANTS = {"I11 the audit log is one unbroken chain": verify_chain}
