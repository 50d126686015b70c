"""`python -m demo`: the whole of Membership on this machine, with a newsroom in it, until Ctrl-C."""

import argparse
import signal
import subprocess
import sys
import time

from demo import processes, seed
from demo.settings import FOLDER, Demo, prepare


def main() -> int:
    """Fill the demonstration on the first run, serve it, and tell where to look."""
    parser = argparse.ArgumentParser(prog="python -m demo", description=__doc__)
    parser.add_argument("--without-history", action="store_true", help="a newsroom on its first day")
    parser.add_argument("--journal", default="", help="a file for every answer and event of the sandbox")
    chosen = parser.parse_args()
    for number in (signal.SIGTERM, signal.SIGHUP):
        # Whoever wants it to outlive the terminal has said so.
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, signal.default_int_handler)
    started: list[subprocess.Popen[bytes]] = []
    try:
        demo = prepare()
        processes.require_free(*range(demo.port, demo.port + 5))
        if not (FOLDER / "seeded").exists():
            seed.fill(demo, with_history=not chosen.without_history)
        else:
            # What was filled by an older release is kept, and brought up to this one.
            seed.upgrade(demo)
        for name, command, url in commands(demo, chosen.journal):
            started.append(processes.start(name, command, demo.environment(), FOLDER))
            if url:
                processes.wait_for(url, started[-1])
        print(table(demo), flush=True)
        return _watch(started)
    except processes.DidNotStart as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0
    finally:
        processes.end(started[::-1])


def commands(demo: Demo, journal: str = "") -> list[tuple[str, list[str], str]]:
    """List what runs: a name, the module with its arguments, the address that shows it is up."""
    clock = str(FOLDER / "clock")
    noted = ["--journal", journal] if journal else []
    sandbox = [*seed.sandbox_command(demo), "--mode", "deliver", *noted]
    server = ["gunicorn", "wsgi:app", "--bind", f"localhost:{demo.port}", "--threads", "4", "--no-control-socket"]
    publication = ["demo.publication", "--port", str(demo.port + 2), "--membership", demo.membership]
    inbox = ["demo.inbox", "--port", str(demo.port + 3), "--smtp-port", str(demo.smtp_port)]
    return [
        ("sandbox", sandbox, f"{demo.sandbox}/_sandbox/state"),
        ("inbox", [*inbox, "--data", str(FOLDER / "mail")], demo.inbox),
        ("membership", server, f"{demo.membership}/healthz"),
        ("worker", ["flask", "work"], ""),
        ("publication", [*publication, "--key", str(FOLDER / "site-key"), "--clock-file", clock], demo.publication),
    ]


def table(demo: Demo) -> str:
    """Say where to look and how to sign in."""
    rows = [
        ("The publication", demo.publication, "read an article; the appeal is at its end"),
        ("Membership", demo.membership, "the support page"),
        ("The inbox", demo.inbox, "every letter sent from now on: sign-in codes, receipts"),
        ("Stripe, in a sandbox", f"{demo.sandbox}/_sandbox/", "clock, test cards, webhook switches"),
        ("The newsroom", f"{demo.membership}/staff", f"sign in as {seed.EDITOR_IN_CHIEF}"),
    ]
    lines = [f"  {what:<21} {where:<34} {why}" for what, where, why in rows]
    patron = f"  A patron to sign in as: {seed.KNOWN_PATRON} (the letter with the code is in the inbox)"
    code = f"  The newsroom's second factor: {demo.membership}/staff asks for it; run\n    {seed.CODE_COMMAND}"
    card = "  A card that works: 4242 4242 4242 4242. One that fails at renewal: 4000 0000 0000 0341"
    return "\n".join(["", *lines, "", patron, code, card, "  Ctrl-C ends it. make demo-reset starts over.", ""])


def _watch(started: list["subprocess.Popen[bytes]"]) -> int:
    while all(process.poll() is None for process in started):
        time.sleep(0.5)
    print(f"A part of the demonstration ended; its words are in {FOLDER}/*.log.", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
