"""The pinned requirements install with the pip that comes with Python, also after newer releases have come out."""

import re
from importlib.metadata import requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PINNED = re.compile(r"^([\w.-]+(?:\[[\w,-]+\])?==\S+)", re.MULTILINE)


@pytest.mark.parametrize("lock", ["requirements.txt", "requirements-dev.txt"])
def test_a_package_that_is_asked_for_with_an_extra_is_pinned_with_it(lock):
    # pip looks a package with an extra up apart from the one without, and takes the newest, which has no hash here.
    pins = [Requirement(line) for line in PINNED.findall(Path(lock).read_text())]
    extras = {canonicalize_name(pin.name): pin.extras for pin in pins}

    missing = [
        f"{wanted} (of {pin.name})"
        for pin in pins
        for wanted in map(Requirement, _needs(pin.name))
        if _applies(wanted, pin) and not wanted.extras <= extras.get(canonicalize_name(wanted.name), set())
    ]

    assert len(pins) > 30
    assert missing == []


def _needs(name: str) -> list[str]:
    try:
        return requires(name) or []
    except ModuleNotFoundError:  # for another system than this one
        return []


def _applies(wanted: Requirement, pin: Requirement) -> bool:
    return wanted.marker is None or any(wanted.marker.evaluate({"extra": extra}) for extra in {"", *pin.extras})
