"""Elections that were held, with their ballots, counted to the figures that others published."""

from collections import Counter
from pathlib import Path

from membership.voting.rules import SCALE, transfer


def read(name):
    """Return the seats and the rankings of a .blt file: candidates and seats, who withdrew, then number and ranking."""
    rows = [line.split() for line in Path(__file__).with_name(f"{name}.blt").read_text().splitlines()]
    withdrawn = {row[0].removeprefix("-") for row in rows[1:] if row[0].startswith("-")}
    ballots = Counter()
    for number, *ranking, end in (row for row in rows[1 : rows.index(["0"])] if len(row) > 1):
        assert end == "0"
        ballots[tuple(one for one in ranking if one not in withdrawn)] += int(number)
    return int(rows[0][1]), ballots


def count(name):
    seats, ballots = read(name)
    candidates = sorted({one for ranking in ballots for one in ranking})
    return transfer(ballots.items(), candidates, seats=seats, seed="s")


def figures(step, *candidates):
    return [f"{step.totals[one] // SCALE}.{step.totals[one] % SCALE:05}" for one in candidates]


def test_a_ward_of_a_scottish_council_elects_whom_it_elected():
    """Kilmarnock South, East Ayrshire, 5 May 2022: three seats, 3,036 valid votes, quota 760.

    The ballots are the preference profile that the returning officer published, as https://github.com/mggg/scot-elex
    keeps it (blt_files/6_cands/east_ayrshire_2022_ward5.blt). Quota, first shares (32.6, 31.4, 20.7 and 12.2 %) and who
    was elected in which round: https://stv.vote/report/gb/scotland/east-ayrshire/2022/05/kilmarnock-south.
    """
    mabon, maitland, todd, bawa = "2", "3", "5", "1"
    counted = count("kilmarnock_south_2022")
    first, second = counted.steps

    assert sum(first.totals.values()) == 3036 * SCALE
    assert counted.quota == 760 * SCALE
    assert [round(first.totals[one] / 3036 / SCALE * 100, 1) for one in (todd, mabon, maitland, bawa)] == [
        *(32.6, 31.4, 20.7, 12.2)
    ]
    assert [first.elected, second.elected] == [[todd, mabon], [maitland]]


def test_a_committee_is_counted_to_the_hundred_thousandth_as_droop_counts_it():
    """Steering committee of the Green Party of the United States, 24 July 2005; candidate 4 had withdrawn.

    Ballots and figures are of Droop by Jonathan Lundell, an independent program with a suite of reference counts:
    https://github.com/jklundell/droop, test/blt/SCw.blt and test/ref/dump/SCw-scotland-fixed-p5-d5.txt.
    """
    shown = ("1", "3", "8")
    counted = count("steering_committee_2005")
    first, *steps = counted.steps
    after = {step.topic: figures(step, *(one for one in shown if one in step.totals)) for step in steps}

    assert counted.quota == 19 * SCALE
    assert figures(first, *shown, "7", "13") == ["13.00000", "14.00000", "2.00000", "35.00000", "21.00000"]
    assert {topic: after[topic] for topic in ("7", "13", "9", "2", "5", "8")} == {
        "7": ["13.91428", "14.45714", "14.79992"],
        "13": ["14.48566", "15.02852", "14.79992"],
        "9": ["14.48566", "15.02852", "16.25706"],
        "2": ["15.58089", "16.02852", "17.35229"],
        "5": ["18.15227", "18.02852", "17.80943"],
        "8": ["21.06655", "18.48566"],
    }
    assert counted.elected == ["7", "13", "1", "3"]
