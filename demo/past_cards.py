"""What The Open Daily gets past the cards, and what is given to others. Everybody here is invented."""

from dataclasses import dataclass

BANK = {"holder": "The Open Daily", "iban": "DE89370400440532013000", "bic": "COBADEFFXXX"}
WAYS: tuple[tuple[str, str, str, dict[str, str]], ...] = (
    (
        "bank",
        "A transfer costs us nothing at all. Ask for your own reference and write it on the transfer: "
        "so we know that it is yours.",
        "Переказ не коштує нам нічого. Попросіть власний референс і вкажіть його в переказі: "
        "так ми знатимемо, що він ваш.",
        BANK,
    ),
    (
        "paypal",
        "If you prefer PayPal, this page of ours takes any amount. Write your e-mail in the note for a receipt.",
        "Якщо вам зручніший PayPal, на цій нашій сторінці можна дати будь-яку суму. Щоб отримати квитанцію, "
        "вкажіть у примітці свою адресу.",
        {"url": "https://paypal.example/open-daily"},
    ),
    (
        "cheque",
        "Make it out to The Open Daily and send it to 12 Quay Street, Riverton. We write to you when it has cleared.",
        "Випишіть його на The Open Daily і надішліть на адресу: 12 Quay Street, Riverton. "
        "Щойно його зарахують, ми вам напишемо.",
        {},
    ),
    (
        "in_kind",
        "A camera, a desk, an hour of a lawyer: write to desk@open-daily.example what you can spare.",
        "Камера, стіл, година роботи юристки: напишіть на desk@open-daily.example, чим можете поділитися.",
        {},
    ),
    (
        "grant",
        "Foundations reach our publisher at editor@open-daily.example. We name every grant on our pages.",
        "Фонди можуть написати видавцеві: editor@open-daily.example. "
        "Про кожен грант ми розповідаємо на своїх сторінках.",
        {},
    ),
)
FEES = (
    ("card_eea", "1.5", "0.25", "card from the European Economic Area", "картка з Європейської економічної зони"),
    ("card_world", "3.25", "0.25", "card from elsewhere", "картка з іншої країни"),
    ("sepa", "0", "0.35", "SEPA direct debit", "пряме дебетування SEPA"),
)


@dataclass(frozen=True)
class Received:
    """Something that came past the cards."""

    method: str
    amount: str
    days_ago: int
    name: str = ""
    email: str = ""


@dataclass(frozen=True)
class Transfer:
    """A line of the bank's statement, on which somebody has to decide."""

    amount: str
    days_ago: int
    payer: str
    text: str


@dataclass(frozen=True)
class GiftPlan:
    """A membership for somebody else."""

    offer: str
    giver: str
    giver_email: str
    recipient: str
    recipient_email: str
    locale: str
    words: str
    days_ahead: int = 0
    is_accepted: bool = False


PAST_THE_CARDS = (
    Received("grant", "12000", 210, "River Foundation"),
    Received("bank", "250", 95, "Marta Ivanchuk", "marta.ivanchuk@example.net"),
    Received("cheque", "100", 61, "Edith Crane", "edith.crane@example.net"),
    Received("cash", "84.50", 33),
    Received("paypal", "40", 12, "Jonas Weber", "jonas.weber@example.net"),
)
TRANSFERS = (
    Transfer("60,00", 4, "Olivia Hart", "for a year of good reporting"),
    Transfer("25,00", 3, "Олена Шевчук", "на репортажі з Ріки"),
    Transfer("500,00", 2, "Harbour Books GmbH", "thank you for the series on the quay"),
    Transfer("-39,00", 1, "Print shop", "posters"),
)
GIFTS = (
    GiftPlan(
        *("patron:12", "Margaret Doyle", "margaret.doyle@example.net", "Samuel", "samuel.doyle@example.net", "en"),
        "Happy birthday. You always ask what is really going on.",
        is_accepted=True,
    ),
    GiftPlan(
        *("friend:6", "Тарас Гнатюк", "taras.hnatiuk@example.net", "Леся", "lesia.hnatiuk@example.net", "uk"),
        "Щоб ти завжди знала, що діється вдома.",
    ),
    GiftPlan(
        *("friend:3", "Peter Lang", "peter.lang@example.net", "Anna", "anna.lang@example.net", "en"),
        "For the new year.",
        days_ahead=21,
    ),
)
