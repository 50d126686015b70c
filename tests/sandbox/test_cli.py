"""Stripe's own command line, made for Stripe and told only another address, drives the sandbox."""

import os
import subprocess
from pathlib import Path

import pytest
import stripe

FOLDER = Path(__file__).parents[1] / "stripe_cli"
PROGRAM = FOLDER / "node_modules" / ".bin" / "stripe"
INSTALLED = FOLDER / "node_modules" / ".package-lock.json"
# Nothing but the sandbox can be reached: the program would ask for its own new versions.
ALONE = {"HTTP_PROXY": "http://127.0.0.1:9", "HTTPS_PROXY": "http://127.0.0.1:9", "NO_PROXY": "127.0.0.1"}
# These triggers of @stripe/cli 1.52.0 still send what Stripe itself refuses since 2026-09-30.endive.
WITHOUT_TYPES = ("--remove", "payment_intent:payment_method_types")

pytestmark = pytest.mark.processes


@pytest.fixture(scope="session")
def program():
    """Install the pinned program from npm, unless that was done, and return its path."""
    lock = FOLDER / "package-lock.json"
    if not INSTALLED.exists() or INSTALLED.stat().st_mtime < lock.stat().st_mtime:
        # Not `npm ci`: the lock names the binary of one platform, and others take theirs of the same version.
        command = [
            "npm",
            "install",
            "--no-save",
            "--ignore-scripts",
            "--no-audit",
            "--no-fund",
            "--prefix",
            str(FOLDER),
        ]
        subprocess.run(command, check=True, capture_output=True, timeout=300)
        INSTALLED.touch()
    return PROGRAM


@pytest.fixture
def cli(program, sandbox, tmp_path):
    """Return a function that runs the program against the sandbox."""
    own = {"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path), "STRIPE_CLI_TELEMETRY_OPTOUT": "1"}
    where = ("--api-base", sandbox.url, "--api-key", "sk_test_0123456789abcdef", "--api-version", stripe.api_version)

    def run(*words):
        env = {"PATH": os.environ["PATH"], **ALONE, **own}
        return subprocess.run([program, *words, *where], capture_output=True, text=True, timeout=120, env=env)

    return run


@pytest.mark.parametrize(
    ("type", "flags"),
    [
        ("customer.subscription.created", ()),
        ("invoice.paid", ()),
        ("payment_intent.succeeded", WITHOUT_TYPES),
        ("charge.refunded", WITHOUT_TYPES),
    ],
)
def test_stripes_triggers_happen(cli, sandbox, type, flags):
    done = cli("trigger", type, *flags)

    assert done.returncode == 0, done.stdout + done.stderr
    assert type in sandbox.told()


def test_what_stripe_refuses_is_refused_to_its_own_program(cli, sandbox):
    done = cli("trigger", "payment_intent.succeeded")

    assert done.returncode != 0
    assert "payment_method_types_no_longer_supported" in done.stdout + done.stderr
    assert sandbox.told() == []


def test_a_whole_membership_is_played_from_a_file(cli, sandbox):
    done = cli("fixtures", str(FOLDER / "membership.json"))

    assert done.returncode == 0, done.stdout + done.stderr
    (subscription,) = sandbox.v1.subscriptions.list({"status": "all"}).data
    assert (subscription.status, subscription.metadata["reference"]) == ("canceled", "m-1")
    assert subscription["items"].data[0].price.unit_amount == 1000
    assert [one.amount_paid for one in sandbox.v1.invoices.list().data] == [500, 500]
    assert [one.amount for one in sandbox.v1.refunds.list().data] == [500]
