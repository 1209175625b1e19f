"""Seeded random plain values of every type, for tests that draw arguments instead of listing them.

    rng = random.Random(7)
    random_value(rng, parse_type("Set[Pair]"))              one value
    concrete = instantiate(row.overloads[0], rng)           no type variable left
    random_arguments(concrete, rng)                         arguments that have something in common
    conforms(value, parse_type("Object"))                   is it a value of this type?

Values are small and collide often; about one container in twenty is empty. Arguments drawn
together share parts and grid shapes more often than chance would have it, for `contained`,
`cellwise` and the like are dull otherwise.
"""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

from pipeline.ir.types import (
    BOOLEAN,
    CELL,
    GRID,
    INTEGER,
    PAIR,
    Type,
    make,
    parse_type,
    set_of,
    tuple_of,
)
from pipeline.primitives.row import Primitive, Signature

SCALE = 8
"""The greatest side of a grid, and about the greatest size of a container."""

_EMPTY = 0.05
_REUSE = 0.3

VARIABLE_TYPES = tuple(
    parse_type(text)
    for text in (
        *["Integer"] * 4,
        *["Pair"] * 2,
        *["Object"] * 2,
        *["Boolean", "Grid", "Cell", "Indices", "Tuple[Integer]", "Set[Integer]"],
        *["(Boolean, Integer)", "(Indices, Integer)", "Tuple[Pair]", "Objects"],
    )
)
"""What a type variable may stand for; repeated ones are likelier."""

KEY_TYPES = tuple(
    parse_type(text)
    for text in (
        *["Integer"] * 3,
        *["Boolean", "Pair", "Cell", "Tuple[Integer]", "(Pair, Integer)", "Tuple[Pair]"],
    )
)
"""What containers are ordered by; repeated ones are likelier."""


def instantiate(signature: Signature, rng: random.Random) -> Signature:
    """The signature with each type variable replaced by one concrete type throughout."""
    bound: dict[str, Type] = {}
    parameters = tuple(_bind(p, bound, rng) for p in signature.parameters)
    return replace(signature, parameters=parameters, result=_bind(signature.result, bound, rng))


def _bind(part: Any, bound: dict[str, Type], rng: random.Random) -> Any:
    """The type, or the function type, with its variables replaced."""
    if isinstance(part, Type):
        return _bind_type(part, bound, rng)
    inner = tuple(_bind(p, bound, rng) for p in part.parameters)
    return replace(part, parameters=inner, result=_bind(part.result, bound, rng))


def _bind_type(type_: Type, bound: dict[str, Type], rng: random.Random) -> Type:
    if not type_.has_variables:
        return type_
    if not type_.args:
        if type_.head not in bound:
            bound[type_.head] = rng.choice(VARIABLE_TYPES)
        return bound[type_.head]
    return make(type_.head, tuple(_bind_type(a, bound, rng) for a in type_.args))


def random_value(rng: random.Random, type_: Type, scale: int = SCALE) -> Any:
    """A value of this concrete type: at most about `scale` elements, or cells a side of a grid."""
    if type_.head in ("Tuple", "Set"):
        return _container(rng, type_, scale)
    if type_ is PAIR:
        return (_coordinate(rng, scale), _coordinate(rng, scale))
    if type_ is CELL:
        return (_colour(rng), (_coordinate(rng, scale), _coordinate(rng, scale)))
    if type_.head == "Two":
        return tuple(random_value(rng, part, scale) for part in type_.args)
    if type_ is GRID:
        return _grid(rng, scale)
    if type_ is BOOLEAN:
        return rng.random() < 0.5
    if type_ is INTEGER:
        return _integer(rng)
    raise ValueError(f"no values of {type_}")


def _container(rng: random.Random, type_: Type, scale: int) -> Any:
    element = type_.args[0]
    make_ = tuple if type_.head == "Tuple" else frozenset
    if rng.random() < _EMPTY:
        return make_()
    deep = element.head in ("Tuple", "Set", "Grid", "Two") and element not in (PAIR, CELL)
    inner = max(1, scale // 2) if deep else scale
    count = rng.randint(1, max(1, scale // 2 if deep else scale))
    values = [random_value(rng, element, inner) for _ in range(count)]
    if element is CELL and rng.random() < 0.85:
        values = [(colour, place) for place, colour in {v[1]: v[0] for v in values}.items()]
    if element is CELL and rng.random() < 0.5:
        values = [(values[0][0], place) for _, place in values]
    return make_(values)


def _grid(rng: random.Random, scale: int) -> tuple[tuple[int, ...], ...]:
    if rng.random() < _EMPTY:
        return rng.choice(((), ((),), ((), (), ())))
    height, width = rng.randint(1, scale), rng.randint(1, scale)
    if rng.random() < 0.2:
        width = height
    return _cells(rng, height, width)


def _cells(rng: random.Random, height: int, width: int) -> tuple[tuple[int, ...], ...]:
    palette = [_colour(rng) for _ in range(rng.randint(1, 4))]
    rows = [[rng.choice(palette) for _ in range(width)] for _ in range(height)]
    if height and rng.random() < 0.3:
        rows[rng.randrange(height)] = [palette[0]] * width
    if width and rng.random() < 0.3:
        place = rng.randrange(width)
        for row in rows:
            row[place] = palette[0]
    return tuple(map(tuple, rows))


def _colour(rng: random.Random) -> int:
    return rng.randint(0, 3) if rng.random() < 0.7 else rng.randint(0, 9)


def _integer(rng: random.Random) -> int:
    return rng.randint(0, 5) if rng.random() < 0.6 else rng.randint(-3, 12)


def _coordinate(rng: random.Random, scale: int) -> int:
    return rng.randrange(scale) if rng.random() < 0.9 else rng.randint(-3, 12)


def random_arguments(signature: Signature, rng: random.Random, scale: int = SCALE) -> tuple:
    """Arguments for a concrete signature without functions, often with parts in common."""
    seen: dict[Type, list[Any]] = {}
    arguments = []
    for type_ in signature.parameters:
        if not isinstance(type_, Type):
            raise ValueError(f"a function parameter: {signature.text}")
        value = _related(rng, type_, seen, scale)
        _remember(value, type_, seen)
        arguments.append(value)
    return tuple(arguments)


def random_call(
    row: Primitive,
    rng: random.Random,
    scale: int = SCALE,
    overloads: tuple[Signature, ...] = (),
) -> tuple[tuple[Any, ...], tuple[Type, ...]]:
    """Arguments for a first-order row, and their types: of keys there is one for each element.

    They are for some of its overloads: those given, else those that are no other row's work.
    """
    own = tuple(s for s, name in zip(row.overloads, row.same_as, strict=False) if not name)
    signature = instantiate(rng.choice(overloads or own or row.overloads), rng)
    arguments = random_arguments(signature, rng, scale)
    types = tuple(p for p in signature.parameters if isinstance(p, Type))
    if row.name == "item_at":  # there is such a place
        container = arguments[0] or (random_value(rng, types[0].args[0], scale),)
        container = container if types[0].head == "Tuple" else frozenset(container)
        return (container, rng.randrange(len(container))), types
    if "keys" not in row.parameters:
        return arguments, types
    key = BOOLEAN if types[1] is tuple_of(BOOLEAN) else rng.choice(KEY_TYPES)
    if types[1].head == "Set":  # the elements are their own keys
        own = random_value(rng, set_of(key), scale)
        more = [random_value(rng, key, scale) for _ in arguments[2:]]
        return (own, own, *more), (set_of(key), set_of(key), *(key for _ in more))
    keys: list[Any] = [random_value(rng, key, max(1, scale // 2)) for _ in arguments[0]]
    if key is INTEGER and keys and rng.random() < _EMPTY:
        keys[rng.randrange(len(keys))] = None
    return (arguments[0], tuple(keys), *arguments[2:]), (types[0], tuple_of(key), *types[2:])


def _related(rng: random.Random, type_: Type, seen: dict[Type, list[Any]], scale: int) -> Any:
    known = seen.get(type_)
    if known and rng.random() < _REUSE:
        return rng.choice(known)
    if type_ is GRID and known and rng.random() < 0.6:
        return _variation(rng, rng.choice(known))
    if type_.head in ("Tuple", "Set") and seen.get(type_.args[0]) and rng.random() < 0.5:
        value = random_value(rng, type_, scale)
        extra = rng.choices(seen[type_.args[0]], k=rng.randint(1, 4))
        if type_.head == "Set":
            return value | frozenset(extra)
        return tuple(rng.sample([*value, *extra], len(value) + len(extra)))
    return random_value(rng, type_, scale)


def _variation(rng: random.Random, grid: tuple[tuple[int, ...], ...]) -> Any:
    """A grid of the same shape with about half of the cells kept."""
    if not grid:
        return grid
    new = _cells(rng, len(grid), len(grid[0]))
    rows = zip(grid, new, strict=True)
    return tuple(tuple(rng.choice(cells) for cells in zip(r, s, strict=True)) for r, s in rows)


def _remember(value: Any, type_: Type, seen: dict[Type, list[Any]]) -> None:
    seen.setdefault(type_, []).append(value)
    if type_.head == "Two":
        for part, part_type in zip(value, type_.args, strict=True):
            _remember(part, part_type, seen)
    elif type_.head in ("Tuple", "Set"):
        for part in sorted(value, key=repr):
            _remember(part, type_.args[0], seen)
    elif type_ is GRID:
        for row in value:
            seen.setdefault(INTEGER, []).extend(row)


def with_missing(rng: random.Random, value: Any, type_: Type, share: float) -> Any:
    """The value, some of its parts None, some two-tuples `()`, some grids ragged."""
    if rng.random() < share:
        return None
    if type_.head == "Two":
        if rng.random() < share:
            return ()
        parts = zip(value, type_.args, strict=True)
        return tuple([with_missing(rng, part, t, share) for part, t in parts])
    if type_.head in ("Tuple", "Set") and rng.random() < 0.5:
        parts_ = [with_missing(rng, part, type_.args[0], share) for part in value]
        return tuple(parts_) if type_.head == "Tuple" else frozenset(parts_)
    if type_ is GRID and value and rng.random() < share:
        return (*value, (*value[0], 1))
    return value


def conforms(value: Any, type_: Type) -> bool:
    """Whether the plain value is one of this concrete type; booleans are no integers."""
    if type_ is BOOLEAN:
        return type(value) is bool
    if type_ is INTEGER:
        return type(value) is int
    if type_ is GRID:
        rows = type(value) is tuple and all(type(r) is tuple for r in value)
        return (
            rows and len(set(map(len, value))) < 2 and all(type(v) is int for r in value for v in r)
        )
    if type_.head == "Two" and value == ():
        return True  # a corner of nothing
    if type_.head == "Two":
        right = type(value) is tuple and len(value) == 2
        return right and all(conforms(v, t) for v, t in zip(value, type_.args, strict=True))
    kind = tuple if type_.head == "Tuple" else frozenset
    return type(value) is kind and all(conforms(v, type_.args[0]) for v in value)
