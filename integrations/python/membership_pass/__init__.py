"""Know a reader's membership from a signed pass, without a request per page. Needs only `cryptography`."""

from membership_pass.client import Issued, Membership, Refused, Start, Unreachable
from membership_pass.keys import KeyCache, KeysUnavailable
from membership_pass.verifier import BadPass, Pass, PassVerifier

__all__ = [
    "BadPass",
    "Issued",
    "KeyCache",
    "KeysUnavailable",
    "Membership",
    "Pass",
    "PassVerifier",
    "Refused",
    "Start",
    "Unreachable",
]
