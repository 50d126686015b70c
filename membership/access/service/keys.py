"""The keys that sign passes: files, never rows; published before they sign, kept while they are needed to verify."""

import fcntl
import os
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
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
# Its last pass is signed when the next key takes over, lives ten minutes, and may meet a clock that is slow.
PUBLISHED_AFTER_USE = timedelta(minutes=15)
# In seconds; some file systems note times no finer than this.
LONGEST_STEP = 3.0


@dataclass(frozen=True, slots=True)
class PassKey:
    """A key pair; `kid` begins with the millisecond in which it was made."""

    kid: str
    key: ECKey

    @property
    def made_at(self) -> datetime:
        return datetime.fromtimestamp(_number(self.kid) / 1000, UTC)

    def verifying(self) -> ECKey:
        """Return the public half, as joserfc takes it."""
        return ECKey.import_key({**self.key.as_dict(private=False), "kid": self.kid})

    def published(self) -> dict[str, Any]:
        """Return the public half, as in a JWKS."""
        return {**self.key.as_dict(private=False), "kid": self.kid, "use": "sig", "alg": "ES256"}


class KeyRing:
    """The keys in a folder, shared with other processes; what one of them changes the others see at once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._names: list[str] = []
        self._keys: tuple[PassKey, ...] = ()
        self._changed_at, self._settled_at = 0, 0.0

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

    def published_keys(self, now: datetime) -> tuple[PassKey, ...]:
        """Return the keys that verify: those that sign, will sign, or signed a pass that may still live."""
        keys = self.keys(now)
        return tuple(key for key, after in zip(keys, (*keys[1:], None), strict=True) if not _is_spent(after, now))

    def rotate(self, now: datetime) -> PassKey:
        """Make and publish a new key, and destroy those whose last pass is dead."""
        published = {key.kid for key in self.published_keys(now)}
        return self._replace([key.kid for key in self.keys(now) if key.kid not in published], now)

    def replace_all(self, now: datetime) -> PassKey:
        """Destroy every key at once, for one got into wrong hands, and sign with a new one from now on."""
        return self._replace([key.kid for key in self.keys(now)], now)

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

    def _replace(self, old: Iterable[str], now: datetime) -> PassKey:
        with _usable(self.folder), _alone(self.folder):
            self._read()
            kid = _make(self.folder, now, after=_number(self._keys[-1].kid))
            for spent in old:
                _path(self.folder, spent).unlink(missing_ok=True)
            self._read()
        return next(key for key in self._keys if key.kid == kid)

    def _make_first(self, now: datetime) -> None:
        with _alone(self.folder):
            # Another process may have made it while this one waited.
            self._read()
            if not self._keys:
                _make(self.folder, now)
                self._read()

    def _read(self) -> None:
        # A folder's time changes with its names, in steps: it is believed once the step that it tells is over.
        changed_at = _changed_at(self.folder)
        if changed_at != self._changed_at:
            self._changed_at, self._settled_at = changed_at, monotonic() + LONGEST_STEP
        elif monotonic() > self._settled_at:
            return
        # A key never changes under its name, so the names tell all: a rotation by any process is seen at once.
        names = sorted(name for name in _listed(self.folder) if name.endswith(".pem"))
        if names != self._names:
            self._keys = tuple(key for name in names if (key := _load(self.folder / name)))
            self._names = names


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
        _give_to_owner(file.fileno(), folder)
        file.write(pem)
        os.fsync(file.fileno())
    unfinished.replace(_path(folder, kid))
    return kid


def _give_to_owner(file: int, folder: Path) -> None:
    # What an administrator makes as root must be readable for the web processes, whose folder it is.
    owner = folder.stat()
    with suppress(PermissionError):
        os.chown(file, owner.st_uid, owner.st_gid)


def _listed(folder: Path) -> list[str]:
    try:
        return os.listdir(folder)
    except FileNotFoundError:
        return []


def _changed_at(folder: Path) -> int:
    try:
        return os.stat(folder).st_mtime_ns
    except FileNotFoundError:
        return 0


def _load(path: Path) -> PassKey | None:
    try:
        return PassKey(path.stem, ECKey.import_key(path.read_bytes()))
    except FileNotFoundError:  # destroyed since it was listed
        return None


def _is_spent(after: PassKey | None, now: datetime) -> bool:
    return after is not None and after.made_at + PUBLISHED_BEFORE_USE + PUBLISHED_AFTER_USE <= now


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
