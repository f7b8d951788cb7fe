"""Reads msgspec Structs as documented shapes: their fields as JSON sees them, and the sentence after each field."""

import ast
import inspect
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from types import ModuleType
from typing import Any

import msgspec
import msgspec.inspect as mi

SCALARS: dict[type[mi.Type], str] = {
    mi.StrType: "string",
    mi.IntType: "number",
    mi.FloatType: "number",
    mi.BoolType: "boolean",
    mi.NoneType: "null",
    mi.AnyType: "unknown",
}


@dataclass(frozen=True, slots=True)
class Field:
    """`name` as on the wire; `doc` is the string literal that follows the field in the source, else empty."""

    name: str
    type: mi.Type
    required: bool
    doc: str


@dataclass(frozen=True, slots=True)
class Shape:
    name: str
    doc: str
    fields: tuple[Field, ...]


def shapes_of(*modules: ModuleType) -> Iterator[type[msgspec.Struct]]:
    """The Structs with fields that each module defines, in the order of the source."""
    for module in modules:
        for value in vars(module).values():
            own = isinstance(value, type) and issubclass(value, msgspec.Struct) and value.__module__ == module.__name__
            if own and value.__struct_fields__:
                yield value


def shape(cls: type[msgspec.Struct]) -> Shape:
    info = mi.type_info(cls)
    assert isinstance(info, mi.StructType)
    docs = _field_docs(cls)
    fields = tuple(Field(each.encode_name, each.type, each.required, docs.get(each.name, "")) for each in info.fields)
    return Shape(cls.__name__, inspect.cleandoc(cls.__dict__.get("__doc__") or ""), fields)


def typescript(kind: mi.Type) -> str:
    """The type as TypeScript writes it."""
    if type(kind) in SCALARS:
        return SCALARS[type(kind)]
    match kind:
        case mi.LiteralType(values=values):
            return " | ".join(_literal(value) for value in values)
        case mi.UnionType(types=types):
            return " | ".join(typescript(each) for each in types)
        case mi.ListType(item_type=item):
            inner = typescript(item)
            return f"({inner})[]" if " " in inner else f"{inner}[]"
        case mi.DictType(value_type=value):
            return f"Record<string, {typescript(value)}>"
        case mi.StructType(cls=cls):
            return cls.__name__
    raise TypeError(f"no TypeScript for {kind}")


def named_in(kind: mi.Type) -> Iterator[type[msgspec.Struct]]:
    """The Structs a type mentions."""
    match kind:
        case mi.StructType(cls=cls):
            yield cls
        case mi.UnionType(types=types):
            for each in types:
                yield from named_in(each)
        case mi.ListType(item_type=item):
            yield from named_in(item)


def reachable(roots: Sequence[type[msgspec.Struct]]) -> set[str]:
    """Names of all Structs that `roots` are or mention, at any depth."""
    seen: set[str] = set()
    waiting = list(roots)
    while waiting:
        cls = waiting.pop()
        if cls.__name__ not in seen:
            seen.add(cls.__name__)
            waiting.extend(found for field in shape(cls).fields for found in named_in(field.type))
    return seen


def _literal(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else f'"{value}"'


def _field_docs(cls: type[msgspec.Struct]) -> dict[str, str]:
    body = _class_bodies(inspect.getsourcefile(cls) or "")[cls.__name__]
    docs: dict[str, str] = {}
    for field, after in itertools.pairwise(body):
        named = isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)
        said = isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant)
        if named and said and isinstance(after.value.value, str):
            docs[field.target.id] = " ".join(after.value.value.split())
    return docs


@cache
def _class_bodies(path: str) -> dict[str, list[ast.stmt]]:
    with open(path, encoding="utf-8") as source:  # noqa: PTH123
        tree = ast.parse(source.read())
    return {node.name: node.body for node in tree.body if isinstance(node, ast.ClassDef)}
