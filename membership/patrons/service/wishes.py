"""Letters that people do not want: stopped by a link in each of them, without signing in."""

import secrets
from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from membership.inserts import put_unless_known
from membership.patrons.errors import WishUnknown
from membership.patrons.models import Letters, LetterWish, Patron


def wishes_of(session: Session, patrons: Iterable[Patron]) -> dict[int, LetterWish]:
    """Return what patrons wish, by their keys; who never said anything gets a token of her own now.

    The token is kept as it is, since every letter needs it anew; all it can do is to stop letters.
    """
    wanted = [patron.id for patron in patrons]
    for patron_id in wanted:
        fresh = {"patron_id": patron_id, "token": secrets.token_urlsafe(24), "stopped": []}
        put_unless_known(session, LetterWish, fresh)
    found = session.scalars(select(LetterWish).where(LetterWish.patron_id.in_(wanted)))
    return {wish.patron_id: wish for wish in found}


def stop_path(wish: LetterWish) -> str:
    """Return the page on which a patron stops letters."""
    return f"/letters/stop/{wish.token}"


def get_wish(session: Session, token: str) -> LetterWish:
    """Return the wishes that a letter's token belongs to, or raise WishUnknown."""
    found = session.scalar(select(LetterWish).filter_by(token=token))
    if found is None:
        raise WishUnknown
    return found


def stop_letters(session: Session, token: str, stopped: Iterable[str]) -> LetterWish:
    """Keep which letters a patron does not want, in place of what she said before. Raises WishUnknown."""
    wish = get_wish(session, token)
    wish.stopped = sorted(set(stopped) & set(Letters))
    return wish
