"""Words, dates and money in the reader's language; one catalogue entry for every sentence."""

from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po

from membership import i18n
from membership.i18n import speaking
from membership.money import Money

ROOT = Path(__file__).parents[2]
CATALOGUE = i18n.CATALOGUES / "uk" / "LC_MESSAGES" / "messages.po"
MOMENT = datetime(2026, 12, 2, 23, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("locale", "amount", "text"),
    [
        ("en", Money(500, "eur"), "€5"),
        ("en", Money(750, "eur"), "€7.50"),
        ("en", Money(-123456, "usd"), "-$1,234.56"),
        ("en", Money(500, "jpy"), "¥500"),
        ("uk", Money(500, "eur"), "5 €"),
    ],
)
def test_money_is_written_as_her_locale_writes_it(locale, amount, text):
    digits = 0 if amount.currency == "jpy" else 2
    with speaking(locale):
        assert i18n.format_money(amount, digits).replace("\xa0", " ") == text


def test_days_are_told_in_the_zone_of_the_publication():
    with speaking("en", "Europe/Kyiv"):
        assert i18n.format_day(MOMENT) == "3 December 2026"
        assert i18n.format_day(MOMENT.date()) == "2 December 2026"
        assert i18n.format_moment(MOMENT) == "3 December 2026, 01:30 (UTC+2)"
        assert i18n.format_moment(MOMENT, has_zone=False) == "3 December 2026, 01:30"
        assert i18n.format_month(MOMENT) == "December 2026"


def test_ukrainian_days_are_written_in_words():
    with speaking("uk", "Europe/Kyiv"):
        assert i18n.format_day(MOMENT) == "3 грудня 2026"


def test_an_unknown_language_becomes_english():
    with speaking("xx"):
        assert i18n.current_locale() == "en"
        assert i18n.said({"en": "Friend", "uk": "Друг"}) == "Friend"


@pytest.mark.parametrize(
    ("accepted", "locale"), [(["uk-UA", "en"], "uk"), (["de"], "en"), ([], "en"), (["en-GB"], "en")]
)
def test_the_browser_s_language_is_heard(accepted, locale):
    assert i18n.best_locale(accepted) == locale


def sentences() -> set[str]:
    """Collect what pages, letters and refusals say, as `make words` does."""
    rules = [(pattern, kind) for pattern, kind in (("membership/**.py", "python"), ("templates/**", "jinja2"))]
    found = extract_from_dir(ROOT, rules, keywords={**DEFAULT_KEYWORDS, "N_": None})
    return {message[0] if isinstance(message, tuple) else message for _, _, message, _, _ in found} - {""}


def test_every_sentence_is_there_in_ukrainian_with_the_same_places():
    catalogue = read_po(BytesIO(CATALOGUE.read_bytes()), "uk")
    written = {message.id[0] if message.pluralizable else message.id: message.string for message in catalogue}
    missing = [sentence for sentence in sentences() if not written.get(sentence) or not all(written[sentence])]
    problems = [str(error) for message in catalogue for error in message.check(catalogue)]

    assert missing == []
    assert problems == []
    assert len(written) > 500
