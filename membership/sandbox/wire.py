"""Form encoding as Stripe's clients write it: `items[0][price]=…`, booleans as `true`, everything as text."""

import re
from collections.abc import Iterable
from typing import Any

from membership.sandbox.errors import InvalidParam
from membership.sandbox.store import Object

KEY = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")
DEEPEST = 8


def decode(pairs: Iterable[tuple[str, str]]) -> Object:
    """Turn the pairs of a form or query into nested parameters."""
    tree: Object = {}
    for key, value in pairs:
        _put(tree, key, value)
    return {name: _with_lists(name, value) for name, value in tree.items()}


def _put(tree: Object, key: str, value: str) -> None:
    match = KEY.fullmatch(key)
    names = [match[1], *re.findall(r"\[([^\[\]]*)\]", match[2])] if match else []
    if not 0 < len(names) <= DEEPEST:
        raise InvalidParam(f"Invalid parameter name: {key}", param=key)
    for name in names[:-1]:
        tree = tree.setdefault(name or str(len(tree)), {})
        if not isinstance(tree, dict):
            raise InvalidParam(f"Invalid object: {key}", param=key)
    tree[names[-1] or str(len(tree))] = value


def _with_lists(name: str, value: Any) -> Any:
    if not isinstance(value, dict) or name == "metadata":
        return value
    if list(value) == [str(number) for number in range(len(value))]:
        return [_with_lists("", own) for own in value.values()]
    return {own: _with_lists(own, inner) for own, inner in value.items()}


def integer(value: Any, param: str) -> int:
    """Read a whole number."""
    if not re.fullmatch(r"-?\d{1,15}", str(value), re.ASCII):
        raise InvalidParam(f"Invalid integer: {value}", code="parameter_invalid_integer", param=param)
    return int(value)


def flag(value: Any, param: str) -> bool:
    """Read a boolean."""
    if value not in {"true", "false"}:
        raise InvalidParam(f"Invalid boolean: {value}", param=param)
    return bool(value == "true")


def check_url(value: str, param: str) -> str:
    """Refuse what is not an absolute address."""
    if not re.match(r"https?://[^/\s]", value):
        raise InvalidParam("Not a valid URL", code="url_invalid", param=param)
    return value


def check_metadata(metadata: Any) -> dict[str, str]:
    """Refuse more than Stripe keeps: 50 keys of 40 characters, values of 500."""
    given = metadata or {}
    if not isinstance(given, dict) or not all(isinstance(value, str) for value in given.values()):
        raise InvalidParam("Invalid hash", param="metadata")
    if len(given) > 50 or any(len(key) > 40 or len(value) > 500 for key, value in given.items()):
        raise InvalidParam("Metadata can have up to 50 keys of 40 characters, values of 500.", param="metadata")
    return {key: value for key, value in given.items() if value != ""}


def merge_metadata(thing: Object, params: Object) -> None:
    """Add and replace metadata; an empty value takes a key away, empty metadata takes all."""
    if "metadata" not in params:
        return
    given = params["metadata"]
    kept = check_metadata(given)
    thing["metadata"] = {key: value for key, value in thing["metadata"].items() if given and key not in given} | kept


def only(params: Object, names: str) -> None:
    """Refuse parameters that Stripe knows and the sandbox does not: better than to ignore them silently."""
    for name in params:
        if name not in names.split() and name != "expand":
            raise InvalidParam(f"The sandbox does not do this yet: {name}", code="sandbox_unsupported", param=name)


def need(params: Object, name: str) -> Any:
    """Return a parameter that must be there."""
    if name not in params:
        raise InvalidParam(f"Missing required param: {name}.", code="parameter_missing", param=name)
    return params[name]


def texts(params: Object, names: str) -> Object:
    """Return those of the named parameters that were given; an empty text means nothing."""
    return {name: params[name] or None for name in names.split() if name in params}


def flags(params: Object, names: str) -> Object:
    """Return those of the named booleans that were given."""
    return {name: flag(params[name], name) for name in names.split() if name in params}
