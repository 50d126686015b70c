"""A browser in which a patron has signed in."""

from membership.patrons.login import KEPT_AS
from membership.patrons.service import sign_ins


def sign_in(client, session, patron):
    """Sign a patron in without a letter."""
    token = sign_ins.begin(session, patron)
    session.commit()
    with client.session_transaction() as kept:
        kept[KEPT_AS] = token
