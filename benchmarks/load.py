"""Drives the server with wrk: many readers at once, over connections that stay open."""

import json
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

SCRIPT = Path(__file__).with_name("load.lua")
CONNECTIONS = 16


class CannotMeasure(Exception):
    """The figures would mean nothing; the message says why."""


@dataclass(frozen=True)
class Load:
    """Where the requests go, for how long, and the folder that they are written to first."""

    port: int
    seconds: float
    folder: Path
    host: str

    def rate(self, requests: Sequence[bytes], *, once: bool = False) -> float:
        """Send the requests for a while and return the answers per second; `once` refuses to send one twice."""
        told = self._send(requests, [])
        if once and told["sent"] > len(requests):
            raise CannotMeasure(f"{len(requests)} requests were too few for {self.seconds} seconds.")
        return told["answers"] / told["microseconds"] * 1e6

    def waits(self, requests: Sequence[bytes], per_second: float) -> tuple[float, float]:
        """Send requests at a steady rate; return the median and the 99th percentile of the waiting, in milliseconds."""
        told = self._send(requests, [str(CONNECTIONS / per_second * 1000)])
        return told["p50_ms"], told["p99_ms"]

    def _send(self, requests: Sequence[bytes], how: Sequence[str]) -> dict[str, float]:
        source = self.folder / "requests"
        source.write_bytes(b"".join(b"%d\n%b" % (len(one), one) for one in requests))
        told = _run_wrk(self.port, self.seconds, [str(source), *how])
        if told["refused"] or told["broken"]:
            raise CannotMeasure(f"The server refused {told['refused']} requests and broke off {told['broken']}.")
        return told

    def request(self, line: str, headers: Mapping[str, str], body: bytes = b"") -> bytes:
        """Write a request as it goes over the wire."""
        fields = {"Host": self.host, **headers, **({"Content-Length": str(len(body))} if body else {})}
        head = [f"{line} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items())]
        return "\r\n".join([*head, "", ""]).encode() + body


def require_wrk() -> None:
    """Raise CannotMeasure without wrk."""
    if shutil.which("wrk") is None:
        raise CannotMeasure("wrk is needed to make load: apt-get install wrk (Debian, Ubuntu), brew install wrk.")


def _run_wrk(port: int, seconds: float, told_to_script: Sequence[str]) -> dict[str, float]:
    # wrk counts whole seconds only.
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{max(1, round(seconds))}s", "-s", str(SCRIPT)]
    ended = subprocess.run(
        [*command, f"http://127.0.0.1:{port}", "--", *told_to_script],
        capture_output=True,
        text=True,
        timeout=seconds + 30,
    )
    if ended.returncode:
        raise CannotMeasure(f"wrk failed: {ended.stderr.strip() or ended.stdout.strip()}")
    told: dict[str, float] = json.loads(ended.stdout.splitlines()[-1])
    return told
