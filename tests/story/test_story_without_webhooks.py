"""Webhooks switched off from the first minute, and nobody comes back from the checkout: one reconcile brings all."""

import json
import re
from collections.abc import Iterator

import pytest

from tests.story.newsroom import Newsroom, running_newsroom, wait_until
from tests.story.reader import Reader

pytestmark = [pytest.mark.processes, pytest.mark.timeout(200)]

OLENA, DONOR = "olena@example.org", "donor@example.net"
CARD = "4242424242424242"


@pytest.fixture(scope="module")
def newsroom(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsroom]:
    with running_newsroom(tmp_path_factory.mktemp("silent")) as running:
        running.control("webhooks", mode="drop")
        # The worker compares by itself every hour; the first time must not lie in the middle of the test.
        wait_until(lambda: running.ask("SELECT 1 FROM jobs WHERE kind = 'reconcile' AND done_at IS NOT NULL"))
        yield running


def pay_and_close_the_window(newsroom: Newsroom, reader: Reader) -> None:
    session = re.search(r"cs_\w+", reader.page.url)
    assert session
    newsroom.control(f"checkout/{session[0]}/pay", card=CARD)


def test_what_nobody_told_us_is_found_and_repaired(newsroom):
    olena, donor = Reader(), Reader()
    olena.open(f"{newsroom.membership}/")
    olena.submit("/", tier="friend", interval="month", email=OLENA)
    olena.submit("/subscribe")
    pay_and_close_the_window(newsroom, olena)
    donor.open(f"{newsroom.membership}/?interval=once")
    donor.submit("/", interval="once", amount="20", email=DONOR)
    donor.submit("/donate")
    pay_and_close_the_window(newsroom, donor)
    newsroom.control("advance", seconds=60)
    dry = json.loads(newsroom.flask("reconcile", "--dry-run", "--json").stdout)
    done = newsroom.flask("reconcile", "--json")
    again = json.loads(newsroom.flask("reconcile", "--json").stdout)

    assert dry["left"] == dry["found"] > 0
    assert (done.returncode, json.loads(done.stdout)["found"]) == (0, dry["found"])
    assert again["found"] == 0


def test_a_month_later_the_renewal_is_found_as_well(newsroom):
    newsroom.control("advance", months=1)
    newsroom.control("advance", days=1)

    assert newsroom.flask("reconcile").returncode == 0
    assert json.loads(newsroom.flask("reconcile", "--json").stdout)["found"] == 0


def test_the_end_is_the_same_as_with_webhooks(newsroom):
    olena = Reader()
    olena.open(f"{newsroom.membership}/sign-in")
    code = newsroom.code_for(OLENA, lambda: olena.submit("/sign-in", email=OLENA))
    olena.submit("/sign-in/code", code=code)
    olena.open(f"{newsroom.membership}/account")

    assert "Your next payment is on" in olena.page.words
    assert len(set(re.findall(r"R-\d{4}-\d+", olena.page.html))) == 2
    assert json.loads(newsroom.flask("check", "--json").stdout)["offended"] == 0


def test_the_sandbox_has_spoken_as_stripe_does(newsroom):
    assert newsroom.wrong_shapes() == []
