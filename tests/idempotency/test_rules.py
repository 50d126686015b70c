import pytest
from cryptography.fernet import InvalidToken

from membership.idempotency import rules
from membership.idempotency.errors import IdempotencyKeyUnreadable


@pytest.mark.parametrize(
    ("header", "key"),
    [
        ('"8e03978e-40d5-43dd-bc93-6894a57f9324"', "8e03978e-40d5-43dd-bc93-6894a57f9324"),
        ("8e03978e-40d5-43dd-bc93-6894a57f9324", "8e03978e-40d5-43dd-bc93-6894a57f9324"),
        (r'"a \"b\" \\ c"', r'a "b" \ c'),
        ("k" * 255, "k" * 255),
    ],
)
def test_keys_are_read_quoted_as_the_draft_has_them_and_bare_as_clients_send_them(header, key):
    assert rules.read_key(header) == key


@pytest.mark.parametrize(
    "header", ["", '""', '"a', "a b", "a,b", "a;b", '"a";q=1', '"a", "b"', "ключ", "k" * 256, r'"\a"']
)
def test_other_keys_are_refused(header):
    with pytest.raises(IdempotencyKeyUnreadable):
        rules.read_key(header)


def test_fingerprints_do_not_run_together():
    requests = [("POST", "/a", b"b"), ("POST", "/ab", b""), ("PUT", "/a", b"b"), ("POST", "/a", b"c")]

    assert len({rules.fingerprint(*one) for one in requests}) == len(requests)
    assert rules.key_hash("site 1", "k") != rules.key_hash("site 11", "k")


def test_an_answer_opens_with_the_key_and_a_secret_that_is_still_known_only():
    sealed = rules.sealer(["old"], "key").encrypt(b"said")

    assert rules.sealer(["new", "old"], "key").decrypt(sealed) == b"said"
    for known, key in ((["old"], "other"), (["new"], "key")):
        with pytest.raises(InvalidToken):
            rules.sealer(known, key).decrypt(sealed)
