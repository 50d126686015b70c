"""The WordPress plugin in a real WordPress, with and without a page cache before it."""

import http.client
import json
import re
import subprocess
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
from babel.messages.pofile import read_po
from playwright.sync_api import expect, sync_playwright

from membership import clock
from membership.access import service
from membership.access.service import SiteDraft
from membership.clock import utc_now
from membership.subscriptions.models import SubscriptionStatus
from tests.factories import make_patron, make_price, make_subscription, make_tier
from tests_integrations.press import set_key, wordpress
from tests_integrations.programs import Answer, ask, free_port, running, serving
from tests_integrations.test_nginx import MAIN, NGINX, cookie_of

PAGE_CACHE = """proxy_cache_path {folder}/cache keys_zone=pages:1m;
server {{ listen 127.0.0.1:{port}; location / {{ proxy_pass {site}; proxy_cache pages;
  proxy_set_header Host $proxy_host; proxy_cache_valid 200 10m; add_header X-Cache $upstream_cache_status; }} }}"""
SECRETS = "secret"


class Browser:
    """Keeps cookies of one site, as a reader's browser does."""

    def __init__(self, address: str) -> None:
        self.address, self.cookies = address, {}

    def get(self, path: str) -> Answer:
        return self._send("GET", path)

    def post(self, path: str) -> Answer:
        return self._send("POST", path)

    def _send(self, method: str, path: str) -> Answer:
        connection = http.client.HTTPConnection(urlsplit(self.address).netloc, timeout=20)
        said = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        connection.request(method, path, headers={"Cookie": said} if said else {})
        answer = connection.getresponse()
        for header in answer.headers.get_all("Set-Cookie") or []:
            for name, kept in SimpleCookie(header).items():
                self._keep(name, kept)
        told = {name.lower(): value for name, value in answer.getheaders()}
        found = Answer(answer.status, told, answer.read().decode())
        connection.close()
        return found

    def _keep(self, name, kept) -> None:
        if kept["expires"] and kept.value in ("", "deleted"):
            self.cookies.pop(name, None)
        else:
            self.cookies[name] = kept.value


@pytest.fixture(scope="module")
def port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def press(tmp_path_factory, port):
    with wordpress(tmp_path_factory.mktemp("press"), f"http://127.0.0.1:{port}") as site:
        yield site
        assert site.complaints == ""


@pytest.fixture
def settings(settings, port):
    return settings.model_copy(update={"public_url": f"http://127.0.0.1:{port}"})


@pytest.fixture
def site(press, session, membership):
    """Register the WordPress at a Membership that runs, and give it its key."""
    set_key(press, register(session, press))
    return press


def register(session, press) -> str:
    welcome = f"{press.address}/membership/welcome"
    _, key = service.add_site(session, SiteDraft("daily", "Daily", "aud-daily", (), (welcome,)), utc_now())
    session.commit()
    return key


@pytest.fixture
def member(app, session) -> dict[str, str]:
    tier = make_tier(session, slug="friend", flags=["paywall_free", "vote"])
    return cookie_of(app, session, make_subscription(session, price=make_price(session, tier=tier)).patron)


def taken_in(site, membership, cookie, at=None) -> Browser:
    """Bring a reader through the whole hand-over; return her browser on the site."""
    browser = Browser(at or site.address)
    away = browser.get("/membership/sign-in?back=/river/").headers["location"]
    assert away.startswith(membership)
    back = ask(membership, away.removeprefix(membership), headers=cookie).headers["location"]
    parts = urlsplit(back)
    home = browser.get(f"{parts.path}?{parts.query}")
    assert (home.status, urlsplit(home.headers["location"]).path) == (303, "/river/")
    return browser


@pytest.fixture
def ago(tmp_path):
    """Let Membership's clock be so many seconds behind the site's: the passes that it gives are so old already."""
    offset = tmp_path / "offset"
    clock.follow(offset)
    yield lambda seconds: offset.write_text(str(-seconds))
    clock.follow(None)


def pieces(browser, site, name="river"):
    return browser.get(f"/?rest_route=/membership/v1/pieces/{site.articles[name]}")


def test_a_member_is_taken_in_and_reads_the_closed_piece(site, membership, member):
    browser = taken_in(site, membership, member)
    answer = pieces(browser, site)

    assert "The secret of the river" in answer.text
    assert "no-store" in answer.headers["cache-control"]
    assert browser.cookies["membership_hint"].startswith("active.none.")
    assert "The secret of the block" in pieces(browser, site, "block").text
    assert len(json.loads(pieces(browser, site, "pages").text)["pieces"]) == 2


def test_the_page_is_the_same_for_a_member_and_a_stranger_so_that_any_cache_may_keep_it(site, membership, member):
    browser, stranger = taken_in(site, membership, member), Browser(site.address)
    for name in ("river", "block"):
        hers, others = browser.get(f"/{name}/"), stranger.get(f"/{name}/")
        assert hers.text == others.text
        assert SECRETS not in hers.text
        assert "membership-gate" in hers.text
    assert stranger.cookies == {}


def test_without_a_script_she_reads_on_a_page_that_no_cache_keeps(site, membership, member):
    opened = taken_in(site, membership, member).get("/river/?membership=open")
    closed = Browser(site.address).get("/river/?membership=open")

    assert "The secret of the river" in opened.text
    assert SECRETS not in closed.text
    for answer in (opened, closed):
        assert "no-store" in answer.headers["cache-control"]


def test_a_page_cache_that_keeps_everything_leaks_nothing(site, membership, member, tmp_path):
    port = free_port()
    (tmp_path / "publication.conf").write_text(PAGE_CACHE.format(folder=tmp_path, port=port, site=site.address))
    (tmp_path / "nginx.conf").write_text(MAIN.format(folder=tmp_path))
    command = [NGINX, "-p", str(tmp_path), "-c", str(tmp_path / "nginx.conf"), "-e", "stderr"]
    rest = f"/?rest_route=/membership/v1/pieces/{site.articles['river']}"
    with running(command, port, tmp_path / "nginx.log") as cached:
        hers, stranger = Browser(cached), Browser(cached)
        hers.cookies = taken_in(site, membership, member).cookies
        for path in ("/river/", "/river/?membership=open", rest):
            first, then = hers.get(path), stranger.get(path)
            assert SECRETS not in then.text, path
            assert then.headers["x-cache"] == ("HIT" if path == "/river/" else "MISS")
        assert "The secret" in first.text


@pytest.mark.parametrize("name", ["draft", "locked"])
def test_what_is_not_published_for_all_gives_no_pieces(site, membership, member, name):
    answer = pieces(taken_in(site, membership, member), site, name)

    assert (answer.status, SECRETS in answer.text) == (404, False)


def test_who_holds_nothing_gets_no_pieces(app, session, site, membership):
    guest = taken_in(site, membership, cookie_of(app, session, make_patron(session)))

    assert json.loads(pieces(guest, site).text) == {"is_known": True, "pieces": {}}


@pytest.fixture
def guest(app, session, site, membership, ago):
    """Take a reader in who pays for nothing, half a minute ago; return her browser, and her as a patron."""
    patron = make_patron(session)
    ago(30)
    browser = taken_in(site, membership, cookie_of(app, session, patron))
    ago(0)
    return browser, patron


def start_to_pay(session, patron):
    tier = make_tier(session, slug="friend", flags=["paywall_free", "vote", "no_appeals"])
    subscription = make_subscription(session, price=make_price(session, tier=tier), patron=patron)
    session.commit()
    return subscription


def passes_of(browser) -> str:
    return browser.cookies["membership_reader"]


def test_reading_on_asks_anew_every_five_seconds_at_most(session, site, guest):
    browser, patron = guest
    assert SECRETS not in browser.get("/river/?membership=open").text
    told = passes_of(browser)
    start_to_pay(session, patron)
    assert SECRETS not in browser.get("/river/?membership=open").text, "asked five seconds ago at the latest"
    assert passes_of(browser) == told


def test_who_comes_back_from_paying_reads_on_and_the_page_knows_it(session, site, guest):
    browser, patron = guest
    start_to_pay(session, patron)

    assert "The secret of the river" in browser.get("/river/?membership=open").text
    assert browser.cookies["membership_hint"].startswith("active.none.")


def test_the_site_asks_anew_about_who_comes_back_and_about_nobody_else(session, site, guest):
    browser, patron = guest
    before = passes_of(browser)
    start_to_pay(session, patron)
    for path in ("/river/", f"/?rest_route=/membership/v1/pieces/{site.articles['river']}"):
        browser.get(path)
    assert passes_of(browser) == before, "a page view costs nothing"
    answer = browser.get("/?rest_route=/membership/v1/reader")

    assert json.loads(answer.text) == {"is_known": True}
    assert "no-store" in answer.headers["cache-control"]
    assert "The secret of the river" in pieces(browser, site).text
    assert json.loads(Browser(site.address).get("/?rest_route=/membership/v1/reader").text) == {"is_known": False}


def test_links_to_membership_tell_the_article_only_to_who_follows_them(site, membership):
    page = ask(site.address, "/river/").text
    support = f"{membership}/?from={quote(f'{site.address}/river/', safe='')}"

    assert page.count(f'href="{support}" referrerpolicy="no-referrer"') == 2
    assert "article=" not in page
    assert 'referrerpolicy="no-referrer" src=' in ask(site.address, "/vote/").text


@pytest.mark.parametrize("cookie", ["x", "x.y", "", "e30=.", "bm90aGluZw==.0"])
def test_a_forged_cookie_is_nobody(site, cookie):
    browser = Browser(site.address)
    browser.cookies = {"membership_reader": cookie, "membership_hint": "active.none.paywall_free"}

    assert json.loads(pieces(browser, site).text) == {"is_known": False, "pieces": {}}


WAYS = ("/feed/", "/?rest_route=/wp/v2/posts&per_page=50", "/?s=open", "/", "/?feed=atom", "/category/uncategorized/")


@pytest.mark.parametrize("path", WAYS)
def test_no_other_way_of_wordpress_shows_the_closed_piece(site, path):
    answer = ask(site.address, path)

    assert answer.status == 200
    assert SECRETS not in answer.text.lower()


@pytest.mark.parametrize(
    "path", ["/unclosed/", "/unclosed/2/", "/nested/", "/split/", "/split/2/", "/split/3/", "/group/", "/curly/"]
)
def test_a_gate_that_is_closed_wrongly_or_stands_in_another_shows_nothing(site, path):
    answer = ask(site.address, path)

    assert SECRETS not in answer.text.lower()
    assert "membership-gate" in answer.text or answer.status == 301 or "Last page." in answer.text


def test_what_follows_a_gate_that_is_closed_is_open(site):
    for path in ("/nested/", "/split/", "/curly/"):
        assert "Open end." in ask(site.address, path).text
    assert "Last page." in ask(site.address, "/split/2/").text


def test_a_member_reads_wrongly_closed_pieces_whole_and_an_inner_gate_asks_for_its_own_flag(site, membership, member):
    browser = taken_in(site, membership, member)
    nested, unclosed, split, group = (
        "".join(json.loads(pieces(browser, site, name).text)["pieces"].values())
        for name in ("nested", "unclosed", "split", "group")
    )

    assert "Secret outer." in nested
    assert "Secret after the inner." in nested
    assert "Secret inner." not in nested
    assert 'data-flag="gold"' in nested
    assert "Secret page." in unclosed
    assert "Secret three." in split
    assert "Secret after the group." in group
    assert "Secret three." in browser.get("/split/?membership=open").text


SEARCHES = ("/?s={}", "/?s={}&feed=rss2", "/?rest_route=/wp/v2/posts&search={}", "/?rest_route=/wp/v2/search&search={}")


@pytest.mark.parametrize("search", SEARCHES)
@pytest.mark.parametrize("words", ["ferry", "bank+ferry", "%22Secret+of+the+group%22", "bank+-nowhere+ferry"])
def test_no_search_finds_an_article_by_its_closed_words(site, membership, member, search, words):
    for browser in (Browser(site.address), taken_in(site, membership, member)):
        found = browser.get(search.format(words)).text
        assert f"{site.address}/unclosed/" not in found.replace("\\/", "/")
        assert f"{site.address}/group/" not in found.replace("\\/", "/")


@pytest.mark.parametrize("search", SEARCHES)
@pytest.mark.parametrize("words", ["unclosed", "bank", "bank+-ferry"])
def test_every_search_finds_it_by_its_open_words(site, search, words):
    assert f"{site.address}/unclosed/" in ask(site.address, search.format(words)).text.replace("\\/", "/")


def test_what_was_changed_behind_the_back_of_wordpress_is_found_by_title_alone(site):
    code = f"""require '{site.folder}/site/wp-load.php';
        $content = '[membership_gate]Open bank.[/membership_gate]';
        $wpdb->update($wpdb->posts, ['post_content' => $content], ['ID' => {site.articles["changed"]}]);"""
    assert "/changed/" in ask(site.address, "/?s=meadow").text
    subprocess.run(["php", "-r", code], check=True, capture_output=True, timeout=30)

    assert [f"{site.address}/changed/" in ask(site.address, f"/?s={word}").text for word in ("meadow", "changed")] == [
        False,
        True,
    ]


def test_a_code_that_another_browser_asked_for_takes_nobody_in(site, membership, member):
    browser = Browser(site.address)
    browser.get("/membership/sign-in")
    browser.get("/membership/welcome?code=stolen&state=guessed")

    assert "membership_reader" not in browser.cookies


@pytest.mark.parametrize("back", ["//evil.test", "https://evil.test", "/\\evil.test", "javascript:alert(1)"])
def test_nobody_is_sent_elsewhere(site, membership, member, back):
    browser = Browser(site.address)
    browser.get(f"/membership/sign-in?back={back}")
    home = browser.get("/membership/welcome?code=&state=").headers["location"]

    assert home == f"{site.address}/"


def test_she_leaves_by_a_button_and_not_by_a_link(site, membership, member):
    browser = taken_in(site, membership, member)
    browser.get("/membership/leave")
    assert "The secret" in pieces(browser, site).text
    browser.post("/membership/leave")

    assert "The secret" not in pieces(browser, site).text
    assert not browser.cookies


def test_the_script_of_the_site_gets_her_pass_from_the_site_itself(site, membership, member):
    path = "/?rest_route=/membership/v1/pass"
    hers, others = taken_in(site, membership, member).get(path), Browser(site.address).get(path)

    assert hers.status == 200
    assert json.loads(hers.text)["pass"].count(".") == 2
    assert (others.status, json.loads(others.text)) == (401, {"ask": "full"})
    for answer in (hers, others):
        assert "no-store" in answer.headers["cache-control"]
    assert 'data-pass="' in ask(site.address, "/vote/").text


def test_a_vote_has_a_link_for_whoever_has_no_script(site, membership):
    assert f'<a href="{membership}/vote/winter" ' in ask(site.address, "/vote/").text


def test_without_membership_her_pass_is_good_while_it_lives_and_open_pages_are_open(
    press, app, settings, session, member
):
    set_key(press, register(session, press))
    with serving(app, urlsplit(settings.public_url).port) as address:
        browser = taken_in(press, address, member)

    assert "The secret" in pieces(browser, press).text
    assert Browser(press.address).get("/river/").status == 200, "open pages are open"


@pytest.fixture
def page():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        yield browser.new_page()
        browser.close()


def log_in(page, site) -> None:
    page.goto(f"{site.address}/wp-login.php")
    page.get_by_label("Username or Email Address").fill("editor")
    page.locator("#user_pass").fill("a-long-password")
    page.get_by_role("button", name="Log In").click()


def test_in_a_browser_the_piece_takes_the_place_of_the_wall_and_the_appeal_is_gone(site, membership, member, page):
    page.goto(f"{site.address}/river/")
    expect(page.locator(".membership-gate")).to_contain_text("for members")
    expect(page.locator(".membership-appeal")).to_be_visible()

    cookies = taken_in(site, membership, member).cookies
    page.context.add_cookies([{"name": name, "value": value, "url": site.address} for name, value in cookies.items()])
    page.goto(f"{site.address}/river/")
    expect(page.get_by_text("The secret of the river.")).to_be_visible()
    expect(page.locator(".membership-gate")).to_have_count(0)
    expect(page.locator(".membership-appeal")).to_be_hidden()


def visit(page, site, browser, path="/river/") -> None:
    cookies = [{"name": name, "value": value, "url": site.address} for name, value in browser.cookies.items()]
    page.context.add_cookies(cookies)
    page.goto(f"{site.address}{path}")


def test_who_follows_our_link_pays_and_goes_back_reads_on_at_once(session, site, membership, guest, page):
    browser, patron = guest
    asked = []
    page.on("request", lambda request: "membership/v1" in request.url and asked.append(request.url))
    visit(page, site, browser)
    expect(page.get_by_role("link", name="Read on")).to_be_visible()
    assert asked == []

    page.get_by_role("link", name="Become a member").click()
    page.wait_for_url(f"{membership}/**")
    start_to_pay(session, patron)
    page.go_back()
    expect(page.get_by_text("The secret of the river.")).to_be_visible()
    expect(page.locator(".membership-appeal")).to_be_hidden()

    asked.clear()
    page.reload()
    expect(page.get_by_text("The secret of the river.")).to_be_visible()
    assert len(asked) == 1, "for the piece alone"


def test_who_looks_in_at_membership_and_does_not_pay_is_asked_about_ever_more_seldom(site, membership, guest, page):
    asked = []
    page.on("request", lambda request: "membership/v1" in request.url and asked.append(request.url))
    visit(page, site, guest[0])
    page.get_by_role("link", name="Support us").click()
    page.wait_for_url(f"{membership}/**")
    for _ in range(3):
        page.goto(f"{site.address}/river/")

    assert len(asked) == 1


def test_who_stops_paying_is_asked_again_when_her_pass_has_ended(app, session, site, membership, ago, page):
    patron = make_patron(session)
    ago(630)
    subscription = start_to_pay(session, patron)
    browser = taken_in(site, membership, cookie_of(app, session, patron))
    ago(0)
    subscription.status = SubscriptionStatus.ENDED
    subscription.ended_at = clock.utc_now()
    session.commit()
    visit(page, site, browser)

    expect(page.locator(".membership-appeal")).to_be_visible()
    expect(page.locator(".membership-gate")).to_be_visible()


def test_the_newsroom_connects_the_site_on_a_page_that_never_shows_the_key(site, session, membership, page):
    log_in(page, site)
    page.goto(f"{site.address}/wp-admin/options-general.php?page=membership")
    expect(page.get_by_text("It works")).to_be_visible()
    expect(page.get_by_label("Key of this site")).to_have_value("")
    assert f"--return-url {site.address}/membership/welcome" in page.content()

    page.get_by_label("Key of this site").fill("nonsense")
    page.get_by_role("button", name="Save Changes").click()
    expect(page.get_by_text("Membership does not know this key.")).to_be_visible()
    page.get_by_label("Address of Membership").fill("http://127.0.0.1:9")
    page.get_by_role("button", name="Save Changes").click()
    expect(page.get_by_text("Membership does not answer at this address.")).to_be_visible()
    page.get_by_label("Address of Membership").fill(membership)
    page.get_by_role("button", name="Save Changes").click()


def test_the_blocks_can_be_put_into_an_article(site, page):
    log_in(page, site)
    page.goto(f"{site.address}/wp-admin/post.php?post={site.articles['block']}&action=edit")
    page.wait_for_function("window.wp?.data?.select('core/block-editor')?.getBlocks().length > 0")

    blocks = "wp.data.select('core/block-editor').getBlocks().map((one) => [one.name, one.isValid])"
    assert page.evaluate(blocks) == [["membership/gate", True]]
    assert page.get_by_text("is not closed").count() == 0


def test_the_editor_is_told_of_a_gate_that_is_not_closed(site, page):
    log_in(page, site)
    page.goto(f"{site.address}/wp-admin/post.php?post={site.articles['group']}&action=edit")

    expect(page.locator(".components-notice").get_by_text("A piece for members is not closed")).to_be_visible()


def test_every_sentence_of_the_plugin_has_its_ukrainian():
    plugin = Path(__file__).parents[1] / "integrations" / "wordpress" / "membership"
    with (plugin / "languages" / "membership-uk.po").open("rb") as written:
        known = {message.id for message in read_po(written) if message.string}
    words = re.compile(r"(?:__|esc_html__)\(\s*[\"'](.+?)[\"'], [\"']membership[\"']\)")
    said = {sentence for source in plugin.rglob("*.php") for sentence in words.findall(source.read_text())}

    assert len(said) > 15
    assert said <= known
