"""The whole way in a real browser: what is shown, what is pressed, and that every page is sound for everyone."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.story.newsroom import Newsroom, running_newsroom, wait_until

pytestmark = [
    pytest.mark.browser,
    pytest.mark.processes,
    pytest.mark.timeout(400),
]

OLENA, DONOR, MAKSYM = "olena@example.org", "donor@example.net", "maksym@example.org"
LONG = "a.reader.with.a.long.name@library.of.a.city.example.org"
GOOD, FAILING = "4242 4242 4242 4242", "4000 0000 0000 0341"
ARTICLE, MEMBERS_ONLY = "/articles/a-school-without-a-roof", "/articles/the-quiet-contract"


class Person:
    """One person in one browser; every page that she opens is checked, and no script may complain."""

    def __init__(self, browser: Browser, **options: object) -> None:
        self.context: BrowserContext = browser.new_context(locale="en-GB", **options)  # type: ignore[arg-type]
        self.page: Page = self.context.new_page()
        self.complaints: list[str] = []
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("request", lambda request: self._only_here(request.url))

    def open(self, url: str) -> None:
        self.page.goto(url)
        self.is_sound()

    def press(self, words: str) -> None:
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=words).first.click()
        self.is_sound()

    def follow(self, words: str) -> None:
        with self.page.expect_navigation():
            self.page.get_by_role("link", name=words).first.click()
        self.is_sound()

    def sees(self, words: str) -> None:
        expect(self.page.locator("body")).to_contain_text(words)

    def does_not_see(self, words: str) -> None:
        expect(self.page.locator("body")).not_to_contain_text(words)

    def is_sound(self) -> None:
        """Axe finds nothing, and nothing is wider than the window."""
        found = Axe().run(self.page)
        assert found.violations_count == 0, f"{self.page.url}\n{found.generate_report()}"
        assert self.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth + 1"), self.page.url

    def _only_here(self, url: str) -> None:
        if not url.startswith(("http://localhost:", "data:")):
            self.complaints.append(f"a request to {url}")


@pytest.fixture(scope="module")
def newsroom(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsroom]:
    folder: Path = tmp_path_factory.mktemp("browser")
    with running_newsroom(folder) as running:
        yield running


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def olena(chromium: Browser) -> Iterator[Person]:
    person = Person(chromium)
    yield person
    assert person.complaints == []


@pytest.fixture(scope="module")
def editor(chromium: Browser) -> Iterator[Person]:
    person = Person(chromium, color_scheme="dark")
    yield person
    assert person.complaints == []


@pytest.fixture
def stranger(chromium: Browser) -> Iterator[Person]:
    person = Person(chromium, viewport={"width": 390, "height": 844}, java_script_enabled=True)
    yield person
    person.context.close()


def sign_in(newsroom: Newsroom, person: Person, email: str) -> None:
    """Sign in by letter, unless an earlier sign-in of hers still lasts."""
    person.open(f"{newsroom.membership}/sign-in")
    if not person.page.get_by_label("E-mail").count():
        return
    person.page.get_by_label("E-mail").fill(email)
    code = newsroom.code_for(email, lambda: person.press("Send me the letter"))
    person.page.get_by_label("Code").fill(code)
    person.press("Sign in")


def pay(person: Person, card: str) -> None:
    person.page.locator("#card").fill(card)
    person.page.locator("#name").fill("A Reader")
    with person.page.expect_navigation():
        person.page.locator("button[type=submit]").click()


def test_1_an_article_ends_with_an_appeal(newsroom, olena):
    olena.open(newsroom.publication + ARTICLE)
    olena.sees("You could leave now")
    olena.follow("Support our reporting")

    olena.sees("Keep this reporting open to everyone")


def test_2_she_becomes_a_friend(newsroom, olena):
    olena.page.get_by_role("radio", name="Friend €5").check()
    olena.page.get_by_label("E-mail").fill(OLENA)
    expect(olena.page.get_by_role("button", name="Give €5 every month")).to_be_visible()
    olena.press("Give €5 every month")
    assert olena.page.url.startswith(newsroom.sandbox)
    pay(olena, GOOD)

    olena.sees("You give €5 every month")
    olena.is_sound()
    assert "€5" in newsroom.letter(OLENA, "")


def test_3_she_signs_in_without_a_password(newsroom, olena):
    sign_in(newsroom, olena, OLENA)
    olena.open(f"{newsroom.membership}/account")

    olena.sees("You give €5 every month. Your next payment is on")


def test_4_the_publication_opens_for_her(newsroom, olena, stranger):
    stranger.open(newsroom.publication + MEMBERS_ONLY)
    stranger.sees("The rest is for members")
    olena.open(newsroom.publication + MEMBERS_ONLY)
    olena.follow("I am already a patron")

    olena.sees("The prosecutor’s office confirmed")
    olena.open(newsroom.publication + ARTICLE)
    olena.does_not_see("You could leave now")


def test_5_the_newsroom_opens_a_vote(newsroom, editor):
    sign_in(newsroom, editor, newsroom.editor)
    editor.open(f"{newsroom.membership}/staff")
    editor.page.get_by_label("Code").fill(newsroom.second_factor())
    editor.press("Continue")
    editor.follow("Votes")
    editor.follow("Prepare a vote")
    editor.page.get_by_label("Title, in English").fill("What next?")
    editor.page.get_by_label("Short name for its address").fill("what-next")
    day = newsroom.now()
    editor.page.get_by_label("Opens, in the publication's time").fill(f"{day + timedelta(days=1):%Y-%m-%dT%H:%M}")
    editor.page.get_by_label("Closes, in the publication's time").fill(f"{day + timedelta(days=8):%Y-%m-%dT%H:%M}")
    for topic in editor.page.locator("input[name=topics]").all()[:3]:
        topic.check()
    editor.press("Prepare the vote")
    editor.follow("Open it now")
    editor.press("Open the vote")

    editor.sees("1 member may vote")


def test_6_she_votes_and_changes_her_mind(newsroom, olena):
    olena.open(f"{newsroom.membership}/vote")
    olena.follow("What next?")
    olena.page.locator("input[name=marks]").first.check()
    olena.press("Cast my ballot")
    receipt = olena.page.locator(".code").inner_text()
    olena.open(f"{newsroom.membership}/vote/what-next")
    olena.page.locator("input[name=marks]").nth(1).check()
    olena.press("Change my choice")

    assert olena.page.locator(".code").inner_text() == receipt
    olena.open(f"{newsroom.membership}/vote/what-next/results")
    olena.sees("Sealed until")


def test_7_after_the_close_everybody_sees_the_result(newsroom, editor, stranger):
    editor.open(f"{newsroom.membership}/staff/votes/rounds/what-next/close")
    editor.page.get_by_label("reason").or_(editor.page.locator("[name=reason]")).first.fill("The test is over.")
    editor.press("Close the vote")

    def is_counted() -> bool:
        stranger.open(f"{newsroom.membership}/vote/what-next/results")
        return "1 person was on the roll, and fewer than five voted." in stranger.page.inner_text("body")

    assert wait_until(is_counted)


def test_8_somebody_gives_once_without_an_account(newsroom, stranger):
    stranger.open(f"{newsroom.membership}/")
    stranger.page.get_by_role("radio", name="Once").check()
    stranger.page.locator("input[name=amount]").fill("12.50")
    stranger.page.get_by_label("E-mail").fill(DONOR)
    stranger.press("Give €12.50 once")
    pay(stranger, GOOD)

    stranger.sees("You gave €12.50 once")
    assert "12.50" in newsroom.letter(DONOR, "")
    assert stranger.complaints == []


def test_9_without_scripts_the_same_way_is_open(newsroom, chromium):
    context = chromium.new_context(java_script_enabled=False, locale="uk-UA")
    page = context.new_page()
    page.goto(f"{newsroom.membership}/")
    page.locator("input[name=email]").fill(MAKSYM)
    page.locator("main form button").first.click()
    page.locator("main form button").first.click()
    page.locator("#card").fill(FAILING)
    page.locator("button[type=submit]").click()

    expect(page.locator("h1")).to_contain_text("Дякуємо")
    context.close()


def test_10_a_month_later_one_pays_and_one_is_late(newsroom, olena):
    newsroom.control("advance", months=1)
    newsroom.control("advance", days=1)
    sign_in(newsroom, olena, OLENA)
    receipts = olena.page.locator("a[href*='/account/receipts/']")
    wait_until(lambda: olena.open(f"{newsroom.membership}/account") or receipts.count() == 2)
    late = wait_until(lambda: next((one for one in newsroom.letters_to(MAKSYM) if "затрим" in one["subject"]), None))

    assert "скасов" not in late["text"]


def test_11_she_stops_in_two_presses_goes_on_and_stops(newsroom, olena):
    for _ in range(2):
        olena.open(f"{newsroom.membership}/account")
        olena.follow("Stop giving")
        olena.press("Stop on")
        olena.sees("It is ending on")
        olena.sees("You read everything and you vote")
        olena.press("Go on giving")
        olena.sees("Your next payment is on")


def test_11_she_may_leave_for_good_by_keyboard_on_a_small_phone(newsroom, olena):
    size = olena.page.viewport_size
    olena.page.set_viewport_size({"width": 320, "height": 640})
    olena.open(f"{newsroom.membership}/account")
    olena.open(f"{newsroom.membership}/account/erase")
    address = olena.page.get_by_label("Write your e-mail address to confirm")
    for _ in range(40):
        olena.page.keyboard.press("Tab")
        if address.evaluate("field => field === document.activeElement"):
            break
    olena.page.keyboard.type("somebody@example.org")
    with olena.page.expect_navigation():
        olena.page.keyboard.press("Enter")

    olena.sees("exactly as it stands above")
    olena.is_sound()
    olena.page.set_viewport_size(size)
    # The browser itself notes that what was sent was refused.
    assert "400" in olena.complaints.pop()


def test_12_the_newsroom_sees_the_money_and_the_patron(newsroom, editor):
    sign_in(newsroom, editor, newsroom.editor)
    editor.open(f"{newsroom.membership}/staff")
    editor.page.get_by_label("Code").fill(newsroom.second_factor())
    editor.press("Continue")
    editor.open(f"{newsroom.membership}/staff/money?month={newsroom.started:%Y-%m}")
    editor.sees("€22.50")
    editor.open(f"{newsroom.membership}/staff/patrons?q=olena")
    with editor.page.expect_navigation():
        editor.page.locator("main tbody a").first.click()
    editor.is_sound()

    assert re.search(r"/staff/patrons/\S+", editor.page.url)
    editor.open(f"{newsroom.membership}/staff/letters")


def test_13_the_newsroom_gives_a_library_seats(newsroom, editor):
    editor.open(f"{newsroom.membership}/staff/groups/new")
    editor.page.get_by_label("Name of the group").fill("City Library")
    editor.page.get_by_label("Seats").fill("3")
    editor.page.get_by_label("E-mail of whoever looks after it").fill(OLENA)
    editor.press("Make the group")

    editor.sees("Taken: 0 of 3. Invited: 0. Free: 3.")


def test_14_its_manager_invites_and_a_reader_takes_a_seat_on_a_small_phone(newsroom, olena, stranger):
    for person in (olena, stranger):
        person.page.set_viewport_size({"width": 320, "height": 640})
    sign_in(newsroom, olena, OLENA)
    olena.open(f"{newsroom.membership}/account")
    olena.follow("City Library")
    olena.page.get_by_label("E-mail addresses, one a line").fill(f"{LONG}\n{DONOR}")
    olena.press("Send the invitations")
    link = re.search(r"\S+/groups/join\S+", newsroom.letter(LONG, "City Library"))
    stranger.open(link[0])
    code = newsroom.code_for(LONG, lambda: stranger.press("Send me the letter"))
    stranger.page.get_by_label("Code").fill(code)
    stranger.press("Sign in")
    stranger.press("Take the seat")

    stranger.sees("You have a seat in the group City Library; it costs you nothing. You read everything and you vote.")
    stranger.follow("Leave the group")
    olena.page.reload()
    olena.sees("has taken the seat")
