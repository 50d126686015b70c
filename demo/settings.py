"""Where the demonstration lives: ports, files, and the environment that its processes share."""

import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(".demo")
ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Demo:
    """The ports and secrets of one demonstration; every address follows from the first port."""

    port: int
    secrets: dict[str, str]

    @property
    def membership(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def sandbox(self) -> str:
        return f"http://localhost:{self.port + 1}"

    @property
    def publication(self) -> str:
        return f"http://localhost:{self.port + 2}"

    @property
    def inbox(self) -> str:
        return f"http://localhost:{self.port + 3}"

    @property
    def smtp_port(self) -> int:
        return self.port + 4

    @property
    def webhook(self) -> str:
        return f"{self.membership}/webhooks/stripe"

    def environment(self) -> dict[str, str]:
        """Return the settings of Membership; absolute paths, so that commands work from anywhere."""
        folder = FOLDER.resolve()
        return {
            "FLASK_APP": str(ROOT / "wsgi.py"),
            "MEMBERSHIP_MODE": "demo",
            "DATABASE_URL": f"sqlite:///{folder}/membership.db",
            "SECRET_KEY": self.secrets["secret_key"],
            "PUBLIC_URL": self.membership,
            "PUBLICATION_NAME": "The Open Daily",
            "PUBLICATION_URL": self.publication,
            "PUBLICATION_TIMEZONE": "Europe/Kyiv",
            "DEFAULT_CURRENCY": "eur",
            "STRIPE_API_KEY": "sk_test_sandbox",
            "STRIPE_API_BASE": self.sandbox,
            "STRIPE_WEBHOOK_SECRETS": self.secrets["webhook_secret"],
            "SMTP_URL": f"smtp://127.0.0.1:{self.smtp_port}",
            "MAIL_FROM": "The Open Daily <members@open-daily.example>",
            "PASS_KEYS_DIR": f"{folder}/pass-keys",
            "CLOCK_OFFSET_FILE": f"{folder}/clock",
        }


def prepare() -> Demo:
    """Make the folder, its secrets on the first run, and the file of settings for `flask -e .demo/env`."""
    FOLDER.mkdir(mode=0o700, exist_ok=True)
    demo = Demo(int(os.environ.get("PORT", "8000")), _secrets())
    lines = [f"{name}={value}" for name, value in demo.environment().items()]
    (FOLDER / "env").write_text("\n".join(lines) + "\n")
    return demo


def _secrets() -> dict[str, str]:
    kept = FOLDER / "secrets.json"
    if not kept.exists():
        made = {"secret_key": secrets.token_urlsafe(36), "webhook_secret": f"whsec_{secrets.token_hex(20)}"}
        kept.touch(mode=0o600)
        kept.write_text(json.dumps(made))
    found: dict[str, str] = json.loads(kept.read_text())
    return found
