"""The keys that sign passes: files, never rows; published before they sign, kept while they are needed to verify."""

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from time import monotonic
from typing import Any

from joserfc.jwk import ECKey

from membership.access.errors import PassKeyInUse, UnknownPassKey
from membership.config import Misconfigured

# Sites keep the published keys for up to five minutes; a key that signs later than that is never unknown to them.
PUBLISHED_BEFORE_USE = timedelta(minutes=10)
# Two changes within one tick of the file system look like one; so the folder is also read again from time to time.
READ_AGAIN_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class PassKey:
    """A key pair; `kid` begins with the millisecond in which it was made."""

    kid: str
    key: ECKey

    @property
    def made_at(self) -> datetime:
        return datetime.fromtimestamp(_number(self.kid) / 1000, UTC)

    def published(self) -> dict[str, Any]:
        """Return the public half, as in a JWKS."""
        return {**self.key.as_dict(private=False), "kid": self.kid, "use": "sig", "alg": "ES256"}


class KeyRing:
    """The keys in a folder, shared with other processes, read again when the folder changes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._seen = (-1, 0.0)
        self._keys: tuple[PassKey, ...] = ()

    def keys(self, now: datetime) -> tuple[PassKey, ...]:
        """Return every key, oldest first; makes the first one when there is none."""
        with _usable(self.folder):
            self._read()
            if not self._keys:
                self._make_first(now)
            return self._keys

    def signing_key(self, now: datetime) -> PassKey:
        """Return the newest key that has been published for long enough, else the oldest."""
        keys = self.keys(now)
        known = [key for key in keys if key.made_at + PUBLISHED_BEFORE_USE <= now]
        return known[-1] if known else keys[0]

    def rotate(self, now: datetime) -> PassKey:
        """Make and publish a new key."""
        self.keys(now)
        with _usable(self.folder), _alone(self.folder):
            self._read()
            kid = _make(self.folder, now, after=_number(self._keys[-1].kid))
            self._read()
        return next(key for key in self._keys if key.kid == kid)

    def remove(self, kid: str, now: datetime) -> None:
        """Destroy a key; its passes are refused as soon as sites fetch the keys again.

        Raises UnknownPassKey, or PassKeyInUse for the key that signs.
        """
        if kid not in {key.kid for key in self.keys(now)}:
            raise UnknownPassKey
        if kid == self.signing_key(now).kid:
            raise PassKeyInUse
        with _usable(self.folder), _alone(self.folder):
            _path(self.folder, kid).unlink(missing_ok=True)
            self._read()

    def _make_first(self, now: datetime) -> None:
        with _alone(self.folder):
            # Another process may have made it while this one waited.
            self._read()
            if not self._keys:
                _make(self.folder, now)
                self._read()

    def _read(self) -> None:
        changed = self.folder.stat().st_mtime_ns if self.folder.exists() else -1
        seen, at = self._seen
        if changed != seen or monotonic() - at > READ_AGAIN_SECONDS:
            self._keys = tuple(_load(path) for path in sorted(self.folder.glob("*.pem")))
            self._seen = changed, monotonic()


@cache
def key_ring(folder: Path) -> KeyRing:
    """Return this process's key ring over a folder."""
    return KeyRing(folder)


def _make(folder: Path, now: datetime, after: int = 0) -> str:
    number = max(int(now.timestamp() * 1000), after + 1)
    kid = f"{number}-{secrets.token_hex(4)}"
    pem = ECKey.generate_key("P-256").as_pem(private=True)
    unfinished = folder / f"{kid}.new"
    with open(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(pem)
        os.fsync(file.fileno())
    unfinished.replace(_path(folder, kid))
    return kid


def _load(path: Path) -> PassKey:
    return PassKey(path.stem, ECKey.import_key(path.read_bytes()))


def _number(kid: str) -> int:
    return int(kid.partition("-")[0])


def _path(folder: Path, kid: str) -> Path:
    return folder / f"{kid}.pem"


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def _usable(folder: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError) as error:
        raise Misconfigured([f"PASS_KEYS_DIR ({folder}) cannot be used: {type(error).__name__}."]) from error
