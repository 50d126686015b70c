import pytest
from membership_pass import BadPass, PassVerifier
from membership_pass import verifier as module

from tests.integrations.corpus import BELIEVED, BODY, CORPUS, GOOD, HEAD
from tests.integrations.signing import (
    AUDIENCE,
    CLAIMS,
    ISSUER,
    NOW,
    make_pass,
    published,
    signature_over,
)


def make_verifier(now=NOW, keys=None):
    jwks = {"keys": [published()] if keys is None else keys}
    return PassVerifier(ISSUER, AUDIENCE, jwks=lambda: jwks, clock=lambda: now)


@pytest.mark.parametrize("token", CORPUS.values(), ids=CORPUS.keys())
def test_every_bad_pass_is_refused(token):
    with pytest.raises(BadPass):
        make_verifier().verify(token)


@pytest.mark.parametrize("token", BELIEVED.values(), ids=BELIEVED.keys())
def test_every_good_pass_is_believed(token):
    assert make_verifier().verify(token)


def test_a_good_pass_says_what_the_reader_may_have():
    found = make_verifier().verify(GOOD)

    assert (found.subject, found.state, found.tier, found.ask) == ("reader-of-the-daily", "active", "friend", "none")
    assert found.flags == {"no_ads", "vote"}
    assert (found.issued_at, found.expires_at) == (CLAIMS["iat"], CLAIMS["exp"])


def test_a_reader_may_have_no_tier():
    assert make_verifier().verify(make_pass(tier=None, flags=[])).tier is None


@pytest.mark.parametrize("skew", [-69, 0, 649])
def test_a_pass_works_within_the_leeway(skew):
    assert make_verifier(NOW + skew).verify(GOOD)


@pytest.mark.parametrize(("skew", "reason"), [(-71, "not yet"), (650, "expired"), (120 + 590, "expired")])
def test_a_pass_does_not_work_beyond_the_leeway(skew, reason):
    with pytest.raises(BadPass) as refusal:
        make_verifier(NOW + skew).verify(GOOD)

    assert refusal.value.reason == reason


def test_a_pass_seen_before_still_expires():
    now = [NOW]
    verifier = PassVerifier(ISSUER, AUDIENCE, jwks=lambda: {"keys": [published()]}, clock=lambda: now[0])
    assert verifier.verify(GOOD) is verifier.verify(GOOD)
    now[0] = NOW + 700

    with pytest.raises(BadPass, match="expired"):
        verifier.verify(GOOD)


def test_a_pass_seen_before_dies_with_its_key():
    verifier, jwks = make_verifier(), {"keys": []}
    verifier.verify(GOOD)
    verifier.keys._keys = {}
    verifier.keys._fetch = lambda: jwks

    with pytest.raises(BadPass, match="key"):
        verifier.verify(GOOD)


def test_what_is_remembered_is_bounded(monkeypatch):
    monkeypatch.setattr(module, "MOST_REMEMBERED", 2)
    verifier = make_verifier()
    for number in range(5):
        verifier.verify(make_pass(sub=f"reader-{number}"))

    assert len(verifier._seen) == 2


def test_a_refused_pass_is_not_remembered():
    verifier = make_verifier()
    with pytest.raises(BadPass):
        verifier.verify(f"{HEAD}.{BODY}.{signature_over('something else')}")

    assert not verifier._seen
