"""The types of the installed `stripe` package, read from its source: they cannot be resolved at run time."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

_SPEC = find_spec("stripe")
PACKAGE = Path(_SPEC.origin if _SPEC and _SPEC.origin else "").parent
ATOMS = frozenset({"str", "int", "float", "bool", "Decimal", "Any"})
OPTIONAL = frozenset({"NotRequired", "Optional"})
TRANSPARENT = frozenset({"Required", "Union", "ClassVar"})


@dataclass(frozen=True)
class Record:
    """A class of the package: its file, and its name with those of the classes around it."""

    path: Path
    names: tuple[str, ...]


@dataclass(frozen=True)
class Shape:
    """Everything that an annotation lets through."""

    atoms: frozenset[str] = frozenset()
    literals: frozenset[object] = frozenset()
    records: tuple[Record, ...] = ()
    items: "Shape | None" = None
    values: "Shape | None" = None
    page: "Shape | None" = None
    is_optional: bool = False

    def __or__(self, other: "Shape") -> "Shape":
        return Shape(
            self.atoms | other.atoms,
            self.literals | other.literals,
            self.records + other.records,
            self.items or other.items,
            self.values or other.values,
            self.page or other.page,
            self.is_optional or other.is_optional,
        )

    @property
    def choices(self) -> list[str]:
        """The words that are allowed, if not all are; beside them the package's `str` only means "more may come"."""
        return sorted(word for word in self.literals if isinstance(word, str) and word)


@cache
def fields_of(record: Record) -> dict[str, Shape]:
    """Return what each field of a class allows."""
    return {
        node.target.id: _shape(node.annotation, record)
        for node in _class(record).body
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
    }


@cache
def tree(path: Path) -> ast.Module:
    """Return the syntax of a file."""
    return ast.parse(path.read_text())


def find_record(path: Path, name: str) -> Record:
    """Return the class that a file defines or imports under a name."""
    if any(node.name == name for node in _classes(tree(path))):
        return Record(path, (name,))
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                if (alias.asname or alias.name) == name:
                    return find_record(_file(node.module), alias.name)
    raise LookupError(f"{path.name} does not know {name}")


def _file(module: str) -> Path:
    path = PACKAGE.joinpath(*module.split(".")[1:])
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def _classes(node: ast.AST) -> Iterator[ast.ClassDef]:
    return (child for child in ast.iter_child_nodes(node) if isinstance(child, ast.ClassDef))


def _class(record: Record) -> ast.ClassDef:
    found: ast.AST = tree(record.path)
    for name in record.names:
        found = next(child for child in _classes(found) if child.name == name)
    assert isinstance(found, ast.ClassDef)
    return found


def _shape(node: ast.expr, around: Record) -> Shape:
    match node:
        case ast.Constant(value=str(text)):
            return _shape(ast.parse(text, mode="eval").body, around)
        case ast.BinOp(left=left, right=right):
            return _shape(left, around) | _shape(right, around)
        case ast.Subscript(value=ast.Name(id=name), slice=inner):
            return _generic(name, inner, around)
        case ast.Name(id=name) if name in ATOMS:
            return Shape(atoms=frozenset({name}))
        case ast.Name(id=name):
            return Shape(records=(_resolve(name, around),))
    raise LookupError(f"{around.path.name}: {ast.unparse(node)} is a kind of type that is not known here")


def _generic(name: str, inner: ast.expr, around: Record) -> Shape:
    parts = inner.elts if isinstance(inner, ast.Tuple) else [inner]
    if name == "Literal":
        return Shape(literals=frozenset(part.value for part in parts if isinstance(part, ast.Constant)))
    shapes = [_shape(part, around) for part in parts]
    match name:
        case "List":
            return Shape(items=shapes[0])
        case "Dict" | "UntypedStripeObject":
            return Shape(values=shapes[-1])
        case "ListObject":
            return Shape(page=shapes[0])
        case "ExpandableField":
            return shapes[0] | Shape(atoms=frozenset({"str"}))
    union = Shape(is_optional=name in OPTIONAL)
    for shape in shapes:
        union |= shape
    return union


def _resolve(name: str, around: Record) -> Record:
    for depth in range(len(around.names), 0, -1):
        inside = Record(around.path, around.names[:depth])
        if any(child.name == name for child in _classes(_class(inside))):
            return Record(around.path, (*inside.names, name))
    return find_record(around.path, name)
