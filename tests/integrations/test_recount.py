"""The script with which any reader counts again: the same bytes as the service, by every method."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from membership.voting import rules
from membership.voting.errors import RecordUnreadable
from membership.voting.rules import Method

SCRIPT = Path(__file__).parents[2] / "integrations" / "recount" / "recount.py"
TOPICS = ["ant", "bee", "cat", "dog"]

some = st.lists(st.sampled_from(TOPICS), unique=True, min_size=1)
numbers = st.dictionaries(st.sampled_from(TOPICS), st.integers(1, 5), min_size=1)
MARKS = {
    Method.APPROVAL: some,
    Method.SINGLE: st.sampled_from(TOPICS).map(lambda slug: [slug]),
    Method.RANKED: some,
    Method.SCORE: numbers,
    Method.DOTS: numbers,
}


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location("recount", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def export(method, cast, seats=2, quorum_percent=0):
    ballots = [
        {"receipt": rules.write_receipt(n.to_bytes(10)), "weight": weight, "marks": marks}
        for n, (weight, marks) in enumerate(cast)
    ]
    facts = {
        "format": rules.FORMAT,
        "round": "november",
        "closed_at": "2026-11-10T12:00:00+00:00",
        "method": method.value,
        "seats": seats,
        "tie_seed": "5eed",
        "quorum_percent": quorum_percent,
        "roll": {"members": 40},
        "listed": True,
        "topics": [{"slug": slug, "title": {"uk": "Мурахи"}} for slug in TOPICS],
    }
    return rules.publish(rules.record(facts, ballots), ballots)


@pytest.mark.parametrize("method", Method)
@settings(max_examples=60)
@given(st.data(), st.integers(1, 3), st.sampled_from([0, 20, 50]))
def test_it_gives_the_bytes_of_the_service(script, method, data, seats, quorum):
    cast = data.draw(st.lists(st.tuples(st.integers(1, 3), MARKS[method]), max_size=40))
    published = export(method, cast, seats, quorum)

    assert script.recount(published) == published == rules.recount(published)


HONEST = export(Method.RANKED, [(1, ["ant", "bee"])] * 20 + [(1, ["cat"])] * 9)
NO_RECORDS = [
    *(b"\x89PNG\r\n\x1a\n\x00\xff", b"", b"{}", b"[1]", b"null", b"[" * 100_000, b'{"ballots": [], "method": 1}'),
    *(b"9" * 5000, b"1e400", HONEST[:-200]),
]
BENT = [
    {"seats": -1},
    {"seats": "2"},
    {"topics": [{}]},
    {"roll": {"members": None}},
    {"ballots": [{"receipt": "A", "weight": 10**4000, "marks": ["ant"]}]},
    {"ballots": [{"receipt": "A", "weight": 1, "marks": ["moon"]}]},
    {"ballots": [{"receipt": "A", "weight": 1, "marks": []}]},
    {"ballots": 7},
    {"title": "\ud800"},
]


def run(tmp_path, content):
    path = tmp_path / "result.json"
    path.write_bytes(content)
    return subprocess.run([sys.executable, "-I", str(SCRIPT), str(path)], capture_output=True, text=True, check=False)


def test_a_reader_runs_it_and_is_told(tmp_path):
    bent = json.loads(HONEST)
    bent["tally"]["topics"][0]["weighted"] += 1
    unlisted = rules.canonical(json.loads(HONEST) | {"ballots": None})
    told = [run(tmp_path, content) for content in (HONEST, rules.canonical(bent), unlisted)]

    assert [answer.returncode for answer in told] == [0, 1, 2]
    assert "to the byte" in told[0].stdout
    assert "NOT" in told[1].stdout
    assert "november, which closed at 2026-11-10" in told[0].stdout


@pytest.mark.parametrize("content", [*NO_RECORDS, *(json.dumps(json.loads(HONEST) | bend).encode() for bend in BENT)])
def test_what_is_no_record_is_said_to_be_none(script, tmp_path, capsys, content):
    path = tmp_path / "result.json"
    path.write_bytes(content)

    assert script.main([str(path)]) == 2
    assert capsys.readouterr().out.splitlines()[-1].startswith("Give one file: the record of a vote")
    with pytest.raises(RecordUnreadable, match="not the whole record of a vote"):
        rules.recount(content)


def test_it_asks_for_one_file_that_is_there(script):
    assert [script.main(words) for words in ([], ["a", "b"], ["/nowhere/result.json"])] == [2, 2, 2]


def test_it_is_short_enough_to_be_read():
    assert len(SCRIPT.read_text().splitlines()) < 150
