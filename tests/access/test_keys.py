import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from membership.access.errors import PassKeyInUse, UnknownPassKey
from membership.access.service.keys import KeyRing, key_ring
from membership.clock import utc_now
from membership.config import Misconfigured


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "keys"


def kids(keys):
    return [key.kid for key in keys]


def test_the_first_key_is_made_when_it_is_needed_and_kept_to_oneself(folder):
    [key] = KeyRing(folder).keys(utc_now())

    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / f"{key.kid}.pem").stat().st_mode) == 0o600


def test_many_at_once_make_one_first_key(folder):
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: KeyRing(folder).signing_key(utc_now()).kid, range(16)))

    assert len(set(found)) == 1


def test_a_key_that_another_process_made_is_seen(folder):
    here, there = KeyRing(folder), KeyRing(folder)
    here.keys(utc_now())

    assert there.rotate(utc_now()).kid in {key.kid for key in here.keys(utc_now())}


def test_an_old_key_is_published_until_its_last_pass_is_dead_and_destroyed_by_the_next_rotation(folder):
    ring, now = KeyRing(folder), utc_now()
    old, new = ring.signing_key(now), ring.rotate(now)
    just_before, dead = new.made_at + timedelta(minutes=24, seconds=59), new.made_at + timedelta(minutes=25)
    before, after = ring.published_keys(just_before), ring.published_keys(dead)
    third = ring.rotate(dead)

    assert (kids(before), kids(after)) == ([old.kid, new.kid], [new.kid])
    assert kids(ring.keys(dead)) == [new.kid, third.kid]


def test_compromised_keys_are_gone_for_every_process_at_once_and_the_new_one_signs(folder):
    here, there, now = KeyRing(folder), KeyRing(folder), utc_now()
    here.rotate(now)
    there.keys(now)
    new = here.replace_all(now)

    assert kids(there.published_keys(now)) == kids(there.keys(now)) == [new.kid]
    assert there.signing_key(now).kid == new.kid
    assert [path.stem for path in folder.glob("*.pem")] == [new.kid]


def test_a_key_that_is_destroyed_while_it_is_being_read_is_none(folder):
    [key] = KeyRing(folder).keys(utc_now())
    (folder / "1-gone.pem").symlink_to(folder / "nothing")

    assert [one.kid for one in KeyRing(folder).keys(utc_now())] == [key.kid]


def test_an_old_key_can_be_destroyed_and_the_one_that_signs_cannot(folder):
    ring, now = KeyRing(folder), utc_now()
    old, new = ring.signing_key(now).kid, ring.rotate(now).kid
    later = now + timedelta(minutes=11)
    with pytest.raises(PassKeyInUse):
        ring.remove(new, later)
    ring.remove(old, later)

    assert [key.kid for key in ring.keys(later)] == [new]


@pytest.mark.parametrize("kid", ["", "nobody", "../other", "1-x"])
def test_an_unknown_key_cannot_be_destroyed(folder, kid):
    with pytest.raises(UnknownPassKey):
        KeyRing(folder).remove(kid, utc_now())


def test_a_folder_that_cannot_be_used_is_named(tmp_path):
    (tmp_path / "file").touch()

    with pytest.raises(Misconfigured, match="PASS_KEYS_DIR"):
        KeyRing(tmp_path / "file" / "keys").keys(utc_now())


def test_a_broken_key_file_is_named_and_not_quoted(folder):
    folder.mkdir()
    (folder / "1-broken.pem").write_text("secret words")

    with pytest.raises(Misconfigured) as refusal:
        KeyRing(folder).keys(utc_now())

    assert "secret" not in str(refusal.value)


def test_a_process_has_one_ring_per_folder(folder):
    assert key_ring(folder) is key_ring(folder)
