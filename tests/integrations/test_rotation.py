"""A site that keeps the published keys never refuses a good pass when they rotate, and soon refuses stolen ones."""

from datetime import UTC, datetime, timedelta

import pytest
from membership_pass import BadPass, KeyCache, PassVerifier

from membership.access.rules import decide
from membership.access.service import Addressee, KeyRing, mint

BEGAN = datetime(2026, 11, 28, 9, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


class Site:
    """A site's verifier beside a newsroom's keys, both on one clock that a test sets."""

    def __init__(self, folder):
        self.now, self.ring = BEGAN, KeyRing(folder)
        keys = KeyCache(self.fetch, timer=lambda: self.now.timestamp())
        self.passes = PassVerifier("https://members.test", "daily", jwks=keys, clock=lambda: self.now.timestamp())

    def fetch(self):
        return {"keys": [key.published() for key in self.ring.published_keys(self.now)]}

    def issue(self):
        to = Addressee("https://members.test", "daily", "reader")
        return mint(decide([], self.now), to, self.ring.signing_key(self.now), self.now).token

    def takes(self, token):
        try:
            return self.passes.verify(token).subject == "reader"
        except BadPass as bad:
            return bad.reason


@pytest.fixture
def site(tmp_path):
    return Site(tmp_path / "keys")


def test_no_good_pass_is_refused_while_keys_rotate_hour_after_hour(site):
    issued = []
    for minute in range(180):
        site.now = BEGAN + minute * MINUTE
        if minute % 60 == 30:
            site.ring.rotate(site.now)
        issued.append(site.issue())

        assert all(site.takes(token) is True for token in issued[-10:]), f"after {minute} minutes"
    assert len(site.ring.published_keys(site.now)) < 4


def test_stolen_keys_are_refused_within_five_minutes_and_new_passes_taken_at_once(site):
    stolen = site.issue()
    assert site.takes(stolen) is True
    site.ring.replace_all(site.now)
    site.now += MINUTE + timedelta(seconds=1)
    fresh = site.issue()

    assert site.takes(fresh) is True
    assert site.takes(stolen) == "key", "the unknown key made the site ask again"


def test_a_site_that_meets_no_new_pass_learns_of_stolen_keys_within_five_minutes(site):
    stolen = site.issue()
    assert site.takes(stolen) is True
    site.ring.replace_all(site.now)
    site.now += 5 * MINUTE + timedelta(seconds=1)

    assert site.takes(stolen) == "key"
