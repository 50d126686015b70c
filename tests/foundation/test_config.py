"""Settings: what production refuses, in one clear line each, without a secret in it."""

import subprocess
import sys
from pathlib import Path

import pytest

from membership import config
from membership.config import Misconfigured, Mode, Settings
from tests.conftest import make_settings

GOOD = {
    "membership_mode": Mode.PRODUCTION,
    "secret_key": "kQ9vX2mN7pL4sT8wR1yB5cF3hJ6gD0zA",
    "public_url": "https://members.example.org",
    "publication_url": "https://example.org",
    "stripe_api_key": "rk_live_51Habcdefghijklmnop",
    "stripe_webhook_secrets": ["whsec_4f9a8b7c6d5e4f3a2b1c0d9e"],
}


def complaints(**fields):
    return make_settings(**GOOD | fields).complaints()


def test_sound_settings_start():
    assert complaints() == []


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"secret_key": ""}, "SECRET_KEY"),
        ({"secret_key": "changeme"}, "SECRET_KEY"),
        ({"secret_key": "a" * 40}, "SECRET_KEY"),
        ({"secret_key": " " + "kQ9vX2mN7pL4sT8wR1yB5cF3hJ6gD0zA"}, "SECRET_KEY"),
        ({"secret_key_fallbacks": ["short"]}, "SECRET_KEY_FALLBACKS"),
        ({"stripe_webhook_secrets": ["whsec_test"]}, "STRIPE_WEBHOOK_SECRETS"),
        ({"stripe_webhook_secrets": []}, "STRIPE_WEBHOOK_SECRETS"),
        ({"stripe_api_key": "pk_live_51Habcdefghijk"}, "STRIPE_API_KEY"),
        ({"stripe_api_key": "rk_test_51Habcdefghijk"}, "STRIPE_API_KEY"),
        ({"public_url": "http://members.example.org"}, "PUBLIC_URL"),
        ({"public_url": "members.other.test"}, "PUBLIC_URL"),
        ({"publication_url": "https://a:b@example.org"}, "PUBLICATION_URL"),
        ({"publication_timezone": "Mars/Olympus"}, "PUBLICATION_TIMEZONE"),
        ({"default_currency": "EUR"}, "DEFAULT_CURRENCY"),
        ({"clock_offset_file": Path("offset")}, "CLOCK_OFFSET_FILE"),
        ({"stripe_api_base": "http://localhost:8001"}, "STRIPE_API_BASE"),
        ({"flask_debug": "1"}, "FLASK_DEBUG"),
    ],
)
def test_production_refuses_what_is_missing_or_weak(fields, name):
    found = complaints(**fields)

    assert any(line.startswith(name) for line in found)
    assert not any(str(value) in line for value in fields.values() for line in found if len(str(value)) > 4)


def test_a_database_that_everybody_can_read_is_refused(tmp_path):
    file = tmp_path / "members.db"
    file.touch(mode=0o600)
    private = complaints(database_url=f"sqlite:///{file}")
    file.chmod(0o644)

    assert private == []
    assert complaints(database_url=f"sqlite:///{file}")[0].startswith("DATABASE_URL")


def test_a_live_key_is_refused_where_money_must_not_be_real():
    assert complaints(membership_mode=Mode.DEMO)[0].startswith("STRIPE_API_KEY moves real money")


def test_every_reason_is_told_at_once(monkeypatch):
    for name in ("SECRET_KEY", "PUBLIC_URL", "STRIPE_API_KEY"):
        monkeypatch.delenv(name, raising=False)

    with pytest.raises(Misconfigured) as refusal:
        config.load()

    assert {"SECRET_KEY is missing.", "PUBLIC_URL is missing."} <= set(refusal.value.lines)


def test_what_cannot_be_read_is_named_without_its_value(monkeypatch):
    monkeypatch.setenv("TRUSTED_PROXIES", "a-secret-word")

    with pytest.raises(Misconfigured) as refusal:
        config.load()

    assert refusal.value.lines == ["TRUSTED_PROXIES cannot be read."]


def test_lists_are_separated_by_commas(monkeypatch):
    monkeypatch.setenv("STRIPE_WEBHOOK_SECRETS", "whsec_one, whsec_two")

    assert Settings().webhook_secrets() == ["whsec_one", "whsec_two"]


@pytest.mark.parametrize("domain", ["example.com", "org", ".example.org", "members.example", "ample.org"])
def test_a_parent_domain_is_one_that_we_are_in(domain):
    ours = {"public_url": "https://members.example.org"}

    assert complaints(**ours, parent_domain="example.org") == complaints(**ours)
    assert complaints(**ours, parent_domain=domain)[0].startswith("PARENT_DOMAIN")


def test_a_live_key_is_known():
    assert make_settings(stripe_api_key="rk_live_1").is_live
    assert not make_settings().is_live


def test_a_process_without_settings_ends_with_clear_lines():
    done = subprocess.run(
        [sys.executable, "-c", "import wsgi"], env={"PATH": ""}, capture_output=True, text=True, timeout=60, check=False
    )

    assert done.returncode == 1
    assert "- SECRET_KEY is missing." in done.stderr
    assert "Traceback" not in done.stderr
