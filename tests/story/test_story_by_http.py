"""The whole way by plain HTTP, with every process of a newsroom running: no script, no browser."""

import csv
import io
import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.story.newsroom import Newsroom, running_newsroom, wait_until
from tests.story.reader import Reader

pytestmark = [pytest.mark.processes, pytest.mark.timeout(300)]

OLENA = "olena@example.org"
MAKSYM = "maksym@example.org"
DONOR = "donor@example.net"
GOOD, FAILING = "4242424242424242", "4000000000000341"
ARTICLE = "/articles/a-school-without-a-roof"
MEMBERS_ONLY = "/articles/the-quiet-contract"


@pytest.fixture(scope="module")
def newsroom(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsroom]:
    folder: Path = tmp_path_factory.mktemp("newsroom")
    with running_newsroom(folder) as running:
        yield running


@pytest.fixture(scope="module")
def olena() -> Reader:
    return Reader()


@pytest.fixture(scope="module")
def editor() -> Reader:
    return Reader()


def subscribe(newsroom: Newsroom, reader: Reader, email: str, card: str) -> None:
    """From the page that is open in front of her: choose Friend every month, and pay."""
    reader.submit("/", tier="friend", interval="month", email=email)
    assert "Give €5 every month" in reader.page.words
    reader.submit("/subscribe")
    assert reader.page.url.startswith(newsroom.sandbox)
    reader.submit(re.search(r"/c/pay/\w+", reader.page.url)[0], card=card, name="Reader")


def sign_in(newsroom: Newsroom, reader: Reader, email: str) -> None:
    """Sign in by letter, unless an earlier sign-in of hers still lasts."""
    if "Send me the letter" not in reader.open(f"{newsroom.membership}/sign-in").words:
        return
    code = newsroom.code_for(email, lambda: reader.submit("/sign-in", email=email))
    reader.submit("/sign-in/code", code=code)


def test_1_the_appeal_at_the_end_of_an_article_leads_to_the_support_page(newsroom, olena):
    olena.open(newsroom.publication + ARTICLE)
    assert "You could leave now" in olena.page.words

    olena.follow("Support our reporting")
    assert olena.page.url.startswith(newsroom.membership)
    assert ARTICLE in [form["fields"].get("source") for form in olena.page.forms]


def test_2_she_becomes_a_friend_and_is_thanked_truthfully(newsroom, olena):
    newsroom.control("webhooks", mode="hold")
    subscribe(newsroom, olena, OLENA, GOOD)
    assert "Thank you" in olena.page.words
    assert "You give €5 every month" in olena.page.words

    newsroom.control("webhooks", mode="deliver")
    welcome = newsroom.letter(OLENA, "")
    assert "€5" in welcome
    wait_until(lambda: json.loads(newsroom.flask("events", "list", "--json").stdout))


def test_3_she_signs_in_by_the_letter_and_sees_her_membership(newsroom, olena):
    scanner = Reader()
    olena.open(f"{newsroom.membership}/sign-in")
    newsroom.code_for(OLENA, lambda: olena.submit("/sign-in", email=OLENA))
    link = re.search(r"http\S+/sign-in/\S+", newsroom.letters_to(OLENA)[0]["text"])[0]
    for _ in range(3):
        scanner.open(link)
    assert "Sign in as" in scanner.page.words

    olena.open(link)
    olena.submit(link.removeprefix(newsroom.membership))
    olena.open(f"{newsroom.membership}/account")
    assert "You give €5 every month" in olena.page.words
    assert "You read everything and you vote" in olena.page.words


def test_4_the_publication_knows_her_without_asking_for_each_page(newsroom, olena):
    stranger = Reader()
    assert "The rest is for members" in stranger.open(newsroom.publication + MEMBERS_ONLY).words

    olena.open(newsroom.publication + ARTICLE)
    olena.follow("I am already a patron")
    assert "You could leave now" not in olena.page.words
    before = olena.http.get(f"{newsroom.publication}/_requests.json", timeout=10).json()
    for _ in range(20):
        olena.open(newsroom.publication + MEMBERS_ONLY)
    assert "The prosecutor’s office confirmed" in olena.page.words
    assert olena.http.get(f"{newsroom.publication}/_requests.json", timeout=10).json() == before


def test_5_staff_open_a_vote_behind_their_second_factor(newsroom, editor):
    sign_in(newsroom, editor, newsroom.editor)
    editor.open(f"{newsroom.membership}/staff")
    assert "Second step" in editor.page.words
    assert "did not" in editor.submit("/staff/second-factor", code="000000").words.lower() or editor.page.status >= 400
    editor.open(f"{newsroom.membership}/staff")
    editor.submit("/staff/second-factor", code=newsroom.second_factor())
    assert "Overview" in editor.page.words

    now = newsroom.now()
    editor.open(f"{newsroom.membership}/staff/votes/new")
    editor.submit(
        "/staff/votes/new",
        title="What next?",
        slug="what-next",
        intro="Mark what matters to you.",
        seats="1",
        opens_at=(now + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M"),
        closes_at=(now + timedelta(days=8)).strftime("%Y-%m-%dT%H:%M"),
        topics=["school-roofs", "water-quality", "old-market"],
    )
    assert editor.page.status == 200, editor.page.words
    editor.open(f"{newsroom.membership}/staff/votes/rounds/what-next/open")
    editor.submit("/open")
    assert "Open until" in editor.page.words


def test_6_she_votes_changes_her_mind_and_holds_a_receipt_while_the_result_is_sealed(newsroom, olena):
    olena.open(f"{newsroom.membership}/vote/what-next")
    olena.submit("/vote/what-next", marks=["school-roofs"])
    receipt = re.search(r"[A-Z0-9]{4}(-[A-Z0-9]{4}){3}", olena.page.html)[0]
    olena.open(f"{newsroom.membership}/vote/what-next")
    olena.submit("/vote/what-next", marks=["water-quality", "old-market"])
    assert receipt in olena.page.html

    results = Reader().open(f"{newsroom.membership}/vote/what-next/results")
    assert "sealed" in results.words.lower()
    assert "weighted votes" not in results.words
    assert Reader().http.get(f"{newsroom.membership}/vote/what-next/result.json", timeout=10).status_code == 409


def test_7_after_the_close_the_result_is_shown_and_can_be_counted_again(newsroom, editor):
    editor.open(f"{newsroom.membership}/staff/votes/rounds/what-next/close")
    editor.submit("/close", reason="The test is over.")
    told = "1 person was on the roll, and fewer than five voted."
    # Her receipt may be on its way yet; then the worker closes the vote when it is out.
    results = wait_until(lambda: told in Reader().open(f"{newsroom.membership}/vote/what-next/results").words)
    assert results

    assert newsroom.flask("rounds", "recount", "what-next").returncode == 0


def test_8_a_gift_needs_no_account_and_gets_its_receipt(newsroom):
    donor = Reader()
    donor.open(f"{newsroom.membership}/?interval=once&from={newsroom.publication}{ARTICLE}")
    assert "nan" in donor.submit("/", interval="once", amount="nan", email=DONOR).html
    assert donor.page.status == 400
    donor.submit("/", interval="once", amount="12,50", email=DONOR)
    donor.submit("/donate")
    donor.submit(re.search(r"/c/pay/\w+", donor.page.url)[0], card=GOOD, name="Donor")

    assert "You gave €12.50 once" in donor.page.words
    assert "12.50" in newsroom.letter(DONOR, "")


def test_9_the_renewal_is_charged_and_the_period_follows(newsroom, olena):
    newsroom.control("advance", months=1)
    newsroom.control("advance", days=1)
    assert "Send me the letter" not in olena.open(f"{newsroom.membership}/account").words
    wait_until(lambda: len(re.findall(r"R-\d{4}-\d+", olena.open(f"{newsroom.membership}/account").html)) >= 4)
    due = (newsroom.now() + timedelta(days=29)).strftime("%B %Y")

    assert "Your next payment is on" in olena.page.words
    assert due.split()[1] in olena.page.words


def test_10_a_renewal_that_fails_is_late_and_not_cancelled_and_then_access_ends(newsroom):
    maksym = Reader()
    maksym.open(f"{newsroom.membership}/")
    subscribe(newsroom, maksym, MAKSYM, FAILING)
    sign_in(newsroom, maksym, MAKSYM)
    newsroom.control("advance", months=1)
    newsroom.control("advance", days=1)
    late = newsroom.letter(MAKSYM, "late")
    sign_in(newsroom, maksym, MAKSYM)
    assert "cancel" not in late.lower()
    assert "late" in wait_until(lambda: "late" in maksym.open(f"{newsroom.membership}/account").words and "late")
    maksym.open(newsroom.publication + ARTICLE)
    maksym.follow("I am already a patron")
    assert "The prosecutor’s office" in maksym.open(newsroom.publication + MEMBERS_ONLY).words

    newsroom.control("advance", days=20)
    newsroom.letter(MAKSYM, "ended")
    assert "The prosecutor’s office" not in maksym.open(newsroom.publication + MEMBERS_ONLY).words


def test_11_she_stops_in_two_steps_undoes_it_and_stops_again(newsroom, olena):
    sign_in(newsroom, olena, OLENA)
    for _ in range(2):
        olena.open(f"{newsroom.membership}/account/subscription/stop")
        olena.submit("/account/subscription/stop")
        assert "It is ending on" in olena.page.words
        last = olena.page.words
        olena.submit("/account/subscription/continue")
        assert "Your next payment is on" in olena.page.words
    olena.open(f"{newsroom.membership}/account/subscription/stop")
    olena.submit("/account/subscription/stop")
    assert "You read everything" in last

    newsroom.control("advance", months=2)
    sign_in(newsroom, olena, OLENA)
    wait_until(lambda: "ended on" in olena.open(f"{newsroom.membership}/account").words)


def test_12_staff_see_the_gift_in_its_month_and_take_the_rows_away(newsroom, editor):
    sign_in(newsroom, editor, newsroom.editor)
    editor.open(f"{newsroom.membership}/staff")
    editor.submit("/staff/second-factor", code=newsroom.second_factor())
    editor.open(f"{newsroom.membership}/staff/patrons?q={OLENA}")
    editor.follow("No name given")

    assert "Subscribed: Friend" in editor.page.words
    assert "What next?" not in editor.page.words
    editor.open(f"{newsroom.membership}/staff/money?month={newsroom.started:%Y-%m}")
    assert "€17.50" in editor.page.words
    assert ARTICLE.rpartition("/")[2].replace("-", " ") in editor.page.words.lower()
    table = editor.http.get(f"{newsroom.membership}/staff/money/{newsroom.started:%Y-%m}.csv", timeout=10).text
    assert any("12.50" in row for row in csv.reader(io.StringIO(table)))


def test_13_the_books_agree_with_stripe_and_every_invariant_holds(newsroom):
    reconciled = newsroom.flask("reconcile", "--json")
    checked = newsroom.flask("check", "--json")

    assert reconciled.returncode == 0, reconciled.stdout + reconciled.stderr
    assert json.loads(checked.stdout)["offended"] == 0, checked.stdout


def test_14_the_sandbox_has_spoken_as_stripe_does(newsroom):
    assert newsroom.wrong_shapes() == []
