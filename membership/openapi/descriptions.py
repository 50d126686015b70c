"""What a route says of itself, kept on the view; `document.py` reads it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypedDict, TypeVar, Unpack

from flask.typing import ResponseReturnValue
from pydantic import BaseModel

View = TypeVar("View", bound=Callable[..., ResponseReturnValue])


class By(StrEnum):
    """Who may ask."""

    ANYBODY = "anybody"
    KEY = "siteKey"
    READER = "readerCookie"


@dataclass(frozen=True, slots=True)
class Parameter:
    """A part of the path, the query or the headers; `pattern` is what it must match, if not any text will do."""

    words: str
    pattern: str = ""
    is_needed: bool = False


@dataclass(frozen=True, slots=True)
class Description:
    """What a route takes and gives; `gives` is a model, a media type, or nothing for 204."""

    summary: str
    tag: str
    by: By = By.ANYBODY
    takes: type[BaseModel] | None = None
    gives: type[BaseModel] | str | None = None
    is_kept: bool = False
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    statuses: Mapping[int, str] = field(default_factory=dict)


class Said(TypedDict, total=False):
    """What need not be said of every route."""

    by: By
    takes: type[BaseModel]
    gives: type[BaseModel] | str
    is_kept: bool
    parameters: Mapping[str, Parameter]
    statuses: Mapping[int, str]


def described(summary: str, *, tag: str, **said: Unpack[Said]) -> Callable[[View], View]:
    """Describe a route; its docstring is the longer text.

    `parameters` of the path must be among its names; `is_kept` says that it answers 304 to an ETag; `statuses` are
    answers without content beside the usual refusals.
    """
    description = Description(summary, tag, **said)

    def keep(view: View) -> View:
        view.described = description  # type: ignore[attr-defined]
        return view

    return keep
