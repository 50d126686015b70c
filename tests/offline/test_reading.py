"""The bank's files: read whole, or refused whole in clear words; never half, never a crash."""

from contextlib import suppress
from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from membership.i18n import speaking
from membership.money import Money
from membership.offline.errors import BankFileUnreadable
from membership.offline.reading import MOST_BYTES, read_statement
from tests.offline.statements import IBAN, PAYER, camt, details, entry

CSV = "date;amount;currency;payer;payer_account;text;id\n03.11.2026;20,00;EUR;Olena;FR14;for you;B1\n"
BOMB = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><Document>&b;</Document>'
READ = "<!DOCTYPE x SYSTEM 'file:///etc/passwd'><Document/>"


def read(data):
    return read_statement(data if isinstance(data, bytes) else data.encode(), IBAN)


@pytest.mark.parametrize("version", ["02", "04", "08", "13"])
def test_a_credit_is_read(version):
    statement = read(camt(entry(text="RF00 hello"), version=version))
    (line,) = statement.received

    assert (statement.account, statement.left_out) == (IBAN, 0)
    assert (line.amount, line.booked_on, line.payer, line.text) == (
        Money(2000, "eur"), date(2026, 11, 3), "Olena Kovalenko", "RF00 hello",
    )  # fmt: skip
    assert (line.entry_reference, line.payer_account) == ("A1", PAYER)


@pytest.mark.parametrize(
    "other", [{"sign": "DBIT"}, {"status": "PDNG"}, {"more": "<RvslInd>true</RvslInd>"}, {"status": "<Cd>INFO</Cd>"}]
)
def test_what_is_no_money_that_came_in_is_counted_and_left_out(other):
    statement = read(camt(entry(), entry("A2", **other)))

    assert (len(statement.received), statement.left_out) == (1, 1)


def test_the_words_of_newer_versions_are_known():
    parts = "<TxDtls><RltdPties><Dbtr><Pty><Nm>Ivan</Nm></Pty></Dbtr></RltdPties></TxDtls>"
    (line,) = read(camt(entry(status="<Cd>BOOK</Cd>", details=parts))).received

    assert line.payer == "Ivan"


def test_many_in_one_entry_are_read_one_by_one():
    parts = details("A1", amount="14.00") + details("", amount="5.00") + details("own", amount="1.00")
    received = read(camt(entry(details=parts))).received

    assert [line.amount.minor for line in received] == [1400, 500, 100]
    assert [line.entry_reference for line in received] == ["A1/1", "A1/2", "own"]


def test_an_entry_without_details_is_read_from_its_own_words():
    bare = entry().replace(details("A1"), "").replace("<NtryDtls></NtryDtls>", "<AddtlNtryInf>hello</AddtlNtryInf>")

    assert read(camt(bare)).received[0].text == "hello"


def test_amounts_deep_in_a_part_are_found():
    part = details("x").replace(
        "<RltdPties>", '<AmtDtls><TxAmt><Amt Ccy="EUR">10.00</Amt></TxAmt></AmtDtls><RltdPties>'
    )

    assert [line.amount.minor for line in read(camt(entry(details=part * 2))).received] == [1000, 1000]


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "no column"),
        (b"<", "no sound XML"),
        (BOMB, "no sound XML"),
        (READ, "no sound XML"),
        ("<Document/>", "one account"),
        (camt(entry()).replace(b"</Stmt>", b"</Stmt><Stmt/>"), "one account"),
        (camt(entry(amount="x")), "an amount in entry 1"),
        (camt(entry(amount="1e5")), "an amount in entry 1"),
        (camt(entry(amount="-5")), "an amount in entry 1"),
        (camt(entry(amount="0.001")), "an amount in entry 1"),
        (camt(entry(amount="9" * 20)), "an amount in entry 1"),
        (camt(entry(), entry("A2", day="yesterday")), "a day in entry 2"),
        (camt(entry().replace('Ccy="EUR"', 'Ccy="XXX"')), "an unknown currency in entry 1"),
        (camt(entry().replace('<Amt Ccy="EUR">20.00</Amt>', "")), "no amount in entry 1"),
        (camt(entry(details=details() * 2)), "no amount in a part of entry 1"),
        (camt(entry(details=details(amount="1.00") * 2)), "do not add up"),
        ("date;amount\n", "no column for text"),
        (CSV + "x;1;EUR;;;;\n", "a day in line 3"),
        (CSV + "2026-11-03;1.000;EUR;;;;\n", "may mean two things"),
        (CSV + "2026-11-03;abc;EUR;;;;\n", "an amount in line 3"),
        (CSV + '2026-11-03;1;EUR;"x\n', "not sound"),
        (CSV + "\0", "more than text"),
        (CSV.encode() + b"\xff\xfe", "UTF-8"),
        (b"x" * (MOST_BYTES + 1), "too large"),
        (CSV + "2026-11-03;1;EUR;;;;\n" * 20_001, "too many lines"),
        (camt("<Ntry/>" * 20_001), "too many entries"),
    ],
)
def test_what_is_not_sound_is_refused_whole(data, why):
    with pytest.raises(BankFileUnreadable) as refused:
        read(data)

    assert why in str(refused.value)


@pytest.mark.parametrize(
    ("amount", "minor"),
    [
        ("20", 2000),
        ("20,5", 2050),
        ("1.234,56", 123456),
        ("1 234,56", 123456),
        ("1,234.56", 123456),
        ("1'234.50", 123450),
        ("1,234,567", 123456700),
    ],
)
def test_amounts_are_read_as_banks_write_them(amount, minor):
    row = CSV.replace("20,00", amount)

    assert read(row).received[0].amount == Money(minor, "eur")


def test_what_went_out_is_left_out_of_a_csv_and_lines_without_a_name_get_one():
    same = "2026-11-03,5.00,Olena\n"
    statement = read("date,amount,text\n" + same + same + "2026-11-04,-7,rent\n\n")
    again = read("date,amount,text\n" + same + same)
    names = [line.entry_reference for line in statement.received]

    assert statement.left_out == 1
    assert len(set(names)) == 2
    assert names == [line.entry_reference for line in again.received]


whole = st.sampled_from([camt(entry(text="hello")), CSV.encode()])


@given(whole, st.integers(0, 900), st.binary(max_size=8), st.integers(0, 40))
@example(camt(entry()), 0, b"", 40)
def test_a_file_that_was_damaged_is_read_or_refused(data, place, noise, cut):
    damaged = data[:place] + noise + data[place + cut :]
    try:
        statement = read(damaged)
    except BankFileUnreadable:
        return

    assert all(line.amount.minor > 0 and line.entry_reference for line in statement.received)


@given(st.binary(max_size=300))
def test_anything_at_all_is_read_or_refused(data):
    with suppress(BankFileUnreadable):
        assert read(data).account == IBAN


def test_the_reason_is_said_in_the_language_that_is_spoken():
    with speaking("uk", "Europe/Kyiv"), pytest.raises(BankFileUnreadable) as refused:
        read("date;amount;text\n2026-11-03;abc;x\n")

    assert refused.value.values["why"] == "незрозуміла сума (рядок 2)"
