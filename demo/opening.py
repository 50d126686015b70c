"""The commands by which a newsroom opens: the same that anybody types."""

import json

from demo.newsroom import NEXT_TOPICS, PAST_TOPICS, STAFF, TIERS, TierPlan, TopicPlan

SITE = "open-daily"


def commands(totp_secret: str) -> list[list[str]]:
    """List the commands that give an empty database its tables, tiers, topics and staff."""
    return [
        ["db", "upgrade"],
        *(_tier(position, tier) for position, tier in enumerate(TIERS)),
        ["stripe", "sync-catalogue"],
        *(["staff", "add", email, "--role", role, "--totp-secret", totp_secret] for email, _, role in STAFF),
        *(_topic(topic) for topic in (*PAST_TOPICS, *NEXT_TOPICS)),
    ]


def site(publication: str) -> list[str]:
    """Return the command that registers the publication's site."""
    where = ["--origin", publication, "--return-url", f"{publication}/welcome", "--audience", publication]
    return ["sites", "add", SITE, "--name", "The Open Daily", *where, "--json"]


def key_in(answer: str) -> str:
    """Return the site's key from what that command answered."""
    key: str = json.loads(answer)["key"]
    return key


def _tier(position: int, tier: TierPlan) -> list[str]:
    options = {
        "--name-en": tier.name["en"],
        "--name-uk": tier.name["uk"],
        "--summary-en": tier.summary["en"],
        "--summary-uk": tier.summary["uk"],
        "--weight": str(tier.weight),
        "--position": str(position),
        "--prices": f"month={tier.month_minor / 100:.2f}eur,year={tier.year_minor / 100:.2f}eur",
    }
    repeated = [("--benefit-en", tier.benefits["en"]), ("--benefit-uk", tier.benefits["uk"]), ("--flag", tier.flags)]
    listed = [part for option, values in repeated for value in values for part in (option, value)]
    return ["tiers", "add", tier.slug, *(part for option in options.items() for part in option), *listed]


def _topic(topic: TopicPlan) -> list[str]:
    texts = {
        "--title-en": topic.title["en"],
        "--title-uk": topic.title["uk"],
        "--why-en": topic.why["en"],
        "--why-uk": topic.why["uk"],
    }
    return ["topics", "add", topic.slug, *(part for text in texts.items() for part in text)]
