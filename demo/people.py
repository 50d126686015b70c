"""Sixty invented patrons and how each of them came, gave and stayed; the same on every machine."""

import random
from dataclasses import dataclass

from demo.newsroom import ENGLISH, SOURCES, TIERS, UKRAINIAN

MONTHS = 24
GOOD_CARD = "4242424242424242"
FAILING_CARD = "4000000000000341"
LETTERS = "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя"
SOUNDS = "a b v h g d e ie zh z y i i i k l m n o p r s t u f kh ts ch sh shch _ iu ia"
LATIN = dict(zip(LETTERS, SOUNDS.split(" "), strict=True))


@dataclass(frozen=True)
class Joining:
    """One patron: when she joins (months from the beginning, day of that month), what she gives, how long she stays."""

    name: str
    email: str
    locale: str
    month: int
    day: int
    tier: str
    interval: str
    source: str
    card: str
    stays_months: int | None


@dataclass(frozen=True)
class Gift:
    """One donation without an account."""

    email: str
    locale: str
    month: int
    day: int
    minor: int
    source: str


def plan_joinings(seed: int = 7) -> list[Joining]:
    """Plan all patrons, in the order in which they join; the last but two pay with a card that fails at renewal."""
    chance = random.Random(seed)
    names = [(name, "en") for name in ENGLISH] + [(name, "uk") for name in UKRAINIAN]
    chance.shuffle(names)
    joined = [_join(chance, name, locale) for name, locale in names]
    return sorted(joined, key=lambda one: (one.month, one.day))


def _join(chance: random.Random, name: str, locale: str) -> Joining:
    # More came in later years, as the paper became known; a few pay with a card that will fail.
    month = int(MONTHS * chance.random() ** 0.7)
    is_late = name in {"Clara Dubois", "Ігор Бойко"}
    return Joining(
        name=name,
        email=f"{latin(name)}@example.org",
        locale=locale,
        month=MONTHS - 2 if is_late else month,
        day=26 if is_late else chance.randint(0, 26),
        tier=chance.choices([tier.slug for tier in TIERS], [60, 30, 10])[0],
        interval="month" if is_late else chance.choices(["month", "year"], [80, 20])[0],
        source=chance.choice(SOURCES),
        card=FAILING_CARD if is_late or chance.random() < 0.05 else GOOD_CARD,
        stays_months=chance.randint(2, 14) if chance.random() < 0.2 and name != "Олена Шевчук" else None,
    )


def plan_gifts(seed: int = 11) -> list[Gift]:
    """Plan some forty gifts over the two years, more of them in December."""
    chance = random.Random(seed)
    amounts = [500, 1000, 1500, 2000, 2500, 5000, 7500, 12000]
    return [
        Gift(
            email=f"donor{number}@example.net",
            locale=chance.choice(["en", "uk"]),
            month=month,
            day=chance.randint(0, 26),
            minor=chance.choice(amounts),
            source=chance.choice(SOURCES),
        )
        for number, month in enumerate(sorted(chance.choices(range(MONTHS), k=40)))
    ]


def latin(name: str) -> str:
    """Write a name as the first half of an address."""
    plain = "".join(LATIN.get(char, char) for char in name.lower())
    return "".join(char if char.isascii() and char.isalnum() else "." for char in plain.replace("_", "")).strip(".")
