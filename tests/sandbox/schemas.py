"""Whether an answer of the sandbox is what the installed `stripe` package says an answer is."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from membership.sandbox.annotations import PACKAGE, Record, Shape, fields_of

_NAMED = re.compile(r'^class (\w+)\(.*?OBJECT_NAME: ClassVar\[Literal\["([a-z_.]+)"\]\]', re.M | re.S)
_PLAIN = {"str": str, "int": int, "bool": bool, "float": (int, float), "Decimal": str}


def problems(found: dict[str, Any]) -> list[str]:
    """List what is wrong with an answer: missing, unknown or mistaken fields, each by its path."""
    return list(_resource(found, found.get("object", "?")))


@cache
def resources() -> dict[str, Record]:
    """Return the class behind each value of `object`."""
    files = [*PACKAGE.glob("_*.py"), *PACKAGE.glob("*/_*.py")]
    return {name: Record(file, (kind,)) for file in sorted(files) for kind, name in _NAMED.findall(file.read_text())}


def _resource(value: Any, at: str) -> Iterator[str]:
    kind = value.get("object") if isinstance(value, dict) else None
    if kind == "list":
        yield from _list(value, None, at)
    elif not isinstance(kind, str) or kind not in resources():
        yield f"{at}: no such object: {kind}"
    elif value.get("deleted") is True:
        yield from (f"{at}.{name}: unknown beside deleted" for name in value.keys() - {"id", "object", "deleted"})
    else:
        yield from _record(value, resources()[kind], at)
    # The package gives an event's object no type.
    match value:
        case {"object": "event", "data": {"object": dict(about)}}:
            yield from _resource(about, f"{at}.data.object")


def _record(value: dict[str, Any], record: Record, at: str) -> Iterator[str]:
    fields = fields_of(record)
    for name in value.keys() - fields.keys():
        yield f"{at}.{name}: unknown"
    for name, shape in fields.items():
        if name in value:
            yield from _check(value[name], shape, f"{at}.{name}")
        elif not shape.is_optional and name != "OBJECT_NAME":
            yield f"{at}.{name}: missing"


def _check(value: Any, shape: Shape, at: str) -> Iterator[str]:
    match value:
        case None:
            if not shape.is_optional and "Any" not in shape.atoms:
                yield f"{at}: null"
        case list() if shape.items is not None:
            for number, inner in enumerate(value):
                yield from _check(inner, shape.items, f"{at}[{number}]")
        case dict():
            yield from _object(value, shape, at)
        case _ if not _is_plain(value, shape):
            yield f"{at}: {value!r} is not one of {shape.choices or sorted(shape.atoms)}"


def _object(value: dict[str, Any], shape: Shape, at: str) -> Iterator[str]:
    if shape.page is not None:
        yield from _list(value, shape.page, at)
    elif shape.values is not None:
        for name, inner in value.items():
            yield from _check(inner, shape.values, f"{at}.{name}")
    elif "object" in value and any("OBJECT_NAME" in fields_of(record) for record in shape.records):
        if resources().get(str(value["object"])) not in shape.records:
            yield f"{at}: a {value['object']} does not belong here"
        yield from _resource(value, at)
    elif shape.records:
        yield from _record(value, shape.records[0], at)
    elif "Any" not in shape.atoms:
        yield f"{at}: an object does not belong here"


def _list(value: dict[str, Any], shape: Shape | None, at: str) -> Iterator[str]:
    match value:
        case {"object": "list", "data": list(inside), "has_more": bool(), "url": str(), **others} if not others:
            for number, inner in enumerate(inside):
                place = f"{at}[{number}]"
                yield from _resource(inner, place) if shape is None else _check(inner, shape, place)
        case _:
            yield f"{at}: this is no list"


def _is_plain(value: Any, shape: Shape) -> bool:
    if "Any" in shape.atoms or value in tuple(shape.literals):
        return True
    if shape.choices and isinstance(value, str):
        return bool(shape.records)
    if isinstance(value, bool):
        return "bool" in shape.atoms
    return any(isinstance(value, _PLAIN[atom]) for atom in shape.atoms if atom in _PLAIN)
