"""The Open Daily and its patrons: what a believable small newsroom starts with. Everybody here is invented."""

from dataclasses import dataclass

ALL = ["paywall_free", "no_appeals", "vote"]


@dataclass(frozen=True)
class TierPlan:
    slug: str
    name: dict[str, str]
    summary: dict[str, str]
    benefits: dict[str, list[str]]
    flags: list[str]
    weight: int
    month_minor: int
    year_minor: int


TIERS = (
    TierPlan(
        "friend",
        {"en": "Friend", "uk": "Друг"},
        {"en": "A coffee a month", "uk": "Кава на місяць"},
        {
            "en": ["Read everything, without appeals", "Vote on what we cover next"],
            "uk": ["Читайте все, без закликів", "Голосуйте, про що ми пишемо далі"],
        },
        ALL,
        1,
        500,
        5000,
    ),
    TierPlan(
        "patron",
        {"en": "Patron", "uk": "Патрон"},
        {"en": "A day of reporting a year", "uk": "День роботи репортерки на рік"},
        {
            "en": ["All that Friends have", "No advertisements", "Your vote counts twice"],
            "uk": ["Усе, що мають друзі", "Без реклами", "Ваш голос важить удвічі"],
        },
        [*ALL, "no_ads"],
        2,
        1000,
        10000,
    ),
    TierPlan(
        "circle",
        {"en": "Publisher’s circle", "uk": "Коло видавців"},
        {"en": "A whole investigation, shared by ten", "uk": "Ціле розслідування на десятьох"},
        {
            "en": [
                "All that Patrons have",
                "Two evenings a year with the newsroom",
                "Your vote counts three times",
            ],
            "uk": ["Усе, що мають патрони", "Вечір із редакцією двічі на рік", "Ваш голос важить утричі"],
        },
        [*ALL, "no_ads"],
        3,
        2500,
        25000,
    ),
)

STAFF = (
    ("editor@open-daily.example", "Iryna Melnyk", "admin"),
    ("finance@open-daily.example", "Tom Ashworth", "finance"),
    ("desk@open-daily.example", "Daria Koval", "editor"),
)

ENGLISH = [
    "Olivia Hart",
    "James Whitfield",
    "Amelia Stone",
    "Noah Bennett",
    "Grace Fielding",
    "Henry Marsh",
    "Isla Porter",
    "Oscar Lindqvist",
    "Freya Nowak",
    "Leo Fontaine",
    "Maya Rossi",
    "Arthur Pell",
    "Ruby Sharma",
    "Theo Vance",
    "Elsie Brandt",
    "Hugo Silva",
    "Ivy Okafor",
    "Felix Moreau",
    "Nora Keane",
    "Jonas Weber",
    "Clara Dubois",
    "Samuel Otieno",
    "Alma Jensen",
    "Daniel Costa",
    "Ella Murray",
    "Peter Hallam",
    "Lucy Arden",
    "Marcus Boyd",
    "Rosa Delgado",
    "Adam Novak",
]
UKRAINIAN = [
    "Олена Шевчук",
    "Андрій Бондаренко",
    "Марія Ткаченко",
    "Іван Кравчук",
    "Наталія Поліщук",
    "Тарас Лисенко",
    "Софія Руденко",
    "Богдан Мороз",
    "Юлія Савченко",
    "Максим Гончар",
    "Оксана Петренко",
    "Дмитро Клименко",
    "Анна Волошин",
    "Роман Сидоренко",
    "Катерина Білик",
    "Остап Яременко",
    "Вікторія Зінченко",
    "Назар Федорук",
    "Леся Марчук",
    "Павло Онищенко",
    "Христина Дубова",
    "Ярослав Козак",
    "Тетяна Романюк",
    "Віталій Остапчук",
    "Соломія Гнатюк",
    "Євген Панченко",
    "Злата Мельничук",
    "Ігор Бойко",
    "Дарина Левченко",
    "Орест Захарчук",
]

SOURCES = (
    "/articles/the-river-that-was-sold",
    "/articles/who-pays-for-the-night-bus",
    "/articles/a-school-without-a-roof",
    "/articles/the-quiet-contract",
    "",
)


@dataclass(frozen=True)
class TopicPlan:
    slug: str
    title: dict[str, str]
    why: dict[str, str]


PAST_TOPICS = (
    TopicPlan(
        "the-river-that-was-sold",
        {"en": "Who bought the river bank?", "uk": "Хто купив берег річки?"},
        {
            "en": "Three parcels by the water changed hands in one week, and the fence came the week after.",
            "uk": "За один тиждень три ділянки біля води змінили власника, а за наступний виріс паркан.",
        },
    ),
    TopicPlan(
        "night-buses",
        {"en": "Why the night buses stopped", "uk": "Чому зупинилися нічні автобуси"},
        {
            "en": "Nurses and bakers walk home now. The council says that nobody used the line.",
            "uk": "Медсестри й пекарі тепер ходять додому пішки. У раді кажуть, що лінією ніхто не їздив.",
        },
    ),
    TopicPlan(
        "rent-by-the-lake",
        {"en": "Rents by the lake", "uk": "Оренда біля озера"},
        {
            "en": "Flats that families lived in are let by the night. Who allowed it?",
            "uk": "Квартири, де жили родини, здають подобово. Хто це дозволив?",
        },
    ),
)

NEXT_TOPICS = (
    TopicPlan(
        "school-roofs",
        {"en": "Where did the money for school roofs go?", "uk": "Куди поділися гроші на дахи шкіл?"},
        {
            "en": "Four schools were promised new roofs in spring. Two have buckets in the corridor.",
            "uk": "Навесні чотирьом школам обіцяли нові дахи. У двох у коридорі стоять відра.",
        },
    ),
    TopicPlan(
        "water-quality",
        {"en": "What is in our tap water?", "uk": "Що у воді з нашого крана?"},
        {
            "en": "The last independent test was six years ago. We would take samples in every district.",
            "uk": "Останню незалежну перевірку робили шість років тому. Ми взяли б проби в кожному районі.",
        },
    ),
    TopicPlan(
        "empty-clinic",
        {"en": "The clinic that opened without doctors", "uk": "Амбулаторія, що відкрилася без лікарів"},
        {
            "en": "The ribbon was cut in May. The nearest doctor is still forty minutes away.",
            "uk": "Стрічку перерізали в травні. До найближчого лікаря досі сорок хвилин.",
        },
    ),
    TopicPlan(
        "old-market",
        {"en": "Who will get the old market hall?", "uk": "Кому дістанеться старий ринок?"},
        {
            "en": "Traders have until March. The tender has one bidder.",
            "uk": "Торговці мають час до березня. На конкурсі один учасник.",
        },
    ),
)
