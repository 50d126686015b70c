"""The way out: one message to one recipient by SMTP."""

import smtplib
import ssl
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from urllib.parse import parse_qs, unquote, urlsplit

from email_validator import EmailNotValidError, validate_email

from membership.clock import utc_now
from membership.config import Settings
from membership.mail.errors import MailFailed, RecipientRefused
from membership.mail.rendering import Words

TIMEOUT_SECONDS = 10.0
REFUSED_FOR_GOOD = range(500, 600)


def build(words: Words, recipient: str, message_id: str, settings: Settings) -> EmailMessage:
    """Put words into an envelope; raises RecipientRefused for what is not one address."""
    message = EmailMessage()
    message["From"] = settings.mail_from
    message["To"] = _address(recipient)
    message["Subject"] = words.subject
    message["Date"] = format_datetime(utc_now())
    message["Message-ID"] = f"<{message_id}@{urlsplit(settings.public_url).hostname}>"
    message["Auto-Submitted"] = "auto-generated"
    if words.stop_url:
        # RFC 8058: the mail program shows a button, and one press is enough.
        message["List-Unsubscribe"] = f"<{words.stop_url}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(words.text, cte="quoted-printable")
    message.add_alternative(words.html, subtype="html", cte="quoted-printable")
    return message


def send(message: EmailMessage, url: str) -> None:
    """Hand a message to the mail server; raises MailFailed or RecipientRefused."""
    try:
        with _connect(url) as server:
            _introduce(server, url)
            _hand_over(server, message)
    except (OSError, smtplib.SMTPException):
        # Not "from error": its words may quote the address.
        raise MailFailed from None


def _connect(url: str) -> smtplib.SMTP:
    parts = urlsplit(url)
    host, port = parts.hostname or "localhost", parts.port or 0
    if parts.scheme == "smtps":
        return smtplib.SMTP_SSL(host, port, timeout=TIMEOUT_SECONDS, context=ssl.create_default_context())
    return smtplib.SMTP(host, port, timeout=TIMEOUT_SECONDS)


def _introduce(server: smtplib.SMTP, url: str) -> None:
    parts = urlsplit(url)
    if "starttls" in parse_qs(parts.query, keep_blank_values=True):
        server.starttls(context=ssl.create_default_context())
    if parts.username:
        server.login(unquote(parts.username), unquote(parts.password or ""))


def _hand_over(server: smtplib.SMTP, message: EmailMessage) -> None:
    try:
        server.send_message(message)
    except smtplib.SMTPRecipientsRefused as error:
        if any(code not in REFUSED_FOR_GOOD for code, _ in error.recipients.values()):
            raise
        raise RecipientRefused from None
    except smtplib.SMTPNotSupportedError:
        raise RecipientRefused from None


def _address(recipient: str) -> Address:
    try:
        found = validate_email(recipient, check_deliverability=False)
    except EmailNotValidError:
        raise RecipientRefused from None
    return Address(username=found.local_part, domain=found.ascii_domain)
