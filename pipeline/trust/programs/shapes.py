"""What an expression of a random program stands for: data of one type, a function, a container of
functions.

`pipeline.ir.types` has first-order types only, as functions are gone before types are inferred. A
generator must know beforehand what fits where, so this module runs a program on *shapes* as the
passes `resolve` and `infer` run it on symbols and types: a function is what it gives for the shapes
it is called with. The table's rows are asked with `passes.infer.choose`, so that the rules for data
are written once. Where a shape can't tell what the passes will make of a call the call is
`Untyped`; where it errs the front end rejects the program, which costs a draw.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pipeline.ir.coerce import bind, join
from pipeline.ir.types import (
    BOOLEAN,
    INTEGER,
    Type,
    parse_type,
    set_of,
    tuple_of,
    two,
)
from pipeline.primitives.row import Primitive
from pipeline.primitives.table import TABLE
from pipeline.trust.programs.rows import LONGEST, row_result


@dataclass(frozen=True, slots=True, eq=False)
class Fun:
    """A function value: the shape of its result from the shapes of its arguments."""

    arity: int
    result: Callable[..., Any]


@dataclass(frozen=True, slots=True, eq=False)
class Box:
    """A container with functions in it, each element known."""

    is_set: bool
    items: tuple[Any, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Open:
    """A container with functions in its elements, as many as the data says."""

    is_set: bool
    element: Any


@dataclass(frozen=True, slots=True, eq=False)
class Alt:
    """One of several shapes that hold functions; the data says which."""

    items: tuple[Any, ...]


Shape = Type | Fun | Box | Open | Alt


class Untyped(Exception):
    """A call that has no shape."""


_KEYED = {
    "sfilter": "keep_by",
    "order": "order_by",
    "argmax": "argmax_by",
    "argmin": "argmin_by",
    "valmax": "max_by",
    "valmin": "min_by",
}


def element_of(container: Shape) -> Shape | None:
    """The shape of a container's elements, None if it is no container."""
    if isinstance(container, Open):
        return container.element
    if isinstance(container, Box):
        return _any_of(container.items)
    if not isinstance(container, Type):
        return None
    bindings: dict[str, Type] = {}
    for text in ("Tuple[a]", "Set[a]"):
        if container.head in ("Tuple", "Set", "Two", "Grid") and bind(
            parse_type(text), container, bindings
        ):
            return bindings.get("a")
    return None


def is_data(shape: Any) -> bool:
    """Whether there are no functions in it."""
    return isinstance(shape, Type)


def is_container(shape: Any) -> bool:
    """Whether it is a tuple or set of data."""
    return isinstance(shape, Type) and shape.head in ("Tuple", "Set")


def is_key(shape: Any) -> bool:
    """Whether containers can be ordered by it."""
    return isinstance(shape, Type)


# -- calls


def call(function: Shape, *args: Shape) -> Shape:
    """The shape of a call of a function value."""
    if isinstance(function, Alt):
        return joined([call(item, *args) for item in function.items])
    if not isinstance(function, Fun) or function.arity != len(args):
        raise Untyped
    return function.result(*args)


def joined(shapes: list[Any]) -> Shape:
    """One of several shapes: the common type of data, a choice of the rest."""
    if all(isinstance(s, Type) for s in shapes):
        result: Type | None = shapes[0]
        for shape in shapes[1:]:
            result = join(result, shape) if result is not None else None
        if result is None:
            raise Untyped
        return result
    if any(isinstance(s, Type) for s in shapes):
        raise Untyped
    return Alt(tuple(shapes))


def _any_of(items: tuple[Any, ...]) -> Shape | None:
    if len(items) == 1:
        return items[0]
    try:
        return joined(list(items))
    except Untyped:
        return None


def arity_of(function: Shape) -> int:
    """How many arguments a function takes."""
    if isinstance(function, Alt):
        arities = {arity_of(item) for item in function.items}
        if len(arities) != 1:
            raise Untyped
        return arities.pop()
    if not isinstance(function, Fun):
        raise Untyped
    return function.arity


def row_function(row: Primitive) -> Fun:
    """A primitive as a function value."""
    return Fun(row.arity, lambda *args: primitive(row.name, *args))


def primitive(name: str, *args: Shape) -> Shape:
    """The shape of a call of a primitive; raises Untyped."""
    special = _SPECIAL.get(name)
    if special is not None:
        return special(*args)
    if TABLE[name].merges:
        return primitive("merge", primitive(TABLE[name].merges, *args))
    if name in _KEYED:
        container, function = args
        return _keyed(_KEYED[name], container, lambda e: call(function, e))
    for arg in args:
        if not isinstance(arg, Type):
            return _on_functions(name, args)
    return _row(name, *args)


def _row(name: str, *args: Any) -> Type:
    for arg in args:
        if not isinstance(arg, Type):
            raise Untyped
    answer = row_result(name, args)
    if answer is None:
        raise Untyped
    return answer[0]


def _data(shape: Shape) -> Type:
    if not isinstance(shape, Type):
        raise Untyped
    return shape


def _compose(outer: Shape, inner: Shape) -> Fun:
    return Fun(1, lambda x: call(outer, call(inner, x)))


def _chain(h: Shape, g: Shape, f: Shape) -> Fun:
    return Fun(1, lambda x: call(h, call(g, call(f, x))))


def _fork(outer: Shape, a: Shape, b: Shape) -> Fun:
    return Fun(1, lambda x: call(outer, call(a, x), call(b, x)))


def _matcher(function: Shape, target: Shape) -> Fun:
    fixed = _data(target)
    return Fun(1, lambda x: _row("equality", call(function, x), fixed))


def _lbind(function: Shape, fixed: Shape) -> Fun:
    return Fun(_bound_arity(function), lambda *args: call(function, fixed, *args))


def _rbind(function: Shape, fixed: Shape) -> Fun:
    return Fun(_bound_arity(function), lambda *args: call(function, *args, fixed))


def _bound_arity(function: Shape) -> int:
    if not 2 <= arity_of(function) <= 4:
        raise Untyped
    return arity_of(function) - 1


def _power(function: Shape, n: Shape) -> Fun:
    if n not in (INTEGER, BOOLEAN):
        raise Untyped

    def result(x: Shape) -> Shape:
        once = _data(call(function, x))
        if call(function, once) is not once:
            raise Untyped
        return once

    return Fun(1, result)


def _branch(condition: Shape, a: Shape, b: Shape) -> Shape:
    if condition is not BOOLEAN:
        raise Untyped
    if isinstance(a, Type) and isinstance(b, Type):
        return _row("branch", BOOLEAN, a, b)
    return joined([a, b])


def _apply(function: Shape, container: Shape) -> Shape:
    return _map(container, lambda e: call(function, e))


def _map(container: Shape, body: Callable[[Any], Any]) -> Shape:
    if isinstance(container, Alt):
        return joined([_map(item, body) for item in container.items])
    if isinstance(container, Box):
        return pack(container.is_set, [body(item) for item in container.items])
    element = element_of(container)
    if element is None:
        raise Untyped
    result = body(element)
    is_set = container.is_set if isinstance(container, Open) else _data(container).head == "Set"
    if not isinstance(result, Type):
        return Open(is_set, result)
    return _short(set_of(result) if is_set else tuple_of(result))


def _short(type_: Type) -> Type:
    if len(type_.text) > LONGEST:
        raise Untyped
    return type_


def _tuple_element(container: Shape) -> Shape:
    element = element_of(container)
    if element is None or _data(container).head == "Set":
        raise Untyped
    return element


def _papply(function: Shape, a: Shape, b: Shape) -> Shape:
    return _short(tuple_of(_data(call(function, _tuple_element(a), _tuple_element(b)))))


def _prapply(function: Shape, a: Shape, b: Shape) -> Shape:
    left, right = element_of(_data(a)), element_of(_data(b))
    if left is None or right is None:
        raise Untyped
    return _short(set_of(_data(call(function, left, right))))


def _keyed(name: str, container: Shape, body: Callable[[Any], Any]) -> Shape:
    if isinstance(container, Alt):
        return joined([_keyed(name, item, body) for item in container.items])
    if isinstance(container, Type):
        element = element_of(container)
        if element is None:
            raise Untyped
        return _row(name, container, tuple_of(_key(name, body(element))))
    if isinstance(container, Fun):
        raise Untyped
    if isinstance(container, Box):
        key = joined([_key(name, body(item)) for item in container.items])
        element = joined(list(container.items))
    else:
        key, element = _key(name, body(container.element)), container.element
    if name in ("max_by", "min_by"):
        return key
    if name in ("argmax_by", "argmin_by"):
        return element
    return Open(container.is_set and name == "keep_by", element)


def _key(name: str, key: Any) -> Type:
    if not is_key(key) or (name == "keep_by" and key is not BOOLEAN):
        raise Untyped
    return key


def _extract(container: Shape, condition: Shape) -> Shape:
    if isinstance(container, Alt):
        return joined([_extract(item, condition) for item in container.items])
    elements = container.items if isinstance(container, Box) else (element_of(container),)
    if any(e is None or call(condition, e) is not BOOLEAN for e in elements):
        raise Untyped
    return joined(list(elements))


_SPECIAL: dict[str, Callable[..., Any]] = {
    "identity": lambda x: x,
    "branch": _branch,
    "compose": _compose,
    "chain": _chain,
    "fork": _fork,
    "matcher": _matcher,
    "lbind": _lbind,
    "rbind": _rbind,
    "power": _power,
    "apply": _apply,
    "rapply": lambda functions, value: _map(functions, lambda f: call(f, value)),
    "papply": _papply,
    "prapply": _prapply,
    "extract": _extract,
}


# -- containers of functions


def pack(is_set: bool, items: list[Any]) -> Shape:
    """A tuple or set of shapes."""
    if not all(isinstance(item, Type) for item in items):
        return Box(is_set, tuple(items))
    if len(items) == 2 and not is_set:
        return two(items[0], items[1])
    element = _data(joined(items))
    return set_of(element) if is_set else tuple_of(element)


def _on_functions(name: str, args: tuple[Any, ...]) -> Shape:
    """A first-order row on arguments of which at least one holds functions."""
    first = args[0]
    if name in ("first", "last", "size", "totuple"):
        return _part(name, first)
    if name == "astuple":
        return Box(False, args)
    if name == "initset":
        return Box(True, args)
    if name == "insert" and isinstance(args[1], Box) and args[1].is_set:
        return Box(True, (first, *args[1].items))
    if name in ("combine", "pair", "product") and isinstance(first, Box):
        return _two_containers(name, first, args[1])
    if name == "product" and isinstance(args[1], Box) and element_of(first) is not None:
        return Open(True, Box(False, (element_of(first), joined(list(args[1].items)))))
    raise Untyped


def _part(name: str, container: Shape) -> Shape:
    if isinstance(container, Alt):
        return joined([_part(name, item) for item in container.items])
    if not isinstance(container, Box | Open):
        raise Untyped
    if name == "size":
        return INTEGER
    if isinstance(container, Open):
        return Open(False, container.element) if name == "totuple" else container.element
    if name == "totuple":
        return Box(False, container.items)
    if container.is_set:
        return joined(list(container.items))
    return container.items[0 if name == "first" else -1]


def _two_containers(name: str, a: Box, b: Shape) -> Shape:
    if isinstance(b, Box):
        if name == "combine":
            return Box(a.is_set, (*a.items, *b.items))
        if name == "pair":
            return Box(False, tuple(Box(False, p) for p in zip(a.items, b.items, strict=False)))
        return Box(True, tuple(Box(False, (i, j)) for j in b.items for i in a.items))
    element = element_of(b)
    if name != "product" or element is None:
        raise Untyped
    return Open(True, Box(False, (joined(list(a.items)), element)))
