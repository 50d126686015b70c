"""Codes, hashes, networks, roles, and the codes of an app."""

from datetime import timedelta

import pyotp
import pytest
from cryptography.fernet import InvalidToken

from membership.clock import utc_now
from membership.patrons import rules
from membership.patrons.models import Role, SignInLink
from tests.patrons.signing_in import SECRET

NOW = utc_now()


def test_a_code_is_eight_unmistakable_signs():
    codes = {rules.new_code() for _ in range(500)}

    assert len(codes) == 500
    assert all(len(code) == 8 and set(code) <= set(rules.ALPHABET) for code in codes)
    assert not set("01OIL") & (set(rules.ALPHABET) - {"L"})


@pytest.mark.parametrize("typed", ["abcd-2345", " ABCD 2345 ", "a b c d 2 3 4 5"])
def test_a_code_is_read_however_it_is_spaced_and_cased(typed):
    assert rules.typed_code(typed) == "ABCD2345"
    assert rules.spaced("ABCD2345") == "ABCD-2345"


def test_more_than_a_code_is_not_cut_to_one():
    assert rules.typed_code("ABCD-2345-6") != "ABCD2345"


@pytest.mark.parametrize(
    ("fields", "is_open"),
    [
        ({}, True),
        ({"used_at": NOW}, False),
        ({"expires_at": NOW}, False),
        ({"attempts": 4}, True),
        ({"attempts": 5}, False),
    ],
)
def test_a_link_is_open_once_for_a_while_and_for_few_tries(fields, is_open):
    link = SignInLink(**{"used_at": None, "attempts": 0, "expires_at": NOW + timedelta(minutes=1)} | fields)

    assert rules.is_open(link, NOW) is is_open


def test_an_address_is_named_so_that_only_its_owner_knows_it():
    assert rules.masked("olena@example.org") == "o…@example.org"


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::", "2001:db8:1:2::/64"),
        ("unknown", ""),
        (None, ""),
    ],
)
def test_a_household_is_one_network(address, network):
    assert rules.network_of(address) == network


def test_each_role_may_what_the_ones_before_it_may():
    table = [[rules.reaches(role, needed) for needed in Role] for role in Role]

    assert table == [[True] * n + [False] * (4 - n) for n in (1, 2, 3, 4)]


def test_a_secret_is_sealed_with_the_newest_key_and_opened_with_any():
    old, both, new = (rules.sealer(keys) for keys in (["old" * 20], ["new" * 20, "old" * 20], ["new" * 20]))
    sealed = old.encrypt(b"secret")

    assert both.decrypt(sealed) == b"secret"
    assert new.decrypt(both.rotate(sealed)) == b"secret"
    with pytest.raises(InvalidToken):
        new.decrypt(sealed)


@pytest.mark.parametrize(("drift", "is_accepted"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_code_of_an_app_may_be_one_step_early_or_late(drift, is_accepted):
    present = int(NOW.timestamp()) // 30
    code = pyotp.TOTP(SECRET).generate_otp(present + drift)

    assert rules.accepted_step(SECRET, code, NOW, 0) == (present + drift if is_accepted else None)


def test_a_code_of_an_app_is_accepted_once():
    step = int(NOW.timestamp()) // 30
    code = pyotp.TOTP(SECRET).generate_otp(step)

    assert rules.accepted_step(SECRET, code, NOW, step) is None
    assert rules.accepted_step(SECRET, code, NOW, step - 1) == step


@pytest.mark.parametrize("code", ["", "12345", "１２３４５６", "000000 "])
def test_what_is_no_code_is_not_accepted(code):
    assert rules.accepted_step(SECRET, code, NOW, 0) is None
