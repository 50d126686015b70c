"""A result as a picture, for sites that show a link by one; PNG, because few of them take anything else."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from membership.loading import Seldom

if TYPE_CHECKING:
    from PIL import Image, ImageDraw, ImageFont
else:
    Image, ImageDraw, ImageFont = map(Seldom, ("PIL.Image", "PIL.ImageDraw", "PIL.ImageFont"))

FONTS = Path(__file__).parent / "fonts"
WIDTH, HEIGHT, EDGE = 1200, 630, 72
PAPER, INK, SOFT, ACTION, WARM, RULE = "#fbf8f2", "#1c1a17", "#5c564d", "#14518c", "#f2c230", "#ddd5c7"
MOST_BARS, MOST_LINES = 4, 2
ROW, BAR = 74, 22


@dataclass(frozen=True, slots=True)
class Row:
    """A topic in the picture: its title, its share of the best one's votes from 0 to 1, whether it was chosen.

    Without a share, where its figure is kept back, or nobody voted, it has a mark instead of a bar.
    """

    title: str
    share: float | None
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Poster:
    """What a picture says; the same words give the same picture."""

    publication: str
    title: str
    rows: tuple[Row, ...]
    foot: str
    note: str = ""


@lru_cache(maxsize=64)
def draw(poster: Poster) -> bytes:
    """Draw a picture of 1200 by 630, which all social sites take."""
    image = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, 0, WIDTH, 12), fill=WARM)
    pen.text((EDGE, 52), poster.publication, font=_font("DejaVuSans", 26), fill=SOFT)
    top = _write_title(pen, poster.title)
    for number, row in enumerate(poster.rows[:MOST_BARS]):
        _draw_row(pen, row, top + number * ROW)
    pen.line((EDGE, HEIGHT - 84, WIDTH - EDGE, HEIGHT - 84), fill=RULE, width=2)
    pen.text((EDGE, HEIGHT - 76), poster.foot, font=_font("DejaVuSans", 26), fill=SOFT)
    pen.text((EDGE, HEIGHT - 38), poster.note, font=_font("DejaVuSans", 20), fill=SOFT)
    kept = BytesIO()
    image.quantize(64).save(kept, "PNG", optimize=True)
    return kept.getvalue()


def _write_title(pen: "ImageDraw.ImageDraw", title: str) -> int:
    font, y = _font("DejaVuSerif-Bold", 46), 98
    for line in wrap(title, font, MOST_LINES):
        pen.text((EDGE, y), line, font=font, fill=INK)
        y += 58
    return y + 18


def _draw_row(pen: "ImageDraw.ImageDraw", row: Row, top: int) -> None:
    [title] = wrap(row.title, _font("DejaVuSans", 25), 1)
    pen.text((EDGE, top), title, font=_font("DejaVuSans", 25), fill=INK)
    colour = WARM if row.is_chosen else ACTION if row.share is not None else RULE
    width = BAR if row.share is None else max(round((WIDTH - 2 * EDGE) * row.share), 4)
    pen.rectangle((EDGE, top + 38, EDGE + width, top + 38 + BAR), fill=colour)


def wrap(text: str, font: "ImageFont.FreeTypeFont", most: int) -> Sequence[str]:
    """Break a text into as many lines as there is room for; what is left out is told by three dots."""
    lines, words = [""], text.split()
    for word in words:
        longer = f"{lines[-1]} {word}".strip()
        if font.getlength(longer) <= WIDTH - 2 * EDGE:
            lines[-1] = longer
        else:
            lines.append(word)
    kept = [line for line in lines if line][:most] or [""]
    if len([line for line in lines if line]) > most:
        kept[-1] = f"{kept[-1]}…"
    return [_cut(line, font) for line in kept]


def _cut(line: str, font: "ImageFont.FreeTypeFont") -> str:
    while font.getlength(line) > WIDTH - 2 * EDGE:
        line = f"{line[:-2]}…"
    return line


@cache
def _font(name: str, size: int) -> "ImageFont.FreeTypeFont":
    return ImageFont.truetype(FONTS / f"{name}.ttf", size)
