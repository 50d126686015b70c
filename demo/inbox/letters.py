"""Letters in a folder, one file each; the newest first."""

import re
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from markupsafe import Markup, escape

LINK = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,)]")


@dataclass(frozen=True)
class Letter:
    """One letter as it arrived."""

    number: int
    recipient: str
    subject: str
    date: str
    text: str

    @property
    def body(self) -> Markup:
        """The text with its links made clickable; everything else is inert."""
        parts, at = [], 0
        for link in LINK.finditer(self.text):
            parts += [escape(self.text[at : link.start()]), Markup('<a href="{0}">{0}</a>').format(link[0])]
            at = link.end()
        return Markup("").join([*parts, escape(self.text[at:])])


class Mailbox:
    """All letters that were ever sent in this demonstration."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def keep(self, recipients: list[str], content: bytes) -> None:
        """Write one file per recipient, so that each sees only her own."""
        for recipient in recipients:
            number = max((int(path.stem) for path in self.folder.glob("*.eml")), default=0) + 1
            partial = self.folder / f"{number:06}.partial"
            partial.write_bytes(b"X-Recipient: " + recipient.encode() + b"\n" + content)
            partial.rename(self.folder / f"{number:06}.eml")

    def list_letters(self, recipient: str = "") -> list[Letter]:
        """List the letters, the newest first; to one recipient if named."""
        letters = [self.read(int(path.stem)) for path in sorted(self.folder.glob("*.eml"), reverse=True)]
        return [letter for letter in letters if recipient in {"", letter.recipient}]

    def read(self, number: int) -> Letter:
        """Read one letter; FileNotFoundError when there is none of this number."""
        message = message_from_bytes((self.folder / f"{number:06}.eml").read_bytes(), policy=policy.default)
        assert isinstance(message, EmailMessage)
        body = message.get_body(("plain",))
        text = body.get_content() if body is not None else ""
        return Letter(number, str(message["X-Recipient"]), str(message["Subject"]), str(message["Date"]), text)
