"""Letters that wait are sent."""

from typing import Any

from membership import db
from membership.mail import service
from membership.mail.errors import RecipientRefused
from membership.mail.models import Letter
from membership.mail.rendering import compose
from membership.mail.transport import build, send
from membership.web import settings


def send_letter(payload: dict[str, Any]) -> None:
    """Send one letter unless it was sent, refused or forgotten already; raises MailFailed, to be tried again."""
    letter_id = payload["letter_id"]
    letter = db.session().get(Letter, letter_id)
    if letter is None or letter.sent_at or letter.refused_at:
        return
    words = compose(letter.kind, letter.locale, letter.values, settings())
    recipient, message_id = letter.recipient, letter.message_id
    db.release()
    try:
        send(build(words, recipient, message_id, settings()), settings().smtp_url.get_secret_value())
    except RecipientRefused:
        with db.transaction() as session:
            service.record_refused(session, letter_id)
    else:
        with db.transaction() as session:
            service.record_sent(session, letter_id, words)
