"""What Stripe takes: parameters are checked against the types of the installed package, endpoint by endpoint."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from itertools import chain
from typing import Any

from membership.sandbox.annotations import PACKAGE, Record, Shape, fields_of, find_record, tree

_FORMATS = {"int": r"-?\d+", "bool": "true|false", "float": r"-?\d+(\.\d+)?", "Decimal": r"-?\d+(\.\d+)?"}
_CALLED = {"int": "integer", "bool": "boolean", "float": "decimal", "Decimal": "decimal"}


class ParamRefused(Exception):
    """A parameter that Stripe would not take, in its words; `code` is None where Stripe gives none."""

    def __init__(self, code: str | None, param: str, message: str) -> None:
        super().__init__(message)
        self.code, self.param, self.message = code, param, message


def check_params(method: str, path: str, params: dict[str, Any]) -> None:
    """Raise ParamRefused unless the endpoint takes these parameters, decoded from the form: nested, all leaves text.

    Says nothing about endpoints that the package does not know.
    """
    for verb, pattern, record in _endpoints("/".join(path.split("/")[:3])):
        if verb == method.lower() and pattern.fullmatch(path):
            _check_record(params, record, "")
            return


@cache
def _endpoints(root: str) -> list[tuple[str, re.Pattern[str], Record]]:
    files = chain(PACKAGE.glob("_*_service.py"), PACKAGE.glob("*/_*_service.py"))
    found = [
        (verb, path, find_record(file, params))
        for file in sorted(files)
        if f'"{root}' in file.read_text()
        for verb, path, params in _requests(tree(file))
    ]
    # A path without places wins over one whose place would swallow its last word.
    found.sort(key=lambda endpoint: endpoint[1].count("{"))
    return [(verb, re.compile(re.sub(r"\{\w+\}", "[^/]+", path)), params) for verb, path, params in found]


def _requests(module: ast.Module) -> Iterator[tuple[str, str, str]]:
    for function in ast.walk(module):
        if isinstance(function, ast.FunctionDef):
            calls = (node for node in ast.walk(function) if isinstance(node, ast.Call))
            for call in calls:
                if ast.unparse(call.func) == "self._request":
                    yield (*_address(call), _params_of(function))


def _address(call: ast.Call) -> tuple[str, str]:
    verb, path = call.args[0], call.args[1]
    template = path.func.value if isinstance(path, ast.Call) and isinstance(path.func, ast.Attribute) else path
    return ast.literal_eval(verb), ast.literal_eval(template)


def _params_of(function: ast.FunctionDef) -> str:
    annotation = next(arg.annotation for arg in function.args.args if arg.arg == "params")
    assert annotation is not None
    return next(
        node.value for node in ast.walk(annotation) if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


def _check_record(value: dict[str, Any], record: Record, at: str) -> None:
    fields = fields_of(record)
    if unknown := [_name(at, name) for name in value if name not in fields]:
        plural = "s" if len(unknown) > 1 else ""
        raise ParamRefused("parameter_unknown", unknown[0], f"Received unknown parameter{plural}: {', '.join(unknown)}")
    for name, shape in fields.items():
        if name in value:
            _check(value[name], shape, _name(at, name))
        elif not shape.is_optional:
            raise ParamRefused("parameter_missing", _name(at, name), f"Missing required param: {_name(at, name)}.")


def _check(value: Any, shape: Shape, at: str) -> None:
    match value:
        case dict():
            _check_object(value, shape, at)
        case list():
            _check_list(value, shape, at)
        case _:
            _check_leaf(str(value), shape, at)


def _check_object(value: dict[str, Any], shape: Shape, at: str) -> None:
    if shape.records:
        _check_record(value, shape.records[0], at)
    elif shape.values:
        for name, inner in value.items():
            # Metadata is free, and an empty value removes a key.
            _check(inner, shape.values | Shape(literals=frozenset({""})), _name(at, name))
    else:
        raise ParamRefused(None, at, f"Invalid {_kind(shape)}: {at} is an object.")


def _check_list(value: list[Any], shape: Shape, at: str) -> None:
    if shape.items is None:
        raise ParamRefused(None, at, f"Invalid {_kind(shape)}: {at} is an array.")
    for number, inner in enumerate(value):
        _check(inner, shape.items, _name(at, str(number)))


def _check_leaf(value: str, shape: Shape, at: str) -> None:
    if value == "" and "" not in shape.literals:
        message = f"You passed an empty string for '{at}'. We assume empty values are an attempt to unset a parameter;"
        raise ParamRefused("parameter_invalid_empty", at, f"{message} however '{at}' cannot be unset.")
    if value in shape.literals or _fits(value, shape):
        return
    if shape.choices:
        *most, last = shape.choices
        words = f"{', '.join(most)}, or {last}" if most else last
        raise ParamRefused(None, at, f"Invalid {at}: must be one of {words}")
    code = "parameter_invalid_integer" if "int" in shape.atoms else None
    raise ParamRefused(code, at, f"Invalid {_kind(shape)}: {value}")


def _fits(value: str, shape: Shape) -> bool:
    if "str" in shape.atoms and not shape.choices:
        return True
    return any(re.fullmatch(_FORMATS[atom], value, re.ASCII) for atom in shape.atoms & _FORMATS.keys())


def _kind(shape: Shape) -> str:
    if shape.items is not None:
        return "array"
    if shape.records or shape.values is not None:
        return "object"
    return next((called for atom, called in _CALLED.items() if atom in shape.atoms), "string")


def _name(at: str, name: str) -> str:
    return f"{at}[{name}]" if at else name
